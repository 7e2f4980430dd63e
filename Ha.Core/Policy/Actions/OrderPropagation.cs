using Ha.Core.Policy.Allocation;

namespace Ha.Core.Policy.Actions;

/// <summary>
/// Lets orders decide which actions become necessary and which impossible, until nothing changes any more. Actions
/// only ever turn from optional to required and from possible to impossible, so that this ends.
/// </summary>
internal sealed class OrderPropagation
{
    private readonly Dictionary<PlannedAction, List<Ordering>> touching = [];
    private readonly Queue<Ordering> queue = new();
    private readonly HashSet<Ordering> queued = new(ReferenceEqualityComparer.Instance);

    public static void Run(ActionSet actions)
    {
        var run = new OrderPropagation();
        foreach (var ordering in actions.Orderings)
        {
            run.Touching(ordering.First).Add(ordering);
            run.Touching(ordering.Then).Add(ordering);
            run.Enqueue(ordering);
        }

        foreach (var action in actions.All)
        {
            if (action.Kind == ActionKind.Milestone) run.Reach(action);
        }

        while (run.queue.TryDequeue(out var ordering))
        {
            run.queued.Remove(ordering);
            run.Apply(ordering);
        }
    }

    private void Apply(Ordering ordering)
    {
        var (first, then, effect) = ordering;
        if (then.Kind == ActionKind.Milestone) Reach(then);
        if (effect.HasFlag(OrderEffect.RequiresThen) && !first.Optional)
        {
            Require(then);
            if (!first.Runnable) Forbid(then);
        }

        if (effect.HasFlag(OrderEffect.NeedsFirst) && !first.Runnable) Forbid(then);
        if (effect.HasFlag(OrderEffect.Waits) && !first.Optional && !first.Runnable) Forbid(then);
        if (effect.HasFlag(OrderEffect.RequiresFirst)) RequireFirst(first, then);
        if (effect.HasFlag(OrderEffect.Restart)) Restart(first, then);
        // What has been started already does not wait for anything.
        if (effect.HasFlag(OrderEffect.Asymmetrical) && !then.Optional && !first.Runnable) Forbid(then);
        // Who is there already stays where the other is, though that one could not be started again.
        if (effect.HasFlag(OrderEffect.Together) && !first.Runnable && !(first.Optional && then.Optional)) Forbid(then);
    }

    private void RequireFirst(PlannedAction first, PlannedAction then)
    {
        if (then.Optional || !then.Runnable) return;
        Require(first);
        if (!first.Runnable && !first.Optional) Forbid(then);
    }

    private void Restart(PlannedAction stop, PlannedAction start)
    {
        // What may not be started (again) must not go on running; what must be started again must stop first.
        // What is being started already is asked to start once more, not to stop.
        var again = !start.Optional && !(start.Resource!.StartPending && start.Node == stop.Node);
        if (!start.Runnable || again) Require(stop);
        if (!stop.Optional && stop.Node == start.Node) Require(start);
        if (!stop.Optional && !stop.Runnable) Forbid(start);
    }

    private void Reach(PlannedAction milestone)
    {
        var possible = 0;
        var required = false;
        foreach (var ordering in Touching(milestone))
        {
            if (ordering.Then != milestone) continue;
            if (ordering.First.Runnable) possible++;
            required |= !ordering.First.Optional;
        }

        if (required) Require(milestone);
        if (possible < milestone.Least) Forbid(milestone);
    }

    private void Require(PlannedAction action)
    {
        if (action.Untouchable && action.Kind == ActionKind.Start) Forbid(action);
        if (!action.Optional || action.Untouchable) return;
        action.Optional = false;
        Changed(action);
    }

    private void Forbid(PlannedAction action)
    {
        if (!action.Runnable || action.Implied) return;
        action.Runnable = false;
        Changed(action);
    }

    private void Changed(PlannedAction action)
    {
        foreach (var ordering in Touching(action)) Enqueue(ordering);
    }

    private void Enqueue(Ordering ordering)
    {
        if (queued.Add(ordering)) queue.Enqueue(ordering);
    }

    private List<Ordering> Touching(PlannedAction action)
    {
        if (!touching.TryGetValue(action, out var list)) touching[action] = list = [];
        return list;
    }
}
