using Ha.Core.Contracts;

namespace Ha.Core.Transitions;

/// <summary>
/// What moves is stopped only when what it needs runs at its new place: an address goes to a node whose HAProxy is
/// still being started only after that start, and stays where it is when the start fails. Pure.
/// </summary>
internal static class ReadyFirst
{
    /// <summary>Lets stops wait for starts at the new place, and numbers the actions anew.</summary>
    /// <param name="actions">A graph: whatever an action waits for comes before it.</param>
    /// <param name="state">What is: only what is well where it runs can wait.</param>
    public static ImmutableArray<TransitionAction> Apply(List<TransitionAction> actions, ClusterState state)
    {
        var changed = false;
        foreach (var stop in actions.ToList())
        {
            if (stop.Kind != OperationKind.Stop || stop.UnderWay
                || state.Find(stop.Node, stop.Resource) is not { State: ResourceState.Started }) continue;
            var start = actions.Find(one => one.Kind == OperationKind.Start && one.Resource == stop.Resource
                && one.Node != stop.Node && !one.UnderWay && one.After.Contains(stop.Number));
            if (start is null) continue;
            foreach (var number in start.After)
            {
                var first = actions[number];
                if (first.Kind != OperationKind.Start || first.Node != start.Node
                    || DependsOn(actions, number, stop.Number)) continue;
                actions[stop.Number] = actions[stop.Number] with { After = actions[stop.Number].After.Add(number) };
                changed = true;
            }
        }

        return changed ? Renumber(actions) : [.. actions];
    }

    private static bool DependsOn(List<TransitionAction> actions, int number, int other)
    {
        var seen = new bool[actions.Count];
        var open = new Stack<int>([number]);
        while (open.TryPop(out var next))
        {
            if (next == other) return true;
            if (seen[next]) continue;
            seen[next] = true;
            foreach (var before in actions[next].After) open.Push(before);
        }

        return false;
    }

    // Of those that may come next always the first: what nothing has changed keeps its order.
    private static ImmutableArray<TransitionAction> Renumber(List<TransitionAction> actions)
    {
        var numbers = new int[actions.Count];
        Array.Fill(numbers, -1);
        var ordered = ImmutableArray.CreateBuilder<TransitionAction>(actions.Count);
        while (ordered.Count < actions.Count)
        {
            var next = actions.Find(one => numbers[one.Number] < 0 && one.After.All(before => numbers[before] >= 0))
                ?? throw new InvalidOperationException("the actions wait for each other in a circle");
            numbers[next.Number] = ordered.Count;
            ordered.Add(next with
            {
                Number = ordered.Count, After = [.. next.After.Select(before => numbers[before]).Distinct().Order()],
            });
        }

        return ordered.MoveToImmutable();
    }
}
