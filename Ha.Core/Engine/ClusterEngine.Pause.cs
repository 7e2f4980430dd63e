using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// This node did not run for a while: silence of others meanwhile is not their death, but they may have acted on its
/// own. What was decided before is not gone on with until every member has been heard again (row R1).
/// </summary>
public sealed partial class ClusterEngine
{
    private MonotonicTime? pausedUntil;
    private MonotonicTime? unawareUntil;
    private TimeSpan pause;

    private void ForgivePause(TimeSpan gap)
    {
        stalled = true;
        pause += gap;
        if (unawareUntil is not null) unawareUntil = now.Monotonic;
        foreach (var peer in peers) peer.ForgivePause(gap, now.Monotonic);
        fencer.ForgivePause(gap);
        foreach (var check in checks) check.Machine.ForgivePause();
        if (view is null) begunAt += gap;
        Emit(EventKind.LoopStalled, gap >= options.Deadtime ? EventSeverity.Error : EventSeverity.Warning,
            options.LocalNode,
            $"this node's heartbeat loop did not run for {Milliseconds(gap)}: "
                + "silence of others during that time does not count");
    }

    private void ResumeAfterPause()
    {
        stalled = false;
        if (pause >= options.Deadtime) pausedUntil = now.Monotonic;
        // Who stands still again before he has heard anybody knows no more than before.
        if (pause >= options.Deadtime / 2 || unawareUntil is not null)
        {
            unawareUntil = now.Monotonic;
            // Whoever still means it orders it again.
            local.DropPendingOrders();
        }

        // Others may have acted on this node's silence by now: it gives up first and looks then (row R1).
        if (AuthorityIsProven && pause >= Safety.AuthorityValidity && local.AnyToRelease && !local.Releasing)
            Release(AuthorityTable.Rows[0].Sentence);
        pause = TimeSpan.Zero;
        SendStatus();
    }

    // What was sent after the pause has been answered: a status alone may have been on its way for long. A short pause
    // counts together with the silence around it. Bounded by the deadtime: whoever is not heard for that long is no
    // member any more.
    private Peer? FindUnheardSincePause()
    {
        foreach (var peer in peers)
        {
            if (peer.IsAlive && view!.Contains(peer.Member)
                && (peer.EchoedSend < unawareUntil || peer.MayHoldUsForDead(options.Deadtime, now.Monotonic)))
                return peer;
        }

        unawareUntil = null;
        return null;
    }

    private static string WhyUnheard(Peer unheard) =>
        $"this node did not run for a while: nothing is started before {unheard.Name} has been heard again";

    private void NoteHeardAgain(Peer peer) =>
        coordinationDue |= unawareUntil is not null || peer.Forgiven > TimeSpan.Zero;
}
