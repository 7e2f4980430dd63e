using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>Decides which nodes take orders and which are unclean.</summary>
internal static class NodeStates
{
    public static void Judge(WorkingCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            if (!node.Model.Seen)
            {
                if (cluster.Options is { FencingEnabled: true, StartupFencing: true })
                    node.MarkUnclean("it has not been seen since the cluster started");
            }
            else if (cluster.Options.FencingEnabled)
            {
                JudgeWithFencing(node);
            }
            else
            {
                JudgeWithoutFencing(node);
            }

            if (node.Online && cluster.Options is { HaveQuorum: false, NoQuorumPolicy: NoQuorumPolicy.Fence })
                node.MarkUnclean("the cluster lost quorum, and no-quorum-policy says fence");
        }
    }

    private static void JudgeWithFencing(NodeView node)
    {
        var state = node.Model;
        node.Online = state.InMembership == true;
        if (state.ShuttingDown)
            node.Online = state.AgentOnline;
        else if (state.InMembership is null)
            node.MarkUnclean("it has not been seen by the cluster");
        else if (state.Join == NodeJoin.Banned)
            node.MarkUnclean("the cluster turned it away");
        else if (!state.Expected && !node.Terminate)
            node.Pending = state.InMembership == true || state.AgentOnline;
        else if (node.Terminate && state is { Join: NodeJoin.Down, AgentOnline: false, InMembership: false })
            node.Online = false;
        else if (state.InMembership == false)
            node.MarkUnclean("it is no longer part of the cluster");
        else if (!state.AgentOnline)
            node.MarkUnclean("its cluster agent does not answer");
        else if (node.Terminate)
            node.MarkUnclean("somebody asked for it to be fenced");
        else if (state.Join is NodeJoin.Down or NodeJoin.Pending)
            node.Pending = true;
    }

    private static void JudgeWithoutFencing(NodeView node)
    {
        var state = node.Model;
        if (state.InMembership != true) return;
        if (state.AgentOnline)
        {
            node.Online = state.Join == NodeJoin.Member;
            return;
        }

        if (state.Expected) node.MarkUnclean("it is unexpectedly down");
    }
}
