using Ha.Core.Policy;
using Ha.Core.Policy.History;
using Ha.Core.Resources;

namespace Ha.Core.WhatIf;

/// <summary>What was found about one node for one group.</summary>
/// <param name="Node">The node.</param>
/// <param name="IsChosen">Whether the group belongs there.</param>
/// <param name="CanRun">Whether nothing forbids it.</param>
/// <param name="Reasons">What spoke for and against it, each as the end of the sentence "s1 ...".</param>
public sealed record NodeVerdict(string Node, bool IsChosen, bool CanRun, ImmutableArray<string> Reasons)
{
    /// <summary>Judges every node for a group as a whole: what one member cannot, the group cannot.</summary>
    /// <param name="group">The group.</param>
    /// <param name="plan">The decision.</param>
    public static ImmutableArray<NodeVerdict> Of(ResourceGroup group, ClusterPlan plan)
    {
        var members = plan.Placements.Where(one => group.Resources.Any(resource =>
            one.Group == resource.Id || HistoryReader.PlainName(one.Group) == resource.Id)).ToList();
        if (members.Count == 0) return [];
        var nodes = members[0].Candidates.Select(one => one.Node);
        return [.. nodes.Select(node => Judge(node, members))];
    }

    private static NodeVerdict Judge(string node, List<Placement> members)
    {
        var own = members.Select(one => (Placement: one, Candidate: one.Candidates.First(two => two.Node == node)))
            .ToList();
        var chosen = own.Any(one => one.Placement.Node == node);
        var against = own.Where(one => one.Candidate.Score < 0).Select(one => one.Candidate).ToList();
        if (chosen || against.Count == 0) return new NodeVerdict(node, chosen, CanRun: true, own[0].Candidate.Reasons);
        // That it must be together with its fellow is less than why the fellow cannot run there.
        var reasons = against.SelectMany(one => one.Against).Distinct(StringComparer.Ordinal).ToList();
        var causes = reasons.Where(one => !one.StartsWith("must be together with", StringComparison.Ordinal)).ToList();
        // Only that its fellows go elsewhere keeps it away: they could all go there.
        if (causes.Count == 0 && own[0].Candidate.Score >= 0)
            return new NodeVerdict(node, IsChosen: false, CanRun: true, own[0].Candidate.Reasons);
        return new NodeVerdict(node, IsChosen: false, CanRun: false, [.. causes.Count > 0 ? causes : reasons]);
    }
}
