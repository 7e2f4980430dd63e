using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>The order inside groups: members start one after the other, and stop the other way round.</summary>
internal sealed class GroupOrders(ActionSet actions)
{
    public void AddAll()
    {
        foreach (var resource in actions.Cluster.Resources) Add(resource);
    }

    private void Add(Instance resource)
    {
        if (resource.Kind != ResourceKind.Group)
        {
            foreach (var member in resource.Members) Add(member);
            return;
        }

        for (var i = 1; i < resource.Members.Count; i++) Pair(resource.Members[i - 1], resource.Members[i]);
        // A group starts nowhere before all of it has stopped.
        foreach (var stop in resource.Primitives.SelectMany(one => actions.Of(one, ActionKind.Stop)))
        {
            foreach (var start in resource.Primitives.SelectMany(one => actions.Of(one, ActionKind.Start)))
            {
                if (stop.Resource != start.Resource) actions.Order(stop, start, OrderEffect.None);
            }
        }
    }

    private void Pair(Instance earlier, Instance later)
    {
        PlannedAction[] starts = [.. actions.Of(earlier, ActionKind.Start)];
        if (starts.Length == 0) starts = [actions.Impossible(ActionKind.Start, earlier)];
        foreach (var first in starts)
        {
            foreach (var then in actions.Of(later, ActionKind.Start))
                actions.Order(first, then, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        }

        foreach (var first in actions.Of(later, ActionKind.Stop))
        {
            foreach (var then in actions.Of(earlier, ActionKind.Stop))
                actions.Order(first, then, OrderEffect.RequiresFirst | OrderEffect.NeedsFirst);
        }
    }
}
