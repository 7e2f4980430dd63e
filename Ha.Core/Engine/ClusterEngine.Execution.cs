using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Resources;

namespace Ha.Core.Engine;

/// <summary>
/// What this node does to its own resources: it obeys the coordinator of its view, and nobody older (S7).
/// </summary>
public sealed partial class ClusterEngine
{
    private (ViewId View, long Transition) newestOrder;

    private void ReceiveOrder(Peer from, in HeartbeatMessage message)
    {
        // It waited in the socket while this node stood still, and what it is based on may be long over. A coordinator
        // that still means it says it again.
        if (stalled) return;
        if (view is null || from.Index != view.Coordinator || !view.Contains(from.Member)) return;
        if (TryReadBody(message, EngineJson.Default.OrderMessage, from, out var order)) Obey(order);
    }

    private void Obey(OrderMessage order)
    {
        if (view is null || order.View != view.Id.ToString() || local.Releasing) return;
        if (newestOrder.View == view.Id && order.Transition < newestOrder.Transition) return;
        newestOrder = (view.Id, order.Transition);
        foreach (var action in order.Actions)
        {
            if (local.Find(action.Resource) is not { } resource) continue;
            var token = new ActionToken(view.Id, order.Transition, action.Number).ToString();
            local.Execute(resource, action.Kind, token, action.Urgent, effects);
        }
    }

    private void CompleteOperation(OperationCompleted done)
    {
        if (local.Complete(done, now.Monotonic, effects) is not { } ended)
            throw new InvariantBrokenException($"operation {done.Number} ended, but none of that number is under way");
        coordinationDue = true;
        SnapshotVersion++;
        ReportEnd(ended);
        if (ended.Kind == OperationKind.Probe && local.AllProbed) reportDue = true;
    }

    private void ReportEnd(EndedOperation ended)
    {
        var id = ended.Resource.Definition.Id;
        var took = Milliseconds(ended.Duration);
        var node = options.LocalNode;
        if (ended.Kind == OperationKind.Probe && ended.Resource.Detail.Length == 0)
        {
            Emit(EventKind.ResourceProbed, EventSeverity.Info, id, ended.Resource.State == ResourceState.Started
                ? $"{id} runs on {node} already" : $"{id} does not run on {node}");
        }
        else if (ended.Resource.Detail.Length == 0)
        {
            var verb = ended.Kind switch
            {
                OperationKind.Start => "started",
                OperationKind.Stop => "stopped",
                OperationKind.Announce => "announced",
                OperationKind.Probe => "probed",
                OperationKind.Monitor => "watched",
            };
            Emit(EventKind.OperationDone, EventSeverity.Info, id, $"{id} {verb} on {node} in {took}");
        }
        else
        {
            Emit(EventKind.OperationFailed, EventSeverity.Error, id,
                $"on {node}, {ended.Resource.Detail}{(ended.WillRetry ? "; trying again" : "")}");
        }
    }
}
