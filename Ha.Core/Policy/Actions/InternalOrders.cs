using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>The orders that hold without being configured: stop before start, members of groups one after the other,
/// the points of groups and clones around what they are made of.</summary>
internal sealed class InternalOrders(ActionSet actions)
{
    public void AddAll()
    {
        foreach (var resource in actions.Cluster.Resources) Add(resource);
    }

    private void Add(Instance resource)
    {
        switch (resource.Kind)
        {
            case ResourceKind.Primitive:
                if (resource.Managed)
                    actions.Order(resource, ActionKind.Stop, resource, ActionKind.Start,
                        OrderEffect.Order | OrderEffect.RequiresThen | OrderEffect.Restart);
                break;
            case ResourceKind.Group:
                AddPoints(resource);
                AddMembers(resource);
                break;
            case ResourceKind.Clone:
                AddPoints(resource);
                foreach (var copy in resource.Members)
                {
                    Add(copy);
                    Around(resource, copy, ActionKind.Start, OrderEffect.NeedsFirst | OrderEffect.ShowsFirst,
                        OrderEffect.ShowsThen);
                    Around(resource, copy, ActionKind.Stop, OrderEffect.ShowsFirst, OrderEffect.ShowsThen);
                }

                break;
        }
    }

    // It has stopped before it starts.
    private void AddPoints(Instance whole)
    {
        actions.Order(whole, ActionKind.Stop, whole, ActionKind.Start, OrderEffect.Order, firstEnd: true);
        actions.Order(whole, ActionKind.Start, whole, ActionKind.Start, OrderEffect.NeedsFirst, thenEnd: true);
        actions.Order(whole, ActionKind.Stop, whole, ActionKind.Stop, OrderEffect.NeedsFirst, thenEnd: true);
    }

    // What is done to a part lies between the whole's beginning and its end.
    private void Around(Instance whole, Instance part, ActionKind kind, OrderEffect begin, OrderEffect end)
    {
        actions.Order(whole, kind, part, kind, begin);
        actions.Order(part, kind, whole, kind, end, thenEnd: true);
    }

    private void AddMembers(Instance group)
    {
        Instance? previous = null;
        Instance? lastActive = null;
        foreach (var member in group.Members)
        {
            Add(member);
            var first = previous is null;
            Around(group, member, ActionKind.Stop,
                OrderEffect.ShowsFirst | (first ? OrderEffect.Order : OrderEffect.None),
                first ? OrderEffect.RequiresThen : OrderEffect.ShowsThen);
            Around(group, member, ActionKind.Start, OrderEffect.ShowsFirst,
                OrderEffect.NeedsFirst | OrderEffect.RequiresThen | OrderEffect.ShowsThen);
            if (previous is not null) AddPair(previous, member);
            if (member.IsActive)
            {
                // Where one in between does not run, the others still stop in sequence.
                if (previous is { IsActive: false } && lastActive is not null)
                    actions.Order(member, ActionKind.Stop, lastActive, ActionKind.Stop, OrderEffect.Order);
                lastActive = member;
            }

            previous = member;
        }
    }

    private void AddPair(Instance previous, Instance member)
    {
        actions.Order(previous, ActionKind.Start, member, ActionKind.Start,
            OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        actions.Order(member, ActionKind.Stop, previous, ActionKind.Stop, OrderEffect.Order | OrderEffect.Restart);
    }
}
