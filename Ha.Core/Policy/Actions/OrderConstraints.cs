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
            if (constraint.Symmetrical) Reverse(constraint, first, then);
        }
    }

    private void Add(OrderConstraint constraint, List<Instance> first, Instance then)
    {
        var effect = OrderEffect.Order | Effect(constraint, then);
        var (firstKind, thenKind) = (Kind(constraint.FirstAction), Kind(constraint.ThenAction));
        var clone = first is [{ Kind: ResourceKind.Clone } single] ? single : null;
        var least = constraint.CountsCopies && clone is { Clone.Least: > 0 and var number } ? number
            : constraint.RequireAll || constraint.FirstAction == OrderedAction.Stop ? 0 : 1;
        if (least == 0)
        {
            foreach (var one in first) actions.Order(one, firstKind, then, thenKind, effect);
            return;
        }

        // One of the set, or so many copies of the clone, are enough to go on.
        var milestone = actions.Milestone(least);
        foreach (var one in clone?.Members ?? first)
        {
            var found = false;
            foreach (var action in one.Actions.Where(action => action.Kind == firstKind && !action.IsEnd).ToList())
            {
                found = true;
                ActionSet.Order(action, milestone, OrderEffect.OneOfSeveral | OrderEffect.ShowsThen);
            }

            if (!found)
                ActionSet.Order(actions.Impossible(firstKind, one), milestone, OrderEffect.OneOfSeveral);
        }

        ActionSet.OrderAll(milestone, then, thenKind, effect | OrderEffect.NeedsFirst);
    }

    private static OrderEffect Effect(OrderConstraint constraint, Instance then) => constraint.Kind switch
    {
        OrderKind.Mandatory when !constraint.Symmetrical => OrderEffect.Asymmetrical,
        OrderKind.Mandatory when constraint.FirstAction == OrderedAction.Start =>
            OrderEffect.RequiresThen | OrderEffect.NeedsFirst,
        OrderKind.Mandatory => OrderEffect.RequiresThen,
        OrderKind.Optional when then.RestartsWithFirst && constraint.ThenAction == OrderedAction.Start =>
            OrderEffect.RequiresThen,
        OrderKind.Optional => OrderEffect.None,
        OrderKind.Serialize => OrderEffect.Serialize,
    };

    private void Reverse(OrderConstraint constraint, List<Instance> first, Instance then)
    {
        var effect = OrderEffect.Order
            | (constraint.Kind == OrderKind.Mandatory ? OrderEffect.WaitsForFirst : OrderEffect.None);
        foreach (var one in first)
            actions.Order(then, Kind(Opposite(constraint.ThenAction)), one, Kind(Opposite(constraint.FirstAction)),
                effect);
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
