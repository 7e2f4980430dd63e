using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>What one order does to its two actions; for groups and clones also to what they are made of.</summary>
/// <param name="changed">Is told every action that became required or impossible.</param>
internal sealed class OrderUpdate(Action<PlannedAction> changed)
{
    public void Apply(PlannedAction first, PlannedAction then, ActionState state, Ordering ordering)
    {
        if (then.Resource is not null)
        {
            foreach (var effect in (ReadOnlySpan<OrderEffect>)[OrderEffect.RequiresThen, OrderEffect.Restart])
            {
                if (ordering.Has(effect)) Update(then.Resource, first, then, state, effect);
            }
        }
        else if (ordering.Has(OrderEffect.RequiresThen) && !state.Optional)
        {
            Require(then);
        }

        if (ordering.Has(OrderEffect.Asks)) Ask(first, then, state, ordering);
        if (ordering.Has(OrderEffect.NeedsFirst))
        {
            if (then.Resource is not null) Update(then.Resource, first, then, state, OrderEffect.NeedsFirst);
            else if (!state.Runnable) Forbid(then);
        }

        if (ordering.Has(OrderEffect.Asymmetrical) && then.Resource is not null)
            Update(then.Resource, first, then, state, OrderEffect.Asymmetrical);
        if (ordering.Has(OrderEffect.ShowsThen) && first.Runnable && !state.Optional) Show(then);
        if (ordering.Has(OrderEffect.ShowsFirst) && !then.Optional) Show(first);
        // What may not be stopped keeps back everything that would need it stopped.
        if (ordering.Has(OrderEffect.RequiresThen | OrderEffect.WaitsForFirst | OrderEffect.Restart)
            && first is { Kind: ActionKind.Stop, IsEnd: false, Runnable: false }
            && first.Resource is { Managed: false, Blocked: true })
            Forbid(then);
    }

    private void Ask(PlannedAction first, PlannedAction then, ActionState state, Ordering ordering)
    {
        if (!state.Runnable && first.Resource!.RunningOn.Count > 0) ordering.Effect = OrderEffect.None;
        else if (then.Resource is not null) Update(then.Resource, first, then, state, OrderEffect.NeedsFirst);
    }

    private void Update(
        Instance resource, PlannedAction first, PlannedAction then, ActionState state, OrderEffect effect)
    {
        switch (resource.Kind)
        {
            case ResourceKind.Primitive:
                UpdateOne(first, then, state, effect);
                break;
            case ResourceKind.Group:
                UpdateOne(first, then, state, effect);
                foreach (var member in then.Resource!.Members)
                {
                    if (ActionSet.Last(member, then.Kind, then.Node, end: then.IsEnd) is { } own)
                        Update(member, first, own, state, effect);
                }

                break;
            case ResourceKind.Clone:
                if (Interleaves(first, then)) Interleave(first, then, effect);
                else UpdateCopies(first, then, state, effect);
                break;
        }
    }

    private void UpdateCopies(PlannedAction first, PlannedAction then, ActionState state, OrderEffect effect)
    {
        UpdateOne(first, then, state, effect);
        foreach (var copy in then.Resource!.Members)
        {
            if (ActionSet.Last(copy, then.Kind, then.Node, end: then.IsEnd) is { } own
                && ActionState.OfPart(own, then.Node).Runnable)
                Update(copy, first, own, state, effect);
        }
    }

    private static bool Interleaves(PlannedAction first, PlannedAction then)
    {
        if (first.Resource is not { Kind: ResourceKind.Clone } one
            || then.Resource is not { Kind: ResourceKind.Clone } other || one == other) return false;
        return then is { Kind: ActionKind.Stop, IsEnd: false } ? one.Clone!.Interleave : other.Clone!.Interleave;
    }

    // Copies of interleaved clones wait only for the copy on their own node.
    private void Interleave(PlannedAction first, PlannedAction then, OrderEffect effect)
    {
        var stops = first is { Kind: ActionKind.Stop, IsEnd: true };
        foreach (var copy in then.Resource!.Members)
        {
            var partner = Partner(copy, first.Resource!, stops);
            if (partner is null)
            {
                // Without anything to go with it cannot be up.
                if (!stops && effect is OrderEffect.NeedsFirst or OrderEffect.RequiresThen) Unassign(copy);
                continue;
            }

            // A group has started when all of it has; its beginning would be replaced by that again and again.
            if (ActionSet.Last(partner, first.Kind, end: partner.Kind != ResourceKind.Primitive) is not { } before
                || ActionSet.Last(copy, then.Kind) is not { } after) continue;
            if (ActionSet.Order(before, after, effect) is not null) changed(after);
            Update(copy, before, after, ActionState.OfPart(before, null), effect);
        }
    }

    private static Instance? Partner(Instance copy, Instance clone, bool current)
    {
        if (Location(copy, current) is not { } place) return null;
        return clone.Members.Find(one =>
            !one.Primitives.Any(part => part.Blocked) && Location(one, current) == place);
    }

    private static NodeView? Location(Instance copy, bool current)
    {
        if (!current) return copy.Location;
        NodeView? only = null;
        foreach (var node in copy.Primitives.SelectMany(one => one.RunningOn))
        {
            if (only is not null && only != node) return null;
            only = node;
        }

        return only;
    }

    private void Unassign(Instance copy)
    {
        foreach (var primitive in copy.Primitives)
        {
            if (primitive.Target is null && primitive.NextRole == Role.Stopped) continue;
            (primitive.Target, primitive.NextRole) = (null, Role.Stopped);
            primitive.StoppedBecause = "has nothing on its node to go with";
            foreach (var action in primitive.Actions)
            {
                if (action.Kind == ActionKind.Stop) Require(action);
                else if (action.Kind is ActionKind.Start or ActionKind.Monitor or ActionKind.Cancel) Forbid(action);
            }
        }
    }

    private void UpdateOne(PlannedAction first, PlannedAction then, ActionState state, OrderEffect effect)
    {
        switch (effect)
        {
            case OrderEffect.Asymmetrical:
                Asymmetrical(first, then);
                break;
            case OrderEffect.NeedsFirst:
                if (!state.Runnable) Forbid(then);
                break;
            case OrderEffect.RequiresThen:
                if (!state.Optional) Require(then);
                break;
            case OrderEffect.Restart:
                Restart(first, then);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect), effect, "is not one effect that acts");
        }
    }

    // What runs already does not wait for anything.
    private void Asymmetrical(PlannedAction first, PlannedAction then)
    {
        var runs = then is { Kind: ActionKind.Start, Optional: true, Resource.RunningOn: [var only] }
            && only == then.Node;
        if (runs || first.Runnable) return;
        Require(then);
        Forbid(then);
    }

    private void Restart(PlannedAction stop, PlannedAction then)
    {
        var cannot = !then.Runnable && then.Resource!.Managed && stop.Resource == then.Resource;
        if (then.Optional && !cannot) return;
        if (stop.Runnable || !then.Optional) Require(stop);
        if (!stop.Optional && !stop.Runnable) Forbid(then);
    }

    private void Require(PlannedAction action)
    {
        if (!action.Optional) return;
        action.Optional = false;
        changed(action);
    }

    private void Forbid(PlannedAction action)
    {
        if (!action.Runnable) return;
        action.Runnable = false;
        changed(action);
    }

    private void Show(PlannedAction action)
    {
        if (action.Shown || !action.IsPoint) return;
        action.Shown = true;
        changed(action);
    }
}
