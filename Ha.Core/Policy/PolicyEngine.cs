namespace Ha.Core.Policy;

/// <summary>
/// Decides where each group belongs: a pure function of what the cluster is and what operators want. It knows
/// haresources semantics (RELIABILITY.md section 7, last rows): a line prefers its node by
/// <see cref="Score.Preferred"/>; auto_failback off makes staying worth <see cref="Score.Infinity"/>.
/// </summary>
public static class PolicyEngine
{
    /// <summary>Places every group.</summary>
    public static ImmutableArray<Placement> Place(PolicyInput input) =>
        [.. input.Groups.Select(group => Place(group, input))];

    private static Placement Place(PolicyGroup group, PolicyInput input)
    {
        bool Runs(Candidate candidate) => group.Active.Any(activity => activity.Node == candidate.Node);

        ImmutableArray<Candidate> candidates = [.. input.Nodes.Select(node => Judge(node, group, input.Failback))];
        if (group.Blocked is { } blocked)
        {
            var sentence = $"blocked: {blocked.Reason} on {blocked.Node}; it may still run there, so it is started "
                + "nowhere else until an operator has looked at it and cleaned up";
            return new Placement(
                group.Id, Best([.. candidates.Where(Runs)], group)?.Node, Blocked: true, sentence, candidates);
        }

        var best = Best(candidates, group);
        return best is null
            ? new Placement(group.Id, null, Blocked: false, $"no node can run it: {Objections(candidates)}", candidates)
            : new Placement(group.Id, best.Node, Blocked: false, Explain(best, candidates), candidates);
    }

    private static Candidate Judge(PolicyNode node, PolicyGroup group, bool failback)
    {
        if (!node.Eligible) return new Candidate(node.Name, -Score.Infinity, [node.WhyNot]);
        if (group.Banned.FirstOrDefault(obstacle => obstacle.Node == node.Name) is { } ban)
            return new Candidate(node.Name, -Score.Infinity, [ban.Reason]);

        var score = 0;
        var reasons = ImmutableArray.CreateBuilder<string>();
        if (group.Preferred == node.Name)
        {
            score = Score.Add(score, Score.Preferred);
            reasons.Add("is the preferred node");
        }

        if (group.Pin == node.Name)
        {
            score = Score.Add(score, Score.Infinity);
            reasons.Add("was chosen by an operator");
        }
        else if (group.Active.Any(activity => activity.Node == node.Name))
        {
            // An operator's wish replaces stickiness: otherwise nothing could be moved with auto_failback off.
            score = Score.Add(score, failback || group.Pin is not null ? Score.Stay : Score.Infinity);
            reasons.Add(failback ? "runs it now" : "runs it now and auto_failback is off");
        }

        return new Candidate(node.Name, score, reasons.ToImmutable());
    }

    // Greatest score; then the longest service, so that the newcomer of a conflict gives way; then the order of ha.cf.
    private static Candidate? Best(ImmutableArray<Candidate> candidates, PolicyGroup group)
    {
        Candidate? best = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Score <= -Score.Infinity) continue;
            if (best is null || candidate.Score > best.Score
                || (candidate.Score == best.Score && ServiceTime(candidate, group) > ServiceTime(best, group)))
            {
                best = candidate;
            }
        }

        return best;
    }

    private static long ServiceTime(Candidate candidate, PolicyGroup group) =>
        group.Active.FirstOrDefault(activity => activity.Node == candidate.Node)?.ForMs ?? -1;

    private static string Explain(Candidate best, ImmutableArray<Candidate> candidates)
    {
        var pro = best.Reasons.Length > 0 ? $"{best.Node} {string.Join(" and ", best.Reasons)}" : "";
        var contra = Objections(candidates);
        if (pro.Length > 0 && contra.Length > 0) return $"{pro}; {contra}";
        if (pro.Length > 0) return pro;
        return contra.Length > 0 ? $"{best.Node} is left: {contra}" : $"{best.Node} is as good as any";
    }

    private static string Objections(ImmutableArray<Candidate> candidates) =>
        string.Join("; ", candidates.Where(candidate => candidate.Score <= -Score.Infinity)
            .Select(candidate => $"{candidate.Node} {string.Join(" and ", candidate.Reasons)}"));
}
