using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>All actions that a plan may have, and the orders between them.</summary>
internal sealed class ActionSet(WorkingCluster cluster)
{
    private readonly List<PlannedAction> actions = [];
    private readonly List<Ordering> orderings = [];
    private readonly Dictionary<Instance, List<PlannedAction>> byResource = [];

    public WorkingCluster Cluster { get; } = cluster;

    public IReadOnlyList<PlannedAction> All => actions;

    public IReadOnlyList<Ordering> Orderings => orderings;

    /// <summary>Actions of one kind of one resource.</summary>
    public IEnumerable<PlannedAction> Of(Instance resource, ActionKind kind) =>
        byResource.TryGetValue(resource, out var own) ? own.Where(action => action.Kind == kind) : [];

    /// <summary>All actions of one resource, those added last first.</summary>
    public IEnumerable<PlannedAction> Latest(Instance resource) =>
        byResource.TryGetValue(resource, out var own) ? Enumerable.Reverse(own) : [];

    public PlannedAction? Find(Instance resource, ActionKind kind, NodeView node, long intervalMs = 0) =>
        Of(resource, kind).FirstOrDefault(action => action.Node == node && action.IntervalMs == intervalMs);

    /// <summary>Adds an action, or finds the one there is; what is asked for as required stays so.</summary>
    public PlannedAction Add(ActionKind kind, Instance resource, NodeView node, bool optional, long intervalMs = 0)
    {
        var action = Find(resource, kind, node, intervalMs);
        if (action is null)
        {
            var surplus = kind == ActionKind.Stop && resource.SurplusOn.Contains(node);
            var untouchable = !surplus && !resource.Managed && kind is (ActionKind.Start or ActionKind.Stop);
            action = new PlannedAction(actions.Count, kind, resource, node, intervalMs)
            {
                Untouchable = untouchable, Surplus = surplus,
            };
            action.Runnable = IsRunnable(action);
            Append(action);
        }

        if (!optional && !action.Untouchable) action.Optional = false;
        return action;
    }

    public PlannedAction AddForNode(ActionKind kind, NodeView node)
    {
        var action = new PlannedAction(actions.Count, kind, null, node, 0) { Optional = false };
        Append(action);
        return action;
    }

    /// <summary>Something that cannot happen in this plan: what needs it cannot happen either.</summary>
    public PlannedAction Impossible(ActionKind kind, Instance resource)
    {
        var action = Of(resource, kind).FirstOrDefault(one => one.Node is null);
        if (action is not null) return action;
        action = new PlannedAction(actions.Count, kind, resource, null, 0) { Runnable = false };
        Append(action);
        return action;
    }

    public PlannedAction Milestone(int least)
    {
        var action = new PlannedAction(actions.Count, ActionKind.Milestone, null, null, 0) { Least = least };
        Append(action);
        return action;
    }

    public void Order(PlannedAction first, PlannedAction then, OrderEffect effect)
    {
        if (first.Surplus || then.Surplus)
        {
            if (!first.Surplus || !then.Surplus || first.Node != then.Node) return;
            effect = OrderEffect.None;
        }

        if (first != then) orderings.Add(new Ordering(first, then, effect));
    }

    private void Append(PlannedAction action)
    {
        actions.Add(action);
        if (action.Resource is not { } resource) return;
        if (!byResource.TryGetValue(resource, out var own)) byResource[resource] = own = [];
        own.Add(action);
    }

    private bool IsRunnable(PlannedAction action)
    {
        var node = action.Node!;
        var resource = action.Resource!;
        if (node.Unclean && node.Fenced && action.Kind == ActionKind.Stop)
        {
            action.Implied = true;
            return true;
        }

        if (!node.Online || node.Pending || (node.Unclean && node.Fenced)) return false;
        return action.Kind != ActionKind.Start || HasQuorumFor(resource);
    }

    private bool HasQuorumFor(Instance resource)
    {
        if (Cluster.Options.HaveQuorum || resource.Requires == Requirement.Nothing) return true;
        return Cluster.Options.NoQuorumPolicy switch
        {
            NoQuorumPolicy.Ignore => true,
            NoQuorumPolicy.Freeze => resource.Outermost.IsActive && resource.Role == Role.Started,
            NoQuorumPolicy.Stop or NoQuorumPolicy.Fence => false,
        };
    }
}
