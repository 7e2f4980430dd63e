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
    public static ImmutableArray<GroupPlacement> Read(ActiveConfiguration configuration, ClusterPlan plan) =>
        [.. configuration.Groups.Select(group => Read(group, plan))];

    private static GroupPlacement Read(ResourceGroup group, ClusterPlan plan)
    {
        var members = plan.Placements.Where(one => IsOf(group, one)).ToList();
        var blocked = members.Find(one => one.Blocked);
        // The first member leads; one that cannot run while the first can is the more urgent news.
        var telling = blocked ?? members.Find(one => one.Node is null) ?? members.FirstOrDefault();
        var leading = group.Resources[0].Id;
        return new GroupPlacement(group.Id,
            [.. members.Where(one => one.Node is not null && (group.IsClone || IsNamed(one, leading)))
                .Select(one => one.Node!).Distinct()],
            blocked is not null, telling is null ? "nothing of it is configured" : Explain(telling, members));
    }

    // What a member could not do keeps the whole group away, and says more than the group's first member knows.
    private static string Explain(Placement telling, List<Placement> members)
    {
        var failures = members.Where(one => one != telling)
            .SelectMany(one => one.Candidates)
            .SelectMany(candidate => candidate.Reasons
                .Where(reason => reason.StartsWith("could not run it", StringComparison.Ordinal))
                .Select(reason => $"{candidate.Node} {reason}"))
            .Distinct();
        return string.Join("; ", failures.Prepend(telling.Reason));
    }

    private static bool IsOf(ResourceGroup group, Placement placement) =>
        group.Resources.Any(resource => IsNamed(placement, resource.Id));

    private static bool IsNamed(Placement placement, string resource) =>
        placement.Group == resource || HistoryReader.PlainName(placement.Group) == resource;
}
