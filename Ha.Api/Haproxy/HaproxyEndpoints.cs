using System.Text.Json;
using Ha.Api.Agent;
using Ha.Api.Cluster;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ha.Api.Haproxy;

/// <summary>HAProxy as this node reads it, and what operators want of the servers behind it.</summary>
internal static class HaproxyEndpoints
{
    private const string Type = "builtin:haproxy";

    private static readonly KnownQuery OneOfThem =
        new([new KnownParameter("resource", "Id of the builtin:haproxy; needed when there are several.")]);

    public static void MapHaproxy(this RouteGroupBuilder api)
    {
        var haproxy = api.MapGroup("/haproxy").WithTags("HAProxy").WithProblems(ProblemType.NoState,
            ProblemType.AgentRefused, ProblemType.AgentNotRunning, ProblemType.AgentNoAnswer);
        haproxy.MapGet("", All).WithName("getHaproxy")
            .WithSummary("Every HAProxy: what this node reads of its own, what the cluster knows of it everywhere")
            .WithDescription("'live' is read from HAProxy now; 'resources' has states, configurations and their " +
                "differences on all nodes, and what operators want of servers.");
        haproxy.MapGet("/info", Info).WithName("getHaproxyInfo")
            .WithSummary("Process, version and configuration of HAProxy on this node")
            .WithDescription("As 'show info' tells it; frontends and backends are left out.")
            .WithMetadata(OneOfThem).WithProblems(ProblemType.UnknownResource, ProblemType.MalformedRequest);
        haproxy.MapGet("/frontends", Frontends).WithName("listHaproxyFrontends")
            .WithSummary("Frontends of HAProxy on this node")
            .WithDescription("In the order of haproxy.cfg; none where it does not run.")
            .WithMetadata(OneOfThem).WithProblems(ProblemType.UnknownResource, ProblemType.MalformedRequest);
        haproxy.MapGet("/backends", Backends).WithName("listHaproxyBackends")
            .WithSummary("Backends of HAProxy on this node with their servers")
            .WithDescription("In the order of haproxy.cfg; none where it does not run.")
            .WithMetadata(OneOfThem).WithProblems(ProblemType.UnknownResource, ProblemType.MalformedRequest);
        haproxy.MapGet("/servers/{backend}/{server}", Server).WithName("getHaproxyServer")
            .WithSummary("One server as HAProxy on this node sees it")
            .WithDescription("State, weight, checks and traffic.")
            .WithMetadata(OneOfThem).WithProblems(ProblemType.UnknownResource, ProblemType.UnknownServer,
                ProblemType.MalformedRequest);
        haproxy.MapPut("/servers/{backend}/{server}/state", SetState).WithName("setHaproxyServerState")
            .WithSummary("Drain a server, take it out of service, put it back, or change its weight")
            .WithDescription("The cluster keeps it and tells HAProxy again after each start and takeover, on every " +
                "node, until it is taken back or 'until' has come. Answers 202 with an operation to follow.")
            .WithMetadata(TakesIdempotencyKey.Yes)
            .WithProblems(CommandSender.Problems)
            .WithProblems(ProblemType.UnknownResource, ProblemType.WrongResourceType, ProblemType.TooManyIntents,
                ProblemType.KeyReused);
    }

    private static async Task<Results<Ok<HaproxyOverview>, ProblemResult>> All(
        AgentClient agent, CancellationToken cancel) => agent.State.Snapshot is { } snapshot
        ? TypedResults.Ok(new HaproxyOverview(await ReadAsync(agent, cancel), Resources(snapshot)))
        : StateReading.NoState;

    private static async Task<Results<Ok<HaproxyStatus>, ProblemResult>> Info(
        [FromQuery] string? resource, AgentClient agent, CancellationToken cancel) =>
        await FindAsync(resource, agent, cancel) switch
        {
            { Status: { } found } => TypedResults.Ok(found with { Frontends = [], Backends = [] }),
            { Problem: var problem } => problem!,
        };

