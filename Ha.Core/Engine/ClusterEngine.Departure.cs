using Ha.Core.Contracts;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Graceful stop: resources are handed over while this node is still a member, then it says good-bye, so that nobody
/// waits for a deadtime.
/// </summary>
public sealed partial class ClusterEngine
{
    private static readonly TimeSpan LongestHandOver = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan LongestGoodBye = TimeSpan.FromMilliseconds(200);

    private bool departing;
    private bool halted;
    private bool goodByeSaid;
    private bool handOverGivenUp;
    private MonotonicTime unorderedSince;
    private MonotonicTime departureDeadline = MonotonicTime.Never;

    private void BeginDeparture()
    {
        if (departing) return;
        departing = true;
        departureDeadline = now.Monotonic + LongestHandOver;
        trigger = $"{options.LocalNode} is being stopped";
        reportDue = true;
        coordinationDue = true;
        Emit(EventKind.AgentStopping, EventSeverity.Info, options.LocalNode,
            $"{options.LocalNode} is being stopped: handing over its resources");
    }

    private void AdvanceDeparture()
    {
        if (!departing || halted) return;
        if (goodByeSaid)
        {
            if (now.Monotonic >= departureDeadline) HaltNow();
            return;
        }

        if (now.Monotonic >= departureDeadline && !GiveUpWaiting()) return;
        // Without a view, with an undecided node about, or out of time, nobody orders the stops: it stops by itself.
        var alone = view is null || (IsCoordinator && FindUndecided() is not null) || conflict is not null
            || handOverGivenUp || NobodyOrders();
        if (alone && local.AnyToGiveUp && !local.Releasing && !AllHopeless())
            GiveUpAll($"{options.LocalNode} is being stopped");
        if (local.Releasing || (local.AnyToGiveUp && !AllHopeless())) return;
        if (IsCoordinator && transition is not null && !handOverGivenUp) return;
        SayGoodBye();
    }

    // The coordinator knows that this node leaves and has nothing in hand: what is left here stays for a reason of the
    // policy's, as an address below something that nobody may touch.
    private bool NobodyOrders()
    {
        var orders = IsCoordinator ? transition is not null
            : view is not null && FindPeer(view.Coordinator)?.Report?.Transition is not null;
        if (orders || unorderedSince == default
            || local.All.Any(one => one.Busy is { Kind: not OperationKind.Monitor }))
            unorderedSince = now.Monotonic;
        return now.Monotonic - unorderedSince >= options.Deadtime;
    }

    // First this node stops waiting for others, then for its own stops.
    private bool GiveUpWaiting()
    {
        if (handOverGivenUp)
        {
            HaltNow();
            return false;
        }

        handOverGivenUp = true;
        departureDeadline = now.Monotonic + LongestHandOver;
        return true;
    }

    // What still may run here could not be stopped: waiting longer does not help.
    private bool AllHopeless() =>
        local.All.All(one => one.Busy is null
            && (!one.MayRun || one.IsLeftAlone || one.StopFailure is not null || one.RetryStopAt == MonotonicTime.Never))
        && local.All.Any(one => one.StopFailure is not null);

    private void SayGoodBye()
    {
        goodByeSaid = true;
        AskArbiterSoon();
        departureDeadline = now.Monotonic;
        if (local.AnyActive || !peers.Any(peer => peer.IsAlive))
        {
            // With something still running here, the peers must not believe that all is free: they wait
            // for the deadtime.
            HaltNow();
            return;
        }

        departureDeadline += options.Keepalive < LongestGoodBye ? options.Keepalive : LongestGoodBye;
        SendGoodBye();
    }

    private void SendGoodBye()
    {
        sender.Begin(MessageTypes.ShutdownDone);
        sender.Encoder.Add(FieldNames.Status, "dead"u8);
        sender.Send(now, effects);
    }

    private void HaltNow()
    {
        var kept = local.All.Where(one => one is { MayRun: true, IsLeftAlone: true })
            .Select(one => one.Definition.Id).ToList();
        var left = local.All.Where(one => one is { MayRun: true, IsLeftAlone: false })
            .Select(one => one.Definition.Id).ToList();
        // Said twice: the first may have been lost, and nobody is left to send it again.
        if (left.Count + kept.Count == 0 && peers.Any(peer => peer.IsAlive)) SendGoodBye();
        var runsOn = kept.Count == 0 ? ""
            : $"; {string.Join(", ", kept)} run on: they are in maintenance or not managed";
        Emit(EventKind.AgentStopped, left.Count == 0 ? EventSeverity.Info : EventSeverity.Critical, options.LocalNode,
            left.Count == 0 ? $"{options.LocalNode} has stopped{runsOn}"
                : $"{options.LocalNode} has stopped, but could not stop {string.Join(", ", left)}: "
                    + $"they may still run here{runsOn}");
        ShareEvents();
        halted = true;
        departureDeadline = MonotonicTime.Never;
        effects.Add(new Halt(left.Count == 0, left.Count == 0 ? "" : $"still running: {string.Join(", ", left)}"));
    }

    private void ReceiveGoodBye(Peer peer)
    {
        if (peer.State == NodeState.Left) return;
        // Only a life that has heard ours says good-bye to us: an earlier one's, played again, would be believed by a
        // node that has just started, and what runs there be started a second time without fencing (S6).
        if (peer.Product != NodeProduct.Heartbeat && !peer.HasEchoed) return;
        peer.State = NodeState.Left;
        peer.Status = HeartbeatStatus.Dead;
        peer.Reason = "was stopped";
        peer.LeftSince = peer.EchoedSend;
        peer.ForgetLife();
        AskArbiterSoon();
        trigger = $"{peer.Name} was stopped";
        coordinationDue = true;
        SnapshotVersion++;
        Emit(EventKind.NodeLeft, EventSeverity.Info, peer.Name, $"{peer.Name} has given up its resources and left");
    }
}
