using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;

namespace Ha.Core.Transitions;

/// <summary>
/// Addresses that follow each other in one group have nothing to wait for in each other: they are started together, and
/// stopped together. What comes after them still waits for all of them, and what was before them still goes before. Pure.
/// </summary>
internal static class AddressesTogether
{
    /// <summary>Lets them go together.</summary>
    /// <param name="actions">A graph: whatever an action waits for comes before it, and keeps its number.</param>
    /// <param name="configuration">What is configured.</param>
    public static ImmutableArray<TransitionAction> Apply(
        ImmutableArray<TransitionAction> actions, ActiveConfiguration configuration)
    {
        var together = actions.ToBuilder();
        // Of an action those that it need not wait for any more, but whatever waits for it must.
        var beside = new SortedDictionary<int, ImmutableArray<int>>();
        foreach (var action in actions)
        {
            ImmutableArray<int> friends = IsAddress(action, configuration)
                ? [.. action.After.Where(one => AreTogether(actions[one], action, configuration))] : [];
            if (friends.IsEmpty && !action.After.Any(beside.ContainsKey)) continue;
            var others = action.After.RemoveRange(friends);
            ImmutableSortedSet<int> after =
            [
                .. others,
                .. friends.SelectMany(one => together[one].After),
                // What watches one address does not wait for the others.
                .. others.Where(one => actions[one].Resource != action.Resource)
                    .SelectMany(one => beside.GetValueOrDefault(one, [])),
            ];
            together[action.Number] = action with { After = [.. after] };
            if (!friends.IsEmpty)
                beside[action.Number] = [.. friends, .. friends.SelectMany(one => beside.GetValueOrDefault(one, []))];
        }

        return together.ToImmutable();
    }

    private static bool IsAddress(TransitionAction action, ActiveConfiguration configuration) =>
        action.Kind is OperationKind.Start or OperationKind.Stop && configuration.Find(action.Resource) is { IsVip: true };

    private static bool AreTogether(
        TransitionAction one, TransitionAction other, ActiveConfiguration configuration) =>
        one.Kind == other.Kind && one.Node == other.Node && one.Group == other.Group && one.Resource != other.Resource
        && IsAddress(one, configuration);
}
