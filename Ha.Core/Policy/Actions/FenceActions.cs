using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Fences unclean nodes, and lets what needs it wait for that.</summary>
internal static class FenceActions
{
    /// <summary>Decides which nodes are fenced; before actions are made, because they depend on it.</summary>
    public static void Decide(WorkingCluster cluster)
    {
        // Who has nothing to look after shoots nobody.
        var hasManaged = cluster.Resources.Exists(resource => resource.Managed);
        foreach (var node in cluster.Nodes)
        {
            if (!node.Unclean) continue;
            node.Fenced = hasManaged && cluster.CanFence(node);
            if (!node.Fenced) cluster.Remarks.Add($"{node.Name} is unclean and cannot be fenced: {node.UncleanReason}");
        }
    }

    public static void AddAll(ActionSet actions)
    {
        if (actions.Cluster is { HaveUnfencing: true, Options.FencingEnabled: true }) AddUnfencing(actions);
        foreach (var node in actions.Cluster.Nodes)
        {
            if (!node.Fenced) continue;
            var fence = actions.AddForNode(ActionKind.Fence, node);
            foreach (var action in actions.All)
            {
                if (action is not { Resource: { Kind: ResourceKind.Primitive, Managed: true } resource }) continue;
                if (action.Kind == ActionKind.Start) OrderStart(fence, action, resource, node);
                else if (action.Kind == ActionKind.Stop && action.Node == node) ImplyStop(fence, action, resource);
            }
        }
    }

    private static void OrderStart(PlannedAction fence, PlannedAction start, Instance resource, NodeView node)
    {
        if (resource.Requires >= Requirement.Fencing) ActionSet.Order(fence, start, OrderEffect.Order);
        // Nobody knows whether it runs where it cannot be asked any more.
        else if (resource.Requires == Requirement.Quorum && !resource.Known[node.Index])
            ActionSet.Order(fence, start, OrderEffect.Order | OrderEffect.NeedsFirst);
    }

    // What runs on a fenced node has stopped by that.
    private static void ImplyStop(PlannedAction fence, PlannedAction stop, Instance resource)
    {
        stop.Implied = stop.Runnable = true;
        if (resource.Requires < Requirement.Fencing) return;
        ActionSet.Order(fence, stop, OrderEffect.Order);
        if (resource.Outermost is { Kind: not ResourceKind.Primitive } whole)
            ActionSet.OrderAll(fence, whole, ActionKind.Stop, OrderEffect.Order);
    }

    // A node is let in once in its membership, before the first thing that needs it happens there.
    private static void AddUnfencing(ActionSet actions)
    {
        foreach (var node in actions.Cluster.Nodes)
        {
            if (!node.Online || node.Unclean || node.Pending) continue;
            if (node.Attribute("#node-unfenced") is { } since && since != "0") continue;
            var unfence = actions.AddForNode(ActionKind.Unfence, node);
            unfence.Optional = true;
            foreach (var action in actions.All)
            {
                if (action.Node == node && action.Resource is { } resource
                    && NeedsUnfencing(actions.Cluster, action.Kind, resource))
                {
                    unfence.Optional = false;
                    ActionSet.Order(unfence, action, OrderEffect.Order);
                }
            }
        }
    }

    private static bool NeedsUnfencing(WorkingCluster cluster, ActionKind kind, Instance resource) => kind switch
    {
        ActionKind.Probe => cluster.Unfences(resource.Model),
        ActionKind.Start => resource.Requires == Requirement.Unfencing || cluster.Unfences(resource.Model),
        _ => false,
    };
}
