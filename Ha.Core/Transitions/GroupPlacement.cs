using Ha.Core.ClusterConfiguration;
using Ha.Core.Policy;
using Ha.Core.Policy.History;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>Where a group belongs, in the words of the node that decided.</summary>
/// <param name="Group">Group id.</param>
/// <param name="Nodes">The chosen nodes; several only for a clone; empty when no node may run it.</param>
/// <param name="Blocked">True when nothing may be done with it until an operator acts.</param>
/// <param name="Reason">The decision in one sentence.</param>
public sealed record GroupPlacement(string Group, ImmutableArray<string> Nodes, bool Blocked, string Reason)
{
    /// <summary>The first of the nodes; null when there is none.</summary>
    public string? Node => Nodes.IsEmpty ? null : Nodes[0];

    /// <summary>Whether both are the same decision, whatever their reasons.</summary>
    public bool IsSameDecision(GroupPlacement other) =>
        Group == other.Group && Blocked == other.Blocked && Nodes.SequenceEqual(other.Nodes);

    /// <summary>Reads the groups' placements from a plan.</summary>
    public static ImmutableArray<GroupPlacement> Read(
        ActiveConfiguration configuration, ClusterState state, ClusterPlan plan) =>
        [.. configuration.Groups.Select(group => Read(configuration, group, state, plan))];

    private static GroupPlacement Read(
        ActiveConfiguration configuration, ResourceGroup group, ClusterState state, ClusterPlan plan)
    {
        var members = plan.Placements.Where(one => IsOf(group, one)).ToList();
        var blocked = members.Find(one => one.Blocked);
        // The first member leads; one that cannot run while the first can is the more urgent news. A clone has a copy
        // for each node: one without a place is none, as long as others have theirs.
        var telling = blocked ?? members.Find(one => (one.Node is null) != group.IsClone) ?? members.FirstOrDefault();
        var leading = group.Resources[0].Id;
        // It has its place, and still nothing of it runs when all is done: something keeps it from starting.
        var ends = plan.EndState.FirstOrDefault(one => one.Resource == leading)?.Nodes ?? [];
        if (ends.IsEmpty && blocked is null && telling?.Node is not null)
            return new GroupPlacement(group.Id, [], Blocked: false, WhyNotNow(configuration, state));
        return new GroupPlacement(group.Id,
            [.. members.Where(one => one.Node is not null && (group.IsClone || IsNamed(one, leading)))
                .Select(one => one.Node!).Distinct()],
            blocked is not null, telling?.Reason ?? "nothing of it is configured");
    }

    private static string WhyNotNow(ActiveConfiguration configuration, ClusterState state)
    {
        if (!state.HaveQuorum)
        {
            var members = state.Nodes.Where(node => node.Presence == NodePresence.Member).Select(node => node.Name);
            return $"there is no quorum: only {string.Join(", ", members)} of {state.Nodes.Length} nodes is here, and "
                + $"no-quorum-policy is {configuration.Model.Options.NoQuorumPolicy.ToString().ToLowerInvariant()}";
        }

        var lost = state.Nodes.Where(node => node.Presence is NodePresence.Lost or NodePresence.NeverSeen)
            .Select(node => node.Name).ToList();
        return lost.Count > 0 && configuration.Model.Options.FencingEnabled
            ? $"it waits until {string.Join(", ", lost)} is certainly off" : "what it comes after does not run";
    }

    /// <summary>Whether a placement is that of a resource of the group.</summary>
    internal static bool IsOf(ResourceGroup group, Placement placement) =>
        group.Resources.Any(resource => IsNamed(placement, resource.Id));

    private static bool IsNamed(Placement placement, string resource) =>
        placement.Group == resource || HistoryReader.PlainName(placement.Group) == resource;
}
