using Ha.Api.Agent;
using Ha.Api.Cluster;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Nodes;

internal static class NodeEndpoints
{
    public static void MapNodes(this RouteGroupBuilder api)
    {
        var nodes = api.MapGroup("/nodes").WithTags("Nodes").WithProblems(ProblemType.NoState);
        nodes.MapGet("", List).WithName("listNodes")
            .WithSummary("All configured nodes")
            .WithDescription("In the order of ha.cf, each with the links it is heard by.");
        nodes.MapGet("/{name}", Find).WithName("getNode")
            .WithSummary("One node")
            .WithDescription("State, mode, software and links of one node as this node sees it.")
            .WithProblems(ProblemType.UnknownNode);
        nodes.MapPut("/{name}/mode", SetMode).WithName("setNodeMode")
            .WithSummary("Put a node in standby, or make it active again")
            .WithDescription(
                "Standby moves everything off the node and keeps it off. Answers 202 with an operation to follow, or " +
                "200 with the node when it has that mode already.")
            .WithMetadata(TakesIdempotencyKey.Yes)
            .WithProblems(CommandSender.Problems)
            .WithProblems(ProblemType.UnknownNode, ProblemType.NoOtherNode, ProblemType.ConfigurationDrift,
                ProblemType.KeyReused);
    }

    private static Results<Ok<Page<NodeSnapshot>>, ProblemResult> List(AgentClient agent) =>
        agent.State.Snapshot is { } snapshot
            ? TypedResults.Ok(new Page<NodeSnapshot>(snapshot.Nodes, null))
            : StateReading.NoState;

    private static Results<Ok<NodeSnapshot>, ProblemResult> Find(string name, AgentClient agent)
    {
        if (agent.State.Snapshot is not { } snapshot) return StateReading.NoState;
        return snapshot.Nodes.FirstOrDefault(node => node.Name == name) is { } found
            ? TypedResults.Ok(found) : Unknown(name, snapshot);
    }

    private static async Task<Results<Ok<NodeSnapshot>, AcceptedOperation, ProblemResult>> SetMode(
        string name, ModeChange change, AgentClient agent, OperationLog operations, CommandSender commands,
        HttpContext context, TimeProvider clock)
    {
        var errors = Text.Collect(Text.CheckNode(name, "name"), Text.CheckReason(change.Reason, "/reason"));
        if (!errors.IsEmpty) return ProblemResult.Malformed(errors);
        if (agent.State is not { Snapshot: { } snapshot } state) return StateReading.NoState;
        if (snapshot.Nodes.FirstOrDefault(node => node.Name == name) is not { } node) return Unknown(name, snapshot);
        // Only when nothing is under way: a standby just accepted does not show in the mode yet.
        if (node.Mode == change.Mode && state.IsFresh(clock) && !operations.AnyUnderWay) return TypedResults.Ok(node);
        var kind = change.Mode switch
        {
            NodeMode.Active => CommandKind.Online,
            NodeMode.Standby => CommandKind.Standby,
        };
        var command = CommandSender.Command(context, kind, change.Reason) with
        {
            Node = name, Force = change.Force == true,
        };
        var fingerprint = $"mode {name} {change.Mode} {change.Force == true} {change.Reason}";
        return await commands.SendAsync(context, command, fingerprint) switch
        {
            { Accepted: { } accepted } => accepted,
            { Problem: var problem } => problem!,
        };
    }

    private static ProblemResult Unknown(string name, ClusterSnapshot snapshot) => new(ProblemType.UnknownNode,
        $"There is no node '{name}'; the nodes are {string.Join(", ", snapshot.Nodes.Select(node => node.Name))}.");
}
