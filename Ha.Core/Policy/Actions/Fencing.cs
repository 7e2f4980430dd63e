using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Fences unclean nodes, and lets what needs it wait for that.</summary>
internal static class Fencing
{
    /// <summary>Decides which nodes are fenced; before actions are made, because they depend on it.</summary>
    public static void Decide(WorkingCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            if (!node.Unclean) continue;
            node.Fenced = cluster.CanFence(node);
            if (!node.Fenced) cluster.Remarks.Add($"{node.Name} is unclean and cannot be fenced: {node.UncleanReason}");
        }
    }

    public static void AddAll(ActionSet actions)
    {
        foreach (var node in actions.Cluster.Nodes)
        {
            if (!node.Fenced) continue;
            var fence = actions.AddForNode(ActionKind.Fence, node);
            foreach (var action in actions.All)
            {
                if (action.Kind == ActionKind.Stop && action.Node == node) actions.Order(fence, action, OrderEffect.None);
                if (action is { Kind: ActionKind.Start, Resource.Requires: >= Requirement.Fencing })
                    actions.Order(fence, action, OrderEffect.NeedsFirst);
            }
        }
    }
}
