using Ha.Api.Agent;
using Ha.Api.Problems;
using Ha.Api.Requests;

namespace Ha.Api.Health;

/// <summary>
/// Probes for load balancers and watchers: anonymous, without any detail. A role is claimed by fresh state only.
/// </summary>
internal static class ProbeEndpoints
{
    private static readonly string[] Head = ["HEAD"];
    private static readonly ProblemResult Not = new(ProblemType.NotInRole, ProblemType.NotInRole.Help);

    public static void MapProbes(this WebApplication app)
    {
        var probes = app.MapGroup("").WithTags("Probes").AllowAnonymous();
        probes.MapProbe("/health/live", () => TypedResults.Ok(), "probeLive", "Whether this process answers");
        probes.MapProbe("/health/ready", Ready, "probeReady",
            "Whether this node's API shows the present state: its agent runs and reports");
        probes.MapProbe("/primary", Primary, "probePrimary", "200 when at least one group is active on this node");
        probes.MapProbe("/standby", Standby, "probeStandby",
            "200 when this node is online and no group is active on it");
        probes.MapProbe("/groups/{id}/active", GroupActive, "probeGroupActive",
            "200 when the group is active on this node; slashes in the id have to be percent-encoded");
    }

    private static void MapProbe(this RouteGroupBuilder probes, string path, Delegate answer, string name,
        string summary)
    {
        probes.MapGet(path, answer).WithName(name).WithSummary(summary)
            .WithDescription("Anonymous. 200 or 503, without detail. HEAD is answered as well.")
            .Produces(StatusCodes.Status200OK).WithProblems(ProblemType.NotInRole, ProblemType.TooManyRequests);
        probes.MapMethods(path, Head, answer).ExcludeFromDescription();
    }

    private static IResult Ready(AgentClient agent, TimeProvider clock) => Answer(Fresh(agent, clock) is not null);

    private static IResult Primary(AgentClient agent, TimeProvider clock) =>
        Answer(Fresh(agent, clock) is { } here && here.Groups.Any(candidate => IsActive(candidate, here.Node)));

    private static IResult Standby(AgentClient agent, TimeProvider clock) =>
        Answer(Fresh(agent, clock) is { } here
            && here.Nodes.Any(node => node is { IsLocal: true, State: NodeState.Online })
            && !here.Groups.Any(candidate => candidate.ActiveOn.Contains(here.Node)));

    private static IResult GroupActive(string id, AgentClient agent, TimeProvider clock)
    {
        var groupId = PathId.Decode(id);
        return Answer(Fresh(agent, clock) is { } here
            && here.Groups.Any(candidate => candidate.Id == groupId && IsActive(candidate, here.Node)));
    }

    private static bool IsActive(GroupSnapshot candidate, string node) =>
        candidate.State == GroupState.Active && candidate.ActiveOn.Contains(node);

    private static ClusterSnapshot? Fresh(AgentClient agent, TimeProvider clock) =>
        agent.State is var state && state.IsFresh(clock) ? state.Snapshot : null;

    private static IResult Answer(bool yes) => yes ? TypedResults.Ok() : Not;
}
