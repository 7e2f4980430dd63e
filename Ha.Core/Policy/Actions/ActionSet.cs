using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>All actions that a plan may have, and the orders between them.</summary>
internal sealed class ActionSet(WorkingCluster cluster)
{
    private readonly List<PlannedAction> actions = [];

    public WorkingCluster Cluster { get; } = cluster;

    public IReadOnlyList<PlannedAction> All => actions;

    /// <summary>The last one added of one kind; on a node, or anywhere when that is null.</summary>
    public static PlannedAction? Last(
        Instance resource, ActionKind kind, NodeView? node = null, long intervalMs = 0, bool end = false)
    {
        for (var i = resource.Actions.Count - 1; i >= 0; i--)
        {
            var action = resource.Actions[i];
            if (action.Kind == kind && action.IsEnd == end && action.IntervalMs == intervalMs
                && (node is null || action.Node == node))
                return action;
        }

        return null;
    }

    /// <summary>Adds an action, or finds the one there is; what is asked for as required stays so. What is not managed
    /// is not asked for.</summary>
    public PlannedAction Add(ActionKind kind, Instance resource, NodeView node, bool optional, long intervalMs = 0)
    {
        var action = Last(resource, kind, node, intervalMs);
        if (action is null)
        {
            action = new PlannedAction(actions.Count, kind, resource, node, intervalMs);
            action.Runnable = IsRunnable(action);
            Append(action);
        }

        // What Pacemaker takes for done already it does not think over; that begins its monitors anew in every plan.
        var hands = resource.Managed || kind is not (ActionKind.Start or ActionKind.Stop)
            || (Cluster.Options.AsPacemaker && action.Implied);
        if (!hands) action.Optional = true;
        else if (!optional) action.Optional = false;
        return action;
    }

    public PlannedAction AddForNode(ActionKind kind, NodeView node)
    {
        var action = new PlannedAction(actions.Count, kind, null, node, 0) { Optional = false };
        Append(action);
        return action;
    }

    /// <summary>A point in time of a group or clone.</summary>
    public PlannedAction AddPoint(ActionKind kind, Instance whole, bool end, bool optional, bool runnable)
    {
        var action = new PlannedAction(actions.Count, kind, whole, null, 0)
        {
            IsEnd = end, Optional = optional, Runnable = runnable,
        };
        Append(action);
        return action;
    }

    /// <summary>Something that cannot happen in this plan: what needs it cannot happen either.</summary>
    public PlannedAction Impossible(ActionKind kind, Instance resource)
    {
        if (Last(resource, kind) is { } known) return known;
        var action = new PlannedAction(actions.Count, kind, resource, null, 0) { Runnable = false };
        Append(action);
        return action;
    }

    public PlannedAction Milestone(int least)
    {
        var action = new PlannedAction(actions.Count, ActionKind.Milestone, null, null, 0)
        {
            Least = least, Runnable = false,
        };
        Append(action);
        return action;
    }

    /// <summary>Puts one action before another. Of several orders between the same two that have an effect in common,
    /// the first one counts.</summary>
    public static Ordering? Order(PlannedAction first, PlannedAction then, OrderEffect effect)
    {
        if (first == then || effect == OrderEffect.None) return null;
        // The shorter list is looked through.
        var known = first.After.Count < then.Before.Count ? first.After : then.Before;
        foreach (var one in known)
        {
            if (one.First == first && one.Then == then && one.Has(effect)) return null;
        }

        var ordering = new Ordering(first, then, effect);
        first.After.Add(ordering);
        then.Before.Add(ordering);
        return ordering;
    }

    /// <summary>Puts all actions of one kind of a resource before all of one kind of another.</summary>
    public void Order(Instance first, ActionKind firstKind, Instance then, ActionKind thenKind, OrderEffect effect,
        bool firstEnd = false, bool thenEnd = false)
    {
        var found = false;
        for (var i = first.Actions.Count - 1; i >= 0; i--)
        {
            var one = first.Actions[i];
            if (one.Kind != firstKind || one.IsEnd != firstEnd) continue;
            found = true;
            OrderAll(one, then, thenKind, effect, thenEnd);
        }

        if (found || first == then) return;
        // What is stopped already need not be waited for; what cannot be started is waited for in vain.
        if (firstKind == ActionKind.Stop && !first.IsActive) return;
        OrderAll(Impossible(firstKind, first), then, thenKind, effect, thenEnd);
    }

    /// <summary>Puts one action before all of one kind of a resource.</summary>
    public static void OrderAll(
        PlannedAction first, Instance then, ActionKind thenKind, OrderEffect effect, bool thenEnd = false)
    {
        for (var i = then.Actions.Count - 1; i >= 0; i--)
        {
            var other = then.Actions[i];
            if (other.Kind == thenKind && other.IsEnd == thenEnd) Order(first, other, effect);
        }
    }

    private void Append(PlannedAction action)
    {
        actions.Add(action);
        action.Resource?.Actions.Add(action);
    }

    private bool IsRunnable(PlannedAction action)
    {
        var node = action.Node!;
        if (!node.Online || node.Pending) return false;
        return action.Kind != ActionKind.Start || HasQuorumFor(action.Resource!);
    }

    private bool HasQuorumFor(Instance resource)
    {
        if (Cluster.Options.HaveQuorum || resource.Requires == Requirement.Nothing) return true;
        return Cluster.Options.NoQuorumPolicy switch
        {
            NoQuorumPolicy.Ignore => true,
            NoQuorumPolicy.Freeze => resource.IsActive && resource.NextRole <= resource.Role,
            NoQuorumPolicy.Stop or NoQuorumPolicy.Fence => false,
        };
    }
}
