using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Writes down what was decided.</summary>
internal static class PlanWriter
{
    public static ClusterPlan Write(ActionSet actions)
    {
        var cluster = actions.Cluster;
        var steps = Steps(actions);
        return new ClusterPlan([.. cluster.Primitives.Select(one => Decisions.Tell(cluster, one))], steps,
            EndState(actions), [.. cluster.Remarks]);
    }

    private static ImmutableArray<PlanStep> Steps(ActionSet actions)
    {
        var sequence = Sequence(actions);
        var numbers = new Dictionary<PlannedAction, int>();
        foreach (var action in sequence)
        {
            if (IsStep(action)) numbers.Add(action, numbers.Count);
        }

        var before = sequence.ToDictionary(action => action, _ => new List<PlannedAction>());
        foreach (var ordering in actions.Orderings.Where(one => one.Effect != OrderEffect.Together))
        {
            if (before.TryGetValue(ordering.Then, out var list) && before.ContainsKey(ordering.First))
                list.Add(ordering.First);
        }

        return [.. sequence.Where(IsStep).Select(action => new PlanStep(numbers[action], action.Kind,
            action.Resource?.StepName ?? "", action.Node!.Name, action.IntervalMs,
            Prerequisites(action, before, numbers)))];
    }

    // What only marks a point is looked through: its own prerequisites count instead.
    private static ImmutableArray<int> Prerequisites(
        PlannedAction action,
        Dictionary<PlannedAction, List<PlannedAction>> before,
        Dictionary<PlannedAction, int> numbers)
    {
        var found = new SortedSet<int>();
        var seen = new HashSet<PlannedAction>();
        var open = new Stack<PlannedAction>(before[action]);
        while (open.TryPop(out var one))
        {
            if (!seen.Add(one)) continue;
            if (numbers.TryGetValue(one, out var number))
            {
                if (number < numbers[action]) found.Add(number);
                continue;
            }

            foreach (var earlier in before[one]) open.Push(earlier);
        }

        return [.. found];
    }

    private static bool IsStep(PlannedAction action) =>
        action is { Kind: not ActionKind.Milestone, Optional: false, Runnable: true, Implied: false };

    private static bool IsInSequence(PlannedAction action) =>
        action.Kind == ActionKind.Milestone || (!action.Optional && action.Runnable);

    // In rounds: each takes, resource by resource, what is ready. Equal inputs give equal plans.
    private static List<PlannedAction> Sequence(ActionSet actions)
    {
        var listed = Listed(actions);
        var position = listed.Select((action, index) => (action, index))
            .ToDictionary(pair => pair.action, pair => pair.index);
        var waits = new int[listed.Count];
        var followers = listed.Select(_ => new List<int>()).ToArray();
        foreach (var ordering in actions.Orderings.Where(one => one.Effect != OrderEffect.Together))
        {
            if (!position.TryGetValue(ordering.First, out var first)
                || !position.TryGetValue(ordering.Then, out var then)) continue;
            followers[first].Add(then);
            waits[then]++;
        }

        var left = new SortedSet<int>(Enumerable.Range(0, listed.Count));
        var round = new SortedSet<int>(left.Where(index => waits[index] == 0));
        var next = new SortedSet<int>();
        var sequence = new List<PlannedAction>(listed.Count);
        while (left.Count > 0)
        {
            if (round.Count == 0) (round, next) = (next, round);
            if (round.Count == 0)
            {
                actions.Cluster.Remarks.Add($"orders contradict each other at {Title(listed[left.Min])}");
                round.Add(left.Min);
            }

            var index = round.Min;
            round.Remove(index);
            if (!left.Remove(index)) continue;
            sequence.Add(listed[index]);
            foreach (var follower in followers[index])
            {
                if (--waits[follower] == 0) (follower > index ? round : next).Add(follower);
            }
        }

        return sequence;
    }

    private static string Title(PlannedAction action) => $"{action.Kind} {action.Resource?.Id} {action.Node?.Name}";

    private static List<PlannedAction> Listed(ActionSet actions)
    {
        var all = actions.All.Where(IsInSequence).ToList();
        List<PlannedAction> listed = [.. all.Where(action => action.Kind == ActionKind.Milestone)];
        foreach (var primitive in actions.Cluster.Primitives)
            listed.AddRange(actions.Latest(primitive).Where(IsInSequence));
        listed.AddRange(all.Where(action => action.Resource is null && action.Kind != ActionKind.Milestone));
        return listed;
    }

    private static ImmutableArray<ResourcePlace> EndState(ActionSet actions)
    {
        var places = new List<(string Resource, List<string> Nodes)>();
        foreach (var primitive in actions.Cluster.Primitives.Where(one => !one.Orphan))
        {
            var nodes = primitive.RunningOn.Where(node => !node.Fenced
                && !actions.Of(primitive, ActionKind.Stop).Any(stop => stop.Node == node && stop.InPlan)).ToList();
            foreach (var start in actions.Of(primitive, ActionKind.Start))
            {
                if (start.InPlan && !nodes.Contains(start.Node!)) nodes.Add(start.Node!);
            }

            var index = places.FindIndex(place => place.Resource == primitive.ReportedName);
            if (index < 0)
            {
                index = places.Count;
                places.Add((primitive.ReportedName, []));
            }

            places[index].Nodes.AddRange(nodes.Select(node => node.Name));
        }

        return [.. places.Select(place => new ResourcePlace(place.Resource, [.. place.Nodes]))];
    }
}
