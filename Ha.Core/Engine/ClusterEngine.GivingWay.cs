using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// When this node gives way: others went on without it, or it hears a peer that does not hear it and serves as well.
/// </summary>
public sealed partial class ClusterEngine
{
    // A peer that was in our view is in a newer one that we never agreed to: it went on without us.
    private void LeaveViewWhenEvicted()
    {
        if (view is null) return;
        foreach (var peer in peers)
        {
            if (!peer.IsAlive || !view.Contains(peer.Member)) continue;
            var id = peer.AnnouncedView;
            if (!(id > view.Id) || id == promised || id == proposal?.Id) continue;
            LoseView(peer);
            return;
        }
    }

    private void LoseView(Peer peer)
    {
        var paused = pausedUntil is { } end && now.Monotonic - end < options.Deadtime * 2;
        LeaveView();
        if (!paused && !AuthorityIsProven)
        {
            Emit(EventKind.AuthorityLost, EventSeverity.Warning, options.LocalNode,
                $"{peer.Name} went on without this node (view {peer.AnnouncedView}); joining again");
        }
        else
        {
            Release(paused ? "this node did not run for longer than its deadtime and "
                + $"{peer.Name} went on without it (view {peer.AnnouncedView})"
                : $"{peer.Name} went on without this node (view {peer.AnnouncedView})");
        }
    }

    private void LeaveView()
    {
        view = null;
        DropProposal();
        EndCoordination();
        reportDue = true;
    }

    // It cannot hear us, so it has taken over or will; we can hear it, so we know: the one who knows gives way.
    private void YieldToOneWayPeer()
    {
        foreach (var peer in peers)
        {
            if (peer.State != NodeState.HalfConnected || peer.Report is null || local.Releasing) continue;
            if (!HasReplacedUs(peer.Report)) continue;
            // Where a cut has just healed, the report comes because the peer hears us at last, and ahead of the status
            // that says so: only one that follows by a heartbeat and still says no is proof.
            if (peer.LastStatus - peer.ReportedAt < options.Keepalive) continue;
            // No member while it gives up: nobody must count on what it still runs.
            LeaveView();
            Release($"{peer.Name} does not hear this node and runs its resources too");
            return;
        }
    }

    // It would be given up at once, and ordered again by whoever does not hear that peer, without end.
    private bool RunsAtOneWayPeer(string resource)
    {
        foreach (var peer in peers)
        {
            if (peer is not { State: NodeState.HalfConnected, Report: { } report }) continue;
            if (report.View == CurrentViewId.ToString() || report.View == ViewId.None.ToString()) continue;
            foreach (var one in report.Resources)
            {
                if (one.Id == resource && one.State == ResourceState.Started) return true;
            }
        }

        return false;
    }

    private bool HasReplacedUs(NodeReport report) =>
        report.View != CurrentViewId.ToString() && report.View != ViewId.None.ToString()
        && local.All.Any(one => one is { State: ResourceState.Started, IsLeftAlone: false }
            && report.Resources.Any(other => other.Id == one.Definition.Id && other.State == ResourceState.Started));

    private void Release(string why)
    {
        Emit(EventKind.AuthorityLost, EventSeverity.Error, options.LocalNode, local.AnyToGiveUp
            ? $"giving up all resources here: {why}" : $"nothing runs here to give up: {why}");
        GiveUpAll($"{options.LocalNode} gives up what it runs: {why}");
    }

    // No order of before is carried out afterwards, whoever gave it.
    private void GiveUpAll(string why)
    {
        local.ReleaseAll(effects);
        reportDue = true;
        if (transition is not null) AbortTransition(why);
    }
}
