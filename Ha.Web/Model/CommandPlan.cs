using Ha.Web.Client;

namespace Ha.Web.Model;

/// <summary>An action that is offered: what its button says, what it will do, and the request it sends.</summary>
/// <param name="Title">Heading of the dialog.</param>
/// <param name="Confirm">The button that does it, named after the effect.</param>
/// <param name="Effects">What will happen, sentence by sentence.</param>
/// <param name="Done">What is told when it has succeeded.</param>
/// <param name="Request">Builds the request from the reason given.</param>
public sealed record CommandPlan(
    string Title, string Confirm, ImmutableArray<string> Effects, string Done, Func<string, ClusterCommand> Request)
{
    private const string ShortOutage =
        "Clients see a short outage: open connections break, new ones work after the move.";

    public static CommandPlan Move(GroupSnapshot group, string to)
    {
        var names = GroupAppearance.Names(group);
        var from = group.ActiveOn.Length == 1 ? group.ActiveOn[0] : null;
        return new CommandPlan(
            $"Move {GroupAppearance.Heading(group)} to {to}?",
            $"Move to {to}",
            [$"Move {names} from {from ?? "where it runs now"} to {to}.", ShortOutage],
            $"{names} moved to {to}.",
            reason => ClusterCommand.Move(group.Id, from, to, reason));
    }

    public static CommandPlan Standby(ClusterSnapshot cluster, NodeSnapshot node)
    {
        var held = cluster.Groups.Where(group => group.ActiveOn.Contains(node.Name)).ToList();
        var others = string.Join(" or ", ReadyNodes(cluster, except: node.Name));
        List<string> effects = [];
        effects.AddRange(held.Select(group => others.Length > 0
            ? $"Move {GroupAppearance.Names(group)} from {node.Name} to {others}."
            : $"Stop {GroupAppearance.Names(group)}: no other node can take it over."));
        effects.Add(held.Count == 0
            ? $"{node.Name} holds nothing now; clients notice nothing."
            : others.Length > 0 ? ShortOutage : "Clients are cut off until a node is online again.");
        effects.Add($"Nothing runs on {node.Name}, and it takes nothing over, until it is brought online again.");
        return new CommandPlan(
            $"Put {node.Name} in standby?",
            $"Put {node.Name} in standby",
            [.. effects],
            $"{node.Name} is in standby.",
            reason => ClusterCommand.SetMode(node.Name, NodeMode.Standby, reason));
    }

    public static CommandPlan Online(ClusterSnapshot cluster, NodeSnapshot node)
    {
        var preferring = cluster.Groups.Where(group => group.PreferredNode == node.Name).ToList();
        List<string> effects = [$"Resources may run on {node.Name} again."];
        effects.AddRange(preferring.Select(group =>
            $"{GroupAppearance.Names(group)} prefers {node.Name}: "
            + "with automatic failback it moves back, with a short outage."));
        return new CommandPlan(
            $"Bring {node.Name} online?",
            $"Bring {node.Name} online",
            [.. effects],
            $"{node.Name} is online.",
            reason => ClusterCommand.SetMode(node.Name, NodeMode.Active, reason));
    }

    public static CommandPlan TakeOver(ClusterSnapshot cluster, NodeSnapshot node)
    {
        var moved = cluster.Groups.Where(group => !group.ActiveOn.Contains(node.Name)).ToList();
        List<string> effects =
        [
            .. moved.Select(group => group.ActiveOn.Length == 0
                ? $"Start {GroupAppearance.Names(group)} on {node.Name}."
                : $"Move {GroupAppearance.Names(group)} from {string.Join(" and ", group.ActiveOn)} to {node.Name}."),
        ];
        effects.Add(ShortOutage);
        return new CommandPlan(
            $"Let {node.Name} take over everything?",
            $"Take over on {node.Name}",
            [.. effects],
            $"{node.Name} has taken over.",
            reason => ClusterCommand.TakeOver(node.Name, reason));
    }

    /// <summary>Nodes that can run resources now, in the order of ha.cf.</summary>
    public static IEnumerable<string> ReadyNodes(ClusterSnapshot cluster, string? except) =>
        cluster.Nodes
            .Where(node => node is { State: NodeState.Online, Mode: NodeMode.Active })
            .Where(node => node.Product != NodeProduct.Heartbeat)
            .Select(node => node.Name)
            .Where(name => name != except);
}
