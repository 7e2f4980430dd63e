using Ha.Core.Policy.Allocation;

namespace Ha.Core.Policy.Actions;

/// <summary>Tells why a resource is put where it is, for people at 3 a.m.</summary>
internal static class Decisions
{
    public static Placement Tell(WorkingCluster cluster, Instance primitive)
    {
        ImmutableArray<Candidate> candidates = [.. cluster.Nodes.Select(node => Judge(primitive, node))];
        return new Placement(primitive.Id, primitive.Target?.Name, primitive.Blocked,
            Sentence(primitive, candidates), candidates);
    }

    private static Candidate Judge(Instance primitive, NodeView node)
    {
        if (!node.CanRun)
            return new Candidate(node.Name, -Score.Infinity, [node.WhyNot, .. primitive.Scores.Reasons(node.Index)]);
        return new Candidate(node.Name, primitive.Scores[node.Index], primitive.Scores.IsEnabled(node.Index)
            ? primitive.Scores.Reasons(node.Index) : ["is allowed by no constraint (the cluster is not symmetric)"]);
    }

    private static string Sentence(Instance primitive, ImmutableArray<Candidate> candidates)
    {
        if (primitive.Blocked)
        {
            return $"blocked: {primitive.BlockedBy}; it may still run there, so it is started nowhere else until an "
                + "operator has looked at it and cleaned up";
        }

        if (!primitive.Managed)
        {
            var state = primitive.RunningOn.Count == 0 ? "it runs nowhere"
                : "it runs on " + string.Join(" and ", primitive.RunningOn.Select(node => node.Name));
            var why = primitive.InMaintenance ? "it is in maintenance" : primitive.RunningOn is [{ Maintenance: true }]
                ? "its node is in maintenance" : "it is not managed";
            return $"left as it is, because {why}: {state}";
        }

        if (primitive.StoppedBecause.Length > 0) return $"{primitive.Id} {primitive.StoppedBecause}";
        var contra = Objections(primitive, candidates);
        if (primitive.Target is not { } target) return $"no node can run it: {contra}";
        var chosen = candidates[target.Index];
        var pro = chosen.Reasons.IsEmpty ? "" : $"{chosen.Node} {string.Join(" and ", chosen.Reasons)}";
        if (pro.Length > 0) return contra.Length > 0 ? $"{pro}; {contra}" : pro;
        return contra.Length > 0 ? $"{chosen.Node} is left: {contra}" : $"{chosen.Node} is as good as any";
    }

    // What keeps it away from each node; for nodes that merely scored less, what they scored less by is in the
    // candidates.
    private static string Objections(Instance primitive, ImmutableArray<Candidate> candidates) =>
        string.Join("; ", candidates.Where(one => one.Node != primitive.Target?.Name && one.Score < 0)
            .Select(one => $"{one.Node} {string.Join(" and ", one.Reasons)}"));
}
