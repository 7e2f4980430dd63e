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

    /// <returns>False when it is to be ordered again, if it is still meant.</returns>
    private bool Obey(OrderMessage order)
    {
        if (view is null || order.View != view.Id.ToString() || local.Releasing) return false;
        // Ordered by what ran here before this node gave it up: a service would start without its address.
        if (order.Releases != local.Releases) return false;
        if (newestOrder.View == view.Id && order.Transition < newestOrder.Transition) return false;
        if (newestOrder != (view.Id, order.Transition))
        {
            newestOrder = (view.Id, order.Transition);
            fenceOrders.Clear();
            local.DropPendingOrders();
            local.Changed = true;
        }

        var taken = true;
        foreach (var action in order.Actions)
        {
            if (action.Kind == OperationKind.Fence)
            {
                if (action.Resource != options.LocalNode) fenceOrders.Add(action.Resource);
                continue;
            }

            if (local.Find(action.Resource) is not { } resource) continue;
            if (action.Kind == OperationKind.Start && !MayBeginStart(action.Resource, order.Setbacks))
            {
                taken = false;
                continue;
            }

            var token = new ActionToken(view.Id, order.Transition, action.Number).ToString();
            var pending = new PendingOrder(action.Kind, action.IntervalMs, token, action.Urgent);
            taken &= local.Execute(resource, pending, now.Monotonic, effects);
        }

        return taken;
    }

    // Whatever the coordinator says. The order may have been on its way when this node said that it leaves, or that what
    // the resource needs has failed; without authority nothing is started; nor by what was ordered before others may
    // have gone on without this node.
    private bool MayBeginStart(string resource, long knownSetbacks) =>
        !departing && knownSetbacks == local.Setbacks
        && !(AuthorityIsProven && ProvenUntil() <= now.Monotonic)
        && !RunsAtOneWayPeer(resource)
        && FindUnheardSincePause() is null;

    // The driver's word is the occasion; what counts is what the monitor finds.
    private void LookAt(ResourceDisturbed disturbed)
    {
        if (local.Find(disturbed.Resource) is not { State: ResourceState.Started } resource) return;
        var kind = resource.Definition.IsVip ? EventKind.AddressLost : EventKind.ResourceDisturbed;
        Emit(kind, EventSeverity.Error, disturbed.Resource, $"on {options.LocalNode}, {disturbed.Detail}");
        LocalResourceSet.LookNow(resource, now.Monotonic);
        if (!stalled) local.AdvanceTime(now.Monotonic, effects);
    }

    private void CompleteOperation(OperationCompleted done)
    {
        if (local.Complete(done, now.Monotonic, effects) is not { } ended)
            throw new InvariantBrokenException($"operation {done.Number} ended, but none of that number is under way");
        // A monitor that finds what it found before is no news to anybody.
        if (!ended.IsNews) return;
        coordinationDue = true;
        SnapshotVersion++;
        ReportEnd(ended);
        TellServersAfter(ended);
        if (ended.Operation.Kind == OperationKind.Probe && local.AllProbed) reportDue = true;
    }

    private void ReportEnd(EndedOperation ended)
    {
        var id = ended.Resource.Definition.Id;
        var node = options.LocalNode;
        if (ended.Resource.Detail.Length > 0)
        {
            if (ended.Operation.Kind == OperationKind.Monitor) trigger = $"on {node}, {ended.Resource.Detail}";
            Emit(EventKind.OperationFailed, EventSeverity.Error, id,
                $"on {node}, {ended.Resource.Detail}{(ended.WillRetry ? "; trying again" : "")}");
            return;
        }

        var took = Milliseconds(ended.Duration);
        switch (ended.Operation.Kind)
        {
            case OperationKind.Probe:
                Emit(EventKind.ResourceProbed, EventSeverity.Info, id, ended.Resource.State == ResourceState.Started
                    ? $"{id} runs on {node} already" : $"{id} does not run on {node}");
                break;
            case OperationKind.Start:
                Emit(EventKind.OperationDone, EventSeverity.Info, id, $"{id} started on {node} in {took}");
                break;
            case OperationKind.Stop:
                Emit(EventKind.OperationDone, EventSeverity.Info, id, $"{id} stopped on {node} in {took}");
                break;
            case OperationKind.Announce:
                Emit(EventKind.OperationDone, EventSeverity.Info, id, $"{id} announced on {node} in {took}");
                break;
            case OperationKind.Monitor:
                Emit(EventKind.OperationDone, EventSeverity.Info, id, $"{id} is watched on {node} and is well");
                break;
            case OperationKind.Cancel or OperationKind.Fence:
                throw new System.Diagnostics.UnreachableException($"{ended.Operation.Kind} is no local operation");
        }
    }
}