    private static async Task<Results<Ok<Page<HaproxyFrontend>>, ProblemResult>> Frontends(
        [FromQuery] string? resource, AgentClient agent, CancellationToken cancel) =>
        await FindAsync(resource, agent, cancel) switch
        {
            { Status: { } found } => TypedResults.Ok(new Page<HaproxyFrontend>(found.Frontends, null)),
            { Problem: var problem } => problem!,
        };

    private static async Task<Results<Ok<Page<HaproxyBackend>>, ProblemResult>> Backends(
        [FromQuery] string? resource, AgentClient agent, CancellationToken cancel) =>
        await FindAsync(resource, agent, cancel) switch
        {
            { Status: { } found } => TypedResults.Ok(new Page<HaproxyBackend>(found.Backends, null)),
            { Problem: var problem } => problem!,
        };

    private static async Task<Results<Ok<HaproxyServer>, ProblemResult>> Server(
        string backend, string server, [FromQuery] string? resource, AgentClient agent, CancellationToken cancel)
    {
        var (status, problem) = await FindAsync(resource, agent, cancel);
        if (status is null) return problem!;
        if (!status.IsRunning)
        {
            return new ProblemResult(ProblemType.UnknownServer,
                $"{status.Resource} does not run on {status.Node}, so nothing is known of its servers here.");
        }

        return status.Backends.FirstOrDefault(one => one.Name == backend)?.Servers
            .FirstOrDefault(one => one.Name == server) is { } found
            ? TypedResults.Ok(found)
            : new ProblemResult(ProblemType.UnknownServer, $"{status.Resource} has no server {backend}/{server}.");
    }

    private static async Task<Results<AcceptedOperation, ProblemResult>> SetState(
        string backend, string server, ServerStateChange change, CommandSender commands, HttpContext context)
    {
        var errors = Text.Collect(
            Text.CheckId(change.Resource, "/resource"), Text.CheckReason(change.Reason, "/reason"));
        if (!errors.IsEmpty) return ProblemResult.Malformed(errors);
        var command = CommandSender.Command(context, CommandKind.SetServer, change.Reason) with
        {
            Server = new ServerChange
            {
                Resource = change.Resource, Backend = backend, Server = server, State = change.State,
                Weight = change.Weight, ConfiguredWeight = change.ConfiguredWeight == true, Until = change.Until,
            },
        };
        var fingerprint = $"server {backend}/{server} "
            + JsonSerializer.Serialize(change, HaJson.Default.ServerStateChange);
        return await commands.SendAsync(context, command, fingerprint) switch
        {
            { Accepted: { } accepted } => accepted,
            { Problem: var problem } => problem!,
        };
    }

    private static ImmutableArray<ResourceSnapshot> Resources(ClusterSnapshot snapshot) =>
        [.. snapshot.Groups.SelectMany(group => group.Resources).Where(one => one.Type == Type)];

    private static async Task<ImmutableArray<HaproxyStatus>> ReadAsync(AgentClient agent, CancellationToken cancel) =>
        (await agent.AskAsync(new ControlRequest { Id = 1, Method = ControlMethod.Haproxy }, cancel)).Haproxy ?? [];

    private static async Task<(HaproxyStatus? Status, ProblemResult? Problem)> FindAsync(
        string? resource, AgentClient agent, CancellationToken cancel)
    {
        var live = await ReadAsync(agent, cancel);
        var known = live.IsEmpty ? "none is known on this node"
            : $"there are {string.Join(", ", live.Select(one => one.Resource))}";
        if (resource is null && live.Length > 1)
            return (null, ProblemResult.Malformed([new("?resource", $"Needed when there are several: {known}.")]));
        return live.FirstOrDefault(one => resource is null || one.Resource == resource) is { } found ? (found, null)
            : (null, new ProblemResult(ProblemType.UnknownResource,
                $"There is no {Type}{(resource is null ? "" : $" '{resource}'")} here; {known}."));
    }
}
