using System.Globalization;
using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Transitions;

namespace Ha.Core.WhatIf;

/// <summary>A simulated walk for operators: what becomes of the service first, then why, then how.</summary>
public static class WalkText
{
    /// <summary>Writes a walk.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="walk">The walk.</param>
    /// <param name="suppositions">What is supposed, in sentences; none: what is now.</param>
    /// <param name="origin">Where the state is from, as a sentence.</param>
    /// <param name="scores">Whether every score of every resource is told.</param>
    public static string Of(ActiveConfiguration configuration, SimulatedWalk walk, IReadOnlyList<string> suppositions,
        string origin, bool scores)
    {
        var text = new StringBuilder();
        text.AppendLf(suppositions.Count == 0 ? "What follows from what is now?"
            : $"What if {string.Join(", and ", suppositions)}?");
        text.AppendLf(origin).AppendLf();
        if (walk.Groups.IsEmpty) text.AppendLf("Nothing is configured.");
        foreach (var group in walk.Groups) Write(text, configuration, walk, group);
        WritePlan(text, walk);
        WriteEnd(text, configuration, walk.End);
        if (scores) WriteScores(text, walk.Transitions[0].Decided.Plan);
        foreach (var remark in walk.Transitions[0].Decided.Plan.Remarks) text.AppendLf($"Note: {remark}");
        return text.ToString();
    }

    private static void Write(
        StringBuilder text, ActiveConfiguration configuration, SimulatedWalk walk, SimulatedGroup group)
    {
        text.AppendLf($"Group {group.Group}: {Effect(group)}");
        var first = walk.Transitions[0];
        var placement = first.Placements.First(one => one.Group == group.Group);
        text.AppendLf($"  why: {placement.Reason}");
        var unit = configuration.Groups.First(one => one.Id == group.Group);
        foreach (var verdict in NodeVerdict.Of(unit, first.Decided.Plan))
        {
            var word = placement.Nodes.Contains(verdict.Node) ? "chosen" : verdict.CanRun ? "could run it" : "cannot";
            text.AppendLf($"    {verdict.Node}: {word}{Because(verdict.Reasons)}");
        }

        foreach (var later in walk.Transitions.Skip(1).Select(one =>
            one.Placements.First(two => two.Group == group.Group)).Where(one => !one.IsSameDecision(placement)))
        {
            text.AppendLf($"  then on {Place(later.Nodes)}: {later.Reason}");
            placement = later;
        }

        text.AppendLf();
    }

    private static string Effect(SimulatedGroup group)
    {
        var way = group.Before.SequenceEqual(group.After) ? $"stays on {Place(group.After)}"
            : $"{Place(group.Before)} -> {Place(group.After)}";
        return group.Effect switch
        {
            ServiceEffect.Unaffected => $"{way}; SERVICE GOES ON without a break",
            ServiceEffect.Interrupted => $"{way}; SERVICE STOPS for as long as the plan takes, then goes on",
            ServiceEffect.Lost => $"{way}; SERVICE STOPS and does not come back",
            ServiceEffect.Begins => $"{way}; SERVICE BEGINS",
            ServiceEffect.StaysDown => "SERVICE IS DOWN, and stays down",
        };
    }

    private static void WritePlan(StringBuilder text, SimulatedWalk walk)
    {
        var busy = walk.Transitions.Where(one => !one.Decided.Graph.IsEmpty).ToList();
        if (busy.Count == 0)
        {
            text.AppendLf("Plan: nothing is to be done").AppendLf();
            return;
        }

        for (var i = 0; i < busy.Count; i++)
        {
            text.AppendLf(busy.Count == 1 ? "Plan" : $"Plan, transition {i + 1}");
            foreach (var line in busy[i].Decided.Graph.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
                text.AppendLf($"  {line}");
            text.AppendLf();
        }

        if (!walk.Settles)
            text.AppendLf($"It does not come to rest within {SimulatedWalk.MaxTransitions} transitions.").AppendLf();
    }

    private static void WriteEnd(StringBuilder text, ActiveConfiguration configuration, ClusterState end)
    {
        text.AppendLf("End state, if every step succeeds");
        foreach (var resource in configuration.Groups.SelectMany(group => group.Resources))
        {
            var states = end.Nodes
                .Where(node => node.Presence == NodePresence.Member)
                .Select(node => (node.Name, Report: end.Find(node.Name, resource.Id)))
                .Where(one => one.Report is not null and not { State: ResourceState.Stopped })
                .Select(one => one.Report!.State == ResourceState.Started ? $"on {one.Name}"
                    : $"{one.Report.State.ToString().ToLowerInvariant()} on {one.Name}");
            var where = string.Join(", ", states);
            text.AppendLf($"  {resource.Id}: {(where.Length > 0 ? where : "stopped")}");
        }
    }

    private static void WriteScores(StringBuilder text, ClusterPlan plan)
    {
        text.AppendLf().AppendLf("Scores");
        foreach (var placement in plan.Placements)
        {
            foreach (var one in placement.Candidates)
                text.AppendLf($"  {placement.Group} on {one.Node}: {Number(one.Score)}{Because(one.Reasons)}");
        }
    }

    private static string Number(int score) => score <= -Score.Infinity ? "never"
        : score >= Score.Infinity ? "always" : score.ToString(CultureInfo.InvariantCulture);

    private static string Because(ImmutableArray<string> reasons) =>
        reasons.IsEmpty ? "" : $": {string.Join("; ", reasons)}";

    private static string Place(ImmutableArray<string> nodes) =>
        nodes.IsEmpty ? "nowhere" : string.Join(", ", nodes);

    private static StringBuilder AppendLf(this StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
