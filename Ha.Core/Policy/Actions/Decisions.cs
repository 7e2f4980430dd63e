using Ha.Core.Policy.Allocation;

namespace Ha.Core.Policy.Actions;

/// <summary>Tells why a resource is put where it is, for people at 3 a.m.</summary>
internal static class Decisions
{
    public static Placement Tell(WorkingCluster cluster, Instance primitive)
    {
        ImmutableArray<Candidate> candidates = [.. cluster.Nodes.Select(node => Judge(primitive, node))];
        return new Placement(primitive.Id, primitive.Target?.Name, primitive.Blocked,
            Sentence(cluster, primitive, candidates), candidates);
    }

    private static Candidate Judge(Instance primitive, NodeView node)
    {
        ImmutableArray<string> against = [.. Obstacles(primitive, node)];
        if (!node.CanRun)
        {
            return new Candidate(node.Name, -Score.Infinity, [node.WhyNot, .. primitive.Scores.Reasons(node.Index)])
            {
                Against = against,
            };
        }

        return new Candidate(node.Name, primitive.Scores[node.Index],
            primitive.Scores.IsEnabled(node.Index) ? primitive.Scores.Reasons(node.Index) : against)
        {
            Against = against,
        };
    }

    private static IEnumerable<string> Obstacles(Instance primitive, NodeView node) =>
        !node.CanRun ? [node.WhyNot]
            : primitive.Scores.IsEnabled(node.Index) ? primitive.Scores.Against(node.Index)
            : ["is allowed by no constraint (the cluster is not symmetric)"];

    private static string Sentence(
        WorkingCluster cluster, Instance primitive, ImmutableArray<Candidate> candidates)
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
        var contra = string.Join("; ", cluster.Nodes
            .Where(node => node != primitive.Target && candidates[node.Index].Score < 0)
            .Select(node => Objection(primitive, node)));
        if (primitive.Target is not { } target) return $"no node can run {primitive.Id}: {contra}";
        var chosen = candidates[target.Index];
        var favour = string.Join(" and ", primitive.Scores.For(target.Index));
        var pro = favour.Length == 0 ? "" : $"{chosen.Node} {favour}";
        if (pro.Length > 0) return contra.Length > 0 ? $"{pro}; {contra}" : pro;
        var others = candidates.Where(one => one.Node != chosen.Node && one.Score >= 0).Select(one => one.Node)
            .ToList();
        if (others.Count == 0)
            return contra.Length > 0 ? $"only {chosen.Node} is left: {contra}" : "there is no other node";
        var equal = $"{chosen.Node} is as good as {string.Join(" and ", others)}";
        return contra.Length > 0 ? $"{equal}; {contra}" : equal;
    }

    // What keeps it away from each node; for nodes that merely scored less, what they scored less by is in the
    // candidates.
    private static string Objection(Instance primitive, NodeView node)
    {
        var favour = string.Join(" and ", primitive.Scores.For(node.Index));
        var against = string.Join(" and ", Obstacles(primitive, node));
        return favour.Length > 0 ? $"{node.Name} {favour} but {against}" : $"{node.Name} {against}";
    }
}
