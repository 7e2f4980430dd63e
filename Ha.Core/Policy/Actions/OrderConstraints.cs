using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Turns order constraints into orders between actions.</summary>
internal sealed class OrderConstraints(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void AddAll()
    {
        foreach (var constraint in cluster.Model.Orders)
        {
            var first = constraint.First.Select(cluster.Find).OfType<Instance>().ToList();
            if (first.Count < constraint.First.Length || cluster.Find(constraint.Then) is not { } then)
            {
                cluster.Remarks.Add($"order {constraint.Id} names a resource that does not exist");
                continue;
            }

            Add(constraint, first, then);
        }
    }

    private void Add(OrderConstraint constraint, List<Instance> first, Instance then)
    {
        var effect = (constraint.Kind, constraint.Symmetrical) switch
        {
            (OrderKind.Mandatory, false) => OrderEffect.Asymmetrical,
            (OrderKind.Mandatory, true) when constraint.FirstAction == OrderedAction.Start
                => OrderEffect.RequiresThen | OrderEffect.NeedsFirst,
            (OrderKind.Mandatory, true) => OrderEffect.RequiresThen,
            (OrderKind.Optional, _) when then.RestartsWithFirst && constraint.ThenAction == OrderedAction.Start
                => OrderEffect.RequiresThen,
            (OrderKind.Optional or OrderKind.Serialize, _) => OrderEffect.None,
        };
        if (first.Count == 1 && constraint.RequireAll && Interleave(first[0], then) is { } pairs)
        {
            foreach (var (one, other) in pairs) Pair(constraint, effect, one, other);
            return;
        }

        if (!constraint.RequireAll || first.Exists(one => one.Kind == ResourceKind.Clone))
            OneOf(constraint, effect, first, then);
        else Link(first[0], Kind(constraint.FirstAction), then, Kind(constraint.ThenAction), effect);
        Reverse(constraint, first, then);
    }

    private void Pair(OrderConstraint constraint, OrderEffect effect, Instance first, Instance then)
    {
        Link(first, Kind(constraint.FirstAction), then, Kind(constraint.ThenAction), effect);
        Reverse(constraint, [first], then);
    }

    private void Reverse(OrderConstraint constraint, List<Instance> first, Instance then)
    {
        if (!constraint.Symmetrical) return;
        var effect = constraint.Kind == OrderKind.Mandatory ? OrderEffect.RequiresFirst : OrderEffect.None;
        // While others still run, what comes after need not stop.
        if (!constraint.RequireAll) effect = OrderEffect.None;
        foreach (var one in first)
            Link(then, Kind(Opposite(constraint.ThenAction)), one, Kind(Opposite(constraint.FirstAction)), effect);
    }

    // One of the set, or one copy of the clone, is enough to go on; all that happens of it happens before.
    private void OneOf(OrderConstraint constraint, OrderEffect effect, List<Instance> first, Instance then)
    {
        var kind = Kind(constraint.FirstAction);
        var milestone = actions.Milestone(least: 1);
        foreach (var resource in first.SelectMany(one => one.Primitives))
        {
            foreach (var action in actions.Of(resource, kind)) actions.Order(action, milestone, OrderEffect.None);
        }

        if (constraint.RequireAll)
            Link(first[0], kind, then, Kind(constraint.ThenAction), effect & OrderEffect.RequiresThen);
        foreach (var resource in then.Primitives)
        {
            foreach (var action in actions.Of(resource, Kind(constraint.ThenAction)))
                actions.Order(milestone, action, effect & ~OrderEffect.RequiresThen);
        }
    }

    private void Link(Instance first, ActionKind firstKind, Instance then, ActionKind thenKind, OrderEffect effect)
    {
        foreach (var one in first.Primitives)
        {
            List<PlannedAction> before = [.. actions.Of(one, firstKind)];
            if (before.Count == 0)
            {
                // What is stopped already need not be waited for; what cannot be started is waited for in vain.
                if (firstKind == ActionKind.Stop || one == then) continue;
                if (one.OfClone is not null) continue;
                before.Add(actions.Impossible(firstKind, one));
            }

            foreach (var other in then.Primitives)
            {
                foreach (var after in actions.Of(other, thenKind))
                    foreach (var action in before)
                    {
                        // What one copy of a clone does concerns its own node only.
                        var here = action.Node == after.Node || (one.OfClone ?? other.OfClone) is null;
                        actions.Order(action, after, here ? effect : OrderEffect.None);
                    }
            }
        }
    }

    // Copies of interleaved clones wait only for the copy on their own node.
    private static List<(Instance First, Instance Then)>? Interleave(Instance first, Instance then)
    {
        if (first.Kind != ResourceKind.Clone || then is not { Kind: ResourceKind.Clone, Clone.Interleave: true })
            return null;
        List<(Instance, Instance)> pairs = [];
        foreach (var copy in then.Members)
        {
            var place = copy.Place ?? copy.Primitives.SelectMany(one => one.RunningOn).FirstOrDefault();
            if (place is null) continue;
            var partner = first.Members.Find(one => one.Place == place)
                ?? first.Members.Find(one => one.Primitives.Any(primitive => primitive.RunningOn.Contains(place)));
            if (partner is not null) pairs.Add((partner, copy));
        }

        return pairs;
    }

    private static ActionKind Kind(OrderedAction action) => action switch
    {
        OrderedAction.Start => ActionKind.Start,
        OrderedAction.Stop => ActionKind.Stop,
    };

    private static OrderedAction Opposite(OrderedAction action) => action switch
    {
        OrderedAction.Start => OrderedAction.Stop,
        OrderedAction.Stop => OrderedAction.Start,
    };
}
