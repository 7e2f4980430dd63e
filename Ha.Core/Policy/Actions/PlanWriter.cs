using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Writes down what was decided.</summary>
internal static class PlanWriter
{
    public static ClusterPlan Write(ActionSet actions)
    {
        var cluster = actions.Cluster;
        var sequence = Sequence.Of(actions);
        var steps = Steps(sequence, actions.All.Count);
        return new ClusterPlan([.. cluster.Primitives.Select(one => Decisions.Tell(cluster, one))], steps,
            EndState(cluster, sequence), [.. cluster.Remarks]);
    }

    private static ImmutableArray<PlanStep> Steps(List<PlannedAction> sequence, int actions)
    {
        var numbers = new int[actions];
        Array.Fill(numbers, -1);
        var count = 0;
        foreach (var action in sequence)
        {
            if (IsStep(action)) numbers[action.Number] = count++;
        }

        var seen = new int[actions];
        var steps = ImmutableArray.CreateBuilder<PlanStep>(count);
        foreach (var action in sequence)
        {
            if (!IsStep(action)) continue;
            steps.Add(new PlanStep(steps.Count, action.Kind, action.Resource?.StepName ?? "", action.Node!.Name,
                action.IntervalMs, Prerequisites(action, numbers, seen)));
        }

        return steps.MoveToImmutable();
    }

    // What only marks a point is looked through: its own prerequisites count instead.
    private static ImmutableArray<int> Prerequisites(PlannedAction action, int[] numbers, int[] seen)
    {
        var found = new List<int>();
        var open = new Stack<PlannedAction>();
        open.Push(action);
        var mark = action.Number + 1;
        while (open.TryPop(out var one))
        {
            foreach (var ordering in one.Before)
            {
                var earlier = ordering.First;
                if (seen[earlier.Number] == mark || !Sequence.Holds(ordering)) continue;
                seen[earlier.Number] = mark;
                if (numbers[earlier.Number] >= 0) found.Add(numbers[earlier.Number]);
                else open.Push(earlier);
            }
        }

        found.Sort();
        return [.. found];
    }

    private static bool IsStep(PlannedAction action) => !action.IsPoint && !action.Implied;

    private static ImmutableArray<ResourcePlace> EndState(WorkingCluster cluster, List<PlannedAction> sequence)
    {
        var places = ImmutableArray.CreateBuilder<ResourcePlace>();
        var done = new HashSet<PlannedAction>(sequence);
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var primitive in cluster.Primitives)
        {
            if (primitive.Orphan) continue;
            var nodes = primitive.RunningOn.Where(node => !node.Fenced).ToList();
            foreach (var action in primitive.Actions)
            {
                if (action is { Kind: ActionKind.Stop, Node: { } left } && done.Contains(action)) nodes.Remove(left);
            }

            foreach (var action in primitive.Actions)
            {
                if (action is { Kind: ActionKind.Start, Node: { } come } && done.Contains(action)
                    && !nodes.Contains(come)) nodes.Add(come);
            }

            var names = nodes.Select(node => node.Name);
            if (indexes.TryGetValue(primitive.ReportedName, out var index))
            {
                places[index] = places[index] with { Nodes = [.. places[index].Nodes, .. names] };
                continue;
            }

            indexes.Add(primitive.ReportedName, places.Count);
            places.Add(new ResourcePlace(primitive.ReportedName, [.. names]));
        }

        return places.ToImmutable();
    }
}
