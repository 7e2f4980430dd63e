using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>What a transition does and why, for the journal: one clause for each group that changes.</summary>
internal static class PlanSentence
{
    private const int LongestList = 4;

    public static string Of(ActiveConfiguration configuration, ImmutableArray<GroupPlacement> placements,
        TransitionGraph graph)
    {
        var clauses = placements
            .Select(placement => Clause(configuration.Groups.First(one => one.Id == placement.Group), placement, graph))
            .Where(clause => clause.Length > 0);
        var sentence = string.Join("; ", clauses);
        if (sentence.Length > 0) return sentence;
        var titles = graph.Actions.Select(action => action.Title).Take(LongestList);
        return string.Join(", ", titles) + (graph.Actions.Length > LongestList ? ", ..." : "");
    }

    /// <summary>Whether an action makes a difference to who serves.</summary>
    public static bool Changes(TransitionAction action) =>
        action.Kind is OperationKind.Start or OperationKind.Stop or OperationKind.Announce;

    private static string Clause(ResourceGroup group, GroupPlacement placement, TransitionGraph graph)
    {
        var changes = graph.Actions.Where(action => action.Group == group.Id && Changes(action)).ToList();
        if (changes.Count == 0) return "";
        ImmutableArray<string> to = Nodes(changes, OperationKind.Start);
        ImmutableArray<string> from = Nodes(changes, OperationKind.Stop);
        var leaves = string.Join(" and ", from.Except(to, StringComparer.Ordinal));
        var comes = string.Join(" and ", to);
        var verb = (to.IsEmpty, from.IsEmpty) switch
        {
            (false, true) => $"is started on {comes}",
            (false, false) => leaves.Length == 0 ? $"is restarted on {comes}" : $"moves from {leaves} to {comes}",
            (true, false) => Stays(placement, from) is { Length: > 0 } stays
                ? $"stays on {stays} and is stopped on {leaves}" : $"is stopped on {leaves}",
            (true, true) => $"is announced on {string.Join(" and ", Nodes(changes, OperationKind.Announce))}",
        };
        return $"{Subject(group, changes)} {verb}, because {(placement.Blocked ? "it is " : "")}{placement.Reason}";
    }

    // Where only some of a group are touched, they are named.
    private static string Subject(ResourceGroup group, List<TransitionAction> changes)
    {
        var touched = group.Resources.Where(one => changes.Exists(action => action.Resource == one.Id)).ToList();
        return touched.Count == group.Resources.Length || touched.Count == 0 ? group.Id
            : string.Join(" and ", touched.Select(one => one.Id));
    }

    private static string Stays(GroupPlacement placement, ImmutableArray<string> stopped) =>
        string.Join(" and ", placement.Nodes.Except(stopped, StringComparer.Ordinal));

    private static ImmutableArray<string> Nodes(List<TransitionAction> changes, OperationKind kind) =>
        [.. changes.Where(action => action.Kind == kind).Select(action => action.Node).Distinct()];
}
