using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>
/// What is blocked by a failed stop is left alone. Where it also runs on several other nodes, all but one of these
/// copies may be stopped (<see cref="ClusterOptions.StopSurplusOfBlocked"/>): a group as a whole.
/// </summary>
internal static class SurplusCopies
{
    public static void Find(WorkingCluster cluster)
    {
        if (!cluster.Options.StopSurplusOfBlocked) return;
        foreach (var primitive in cluster.Primitives.ToList())
        {
            if (primitive is { Blocked: true, CannotStopOn: { } node } && primitive.OfClone is null)
                Find(primitive.Outermost, primitive, node);
        }
    }

    private static void Find(Instance whole, Instance blocked, NodeView cannotStopOn)
    {
        var primitives = whole.Primitives.ToList();
        var others = primitives.SelectMany(one => one.RunningOn).Distinct()
            .Where(node => node != cannotStopOn && node.Online && !node.Unclean).ToList();
        if (others.Count == 0) return;
        var keep = others.OrderByDescending(node => primitives.Count(one => one.RunningOn.Contains(node)))
            .ThenByDescending(node => node.CanRun)
            .ThenByDescending(node => primitives[0].Scores[node.Index])
            .ThenBy(node => node.Name, StringComparer.Ordinal).First();
        foreach (var one in primitives)
        {
            one.Managed = false;
            if (!one.Blocked) one.BlockedBy = blocked.BlockedBy;
            one.Blocked = true;
            if (one.RunningOn.Contains(keep)) one.Kept = keep;
            one.SurplusOn.AddRange(one.RunningOn.Where(node => node != keep && others.Contains(node)));
        }
    }
}
