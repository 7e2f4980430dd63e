using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>
/// Lets orders decide which actions become necessary and which impossible, until nothing changes any more. Actions only
/// ever turn from optional to required and (except milestones) from possible to impossible, so that this ends.
/// </summary>
internal sealed class OrderPropagation
{
    private readonly Queue<PlannedAction> queue = new();
    private readonly OrderUpdate update;
    private readonly ColocationBlocks blocks;

    private OrderPropagation()
    {
        update = new OrderUpdate(Changed);
        blocks = new ColocationBlocks(Forbid);
    }

    public static void Run(ActionSet actions)
    {
        var run = new OrderPropagation();
        foreach (var action in actions.All) run.blocks.Block(action);
        for (var i = actions.All.Count - 1; i >= 0; i--) run.Enqueue(actions.All[i]);
        while (run.queue.TryDequeue(out var action))
        {
            action.IsQueued = false;
            run.Look(action);
        }
    }

    private void Look(PlannedAction then)
    {
        var possible = 0;
        for (var i = then.Before.Count - 1; i >= 0; i--)
        {
            var ordering = then.Before[i];
            if (ordering.Effect == OrderEffect.None) continue;
            if (ordering.Has(OrderEffect.CancelsFirst) && !then.Optional) ordering.First.Optional = true;
            var first = Reached(ordering.First, then);
            if (first != ordering.First)
            {
                ActionSet.Order(first, then, ordering.Effect);
                ordering.Effect = OrderEffect.None;
                Enqueue(then);
                continue;
            }

            var state = ActionState.Of(first, Place(then));
            if (ordering.Has(OrderEffect.OneOfSeveral) && state.Runnable) possible++;
            update.Apply(first, then, state, ordering);
        }

        if (then.Kind == ActionKind.Milestone && then.Runnable != possible >= then.Least)
        {
            then.Runnable = !then.Runnable;
            Changed(then);
        }
    }

    private static NodeView? Place(PlannedAction action) =>
        action is { Kind: ActionKind.Start, IsEnd: false, Resource: { Kind: ResourceKind.Group } group }
            ? group.Place : action.Node;

    // What comes after a group or clone comes after all of it, except its own parts.
    private static PlannedAction Reached(PlannedAction first, PlannedAction then)
    {
        if (first.IsEnd || first.Resource is not { Kind: not ResourceKind.Primitive } whole
            || then.Resource is not { } resource || resource == whole || resource.IsIn(whole)) return first;
        return ActionSet.Last(whole, first.Kind, end: true) ?? first;
    }

    private void Forbid(PlannedAction action)
    {
        action.Runnable = false;
        Changed(action);
    }

    private void Changed(PlannedAction action)
    {
        if (!action.Runnable) blocks.Block(action);
        Enqueue(action);
        foreach (var ordering in action.After) Enqueue(ordering.Then);
        // The points of what it is part of are judged by their parts.
        for (var whole = action.Resource?.Parent; whole is not null; whole = whole.Parent)
        {
            foreach (var point in whole.Actions)
            {
                if (point.Kind != action.Kind) continue;
                Enqueue(point);
                foreach (var ordering in point.After) Enqueue(ordering.Then);
            }
        }
    }

    private void Enqueue(PlannedAction action)
    {
        if (action.IsQueued) return;
        action.IsQueued = true;
        queue.Enqueue(action);
    }
}
