using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Policy.Model;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// Fencing, as far as the engine drives it: the policy says which node must be off before its resources are used, the
/// authority whether this node may do it, the <see cref="Fencer"/> how.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MaxFenceRecords = 8;

    private readonly Fencer fencer;
    private readonly SortedSet<string> fenceOrders = new(StringComparer.Ordinal);

    private void ConfigureFencing() => fencer.Configure(
        Safety, configuration.Model.Options.FencingAction == "off" ? FenceAction.Off : FenceAction.Reboot);

    private PeerLiveness LivenessOf(string name)
    {
        var peer = FindPeer(options.Nodes.IndexOf(name))!;
        return new PeerLiveness(peer.Generation, peer.IsAlive, view?.Contains(peer.Member) == true
            && peer.State == NodeState.Online);
    }

    private void DriveFencing()
    {
        if (!FencingEnabled) return;
        foreach (var peer in peers)
        {
            if (IsToBeFenced(peer) && MayFence(peer))
            {
                fencer.Request(peer.Name, peer.Generation, ReasonFor(peer), DelayBefore(peer), now, effects);
            }
            else
            {
                fencer.CallOff(peer.Name, "nobody needs it to be off any more, or this node may not do it now");
            }
        }

        fencer.AdvanceTime(now, effects);
        TakeFenceResults(newlyConfirmed: TakeFenceNotes());
    }

    private bool IsToBeFenced(Peer peer)
    {
        if (view is null) return false;
        if (fenceOrders.Contains(peer.Name)) return true;
        if (transition is null || !IsCoordinator) return false;
        foreach (var action in transition.Graph.Actions)
        {
            if (action.Kind == OperationKind.Fence && action.Node == peer.Name
                && transition.StateOf(action.Number) is StepState.Pending or StepState.Running) return true;
        }

        return false;
    }

    // A silent node only with authority; a member whose stop failed by the word of its own view.
    private bool MayFence(Peer peer)
    {
        if (!quorum.SeenFullView || departing) return false;
        if (view!.Contains(peer.Member)) return true;
        return IsPair ? authority is { MayFence: true }
            : quorum.HaveQuorum || configuration.Model.Options.NoQuorumPolicy == NoQuorumPolicy.Ignore;
    }

    private FenceReason ReasonFor(Peer peer) => view!.Contains(peer.Member) ? FenceReason.StopFailed
        : peer.Generation == 0 ? FenceReason.NeverSeen : FenceReason.Silent;

    private TimeSpan DelayBefore(Peer peer)
    {
        if (view!.Contains(peer.Member)) return TimeSpan.Zero;
        var spread = peer.Deadtime > options.Deadtime
            ? peer.Deadtime - options.Deadtime : options.Deadtime - peer.Deadtime;
        var margin = FenceDelay.RaceMargin(fencer.LongestCall, spread, options.Keepalive);
        var peerHeld = (peer.Report ?? peer.LastReport)?.Resources
            .Any(one => one.State == ResourceState.Started) == true;
        // With three nodes and more only the side with quorum shoots.
        return IsPair ? FenceDelay.Extra(local.AnyActive, peerHeld, localIndex < peer.Index, margin) : TimeSpan.Zero;
    }

    /// <returns>True when a node is newly confirmed to be off.</returns>
    private bool TakeFenceNotes()
    {
        var fenced = false;
        while (fencer.TryTakeNote(out var note))
        {
            var kind = note.Kind switch
            {
                FenceNoteKind.Progress or FenceNoteKind.CalledOff => EventKind.Fencing,
                FenceNoteKind.Fenced => EventKind.NodeFenced,
                FenceNoteKind.Failure => EventKind.FencingFailed,
                FenceNoteKind.DeviceLied or FenceNoteKind.Quarantined or FenceNoteKind.Operator
                    or FenceNoteKind.AcknowledgementVoid => EventKind.FencingNeedsAttention,
            };
            fenced |= note.Kind == FenceNoteKind.Fenced;
            Emit(kind, note.Severity, note.Target, note.Sentence);
            reportDue = true;
            coordinationDue = true;
        }

        return fenced;
    }

    // A member that is confirmed to be off is none any more, whatever became of the transition that asked for it: its
    // next life has nothing of what it was fenced for. Once for each confirmation: a life that is heard in spite of it
    // has a device that lied, and is judged by that.
    private void TakeFenceResults(bool newlyConfirmed)
    {
        var evicted = false;
        foreach (var peer in peers)
        {
            if (!fencer.IsConfirmed(peer.Name, peer.Generation)) continue;
            var awaited = CompleteFencingOf(peer);
            if (!peer.IsAlive || !(newlyConfirmed || awaited)) continue;
            // It may have been a member to the end: the view goes on without it now, not after its deadtime.
            DeclareDead(peer, "was fenced: a device has confirmed that it is off");
            evicted = true;
        }

        if (evicted) AgreeOnView();
    }

    /// <returns>True when the transition waited for it.</returns>
    private bool CompleteFencingOf(Peer peer)
    {
        if (transition is not { } walked) return false;
        foreach (var action in walked.Graph.Actions)
        {
            if (action.Kind != OperationKind.Fence || action.Node != peer.Name
                || walked.StateOf(action.Number) != StepState.Running) continue;
            walked.Complete(action.Number, succeeded: true);
            fencer.TryConsume(peer.Name, peer.Generation);
            NoteStepEnd(action, succeeded: true, "");
            coordinationDue = true;
            reportDue = true;
            return true;
        }

        return false;
    }

    /// <summary>Who carries out an action: nobody fences himself.</summary>
    private int ExecutorOf(TransitionAction action)
    {
        var node = options.Nodes.IndexOf(action.Node);
        if (action.Kind != OperationKind.Fence) return node;
        if (node != localIndex) return localIndex;
        foreach (var member in view!.Members)
        {
            if (member.Node != localIndex) return member.Node;
        }

        return localIndex;
    }

    private ImmutableArray<FenceRecord> RecentFencings() =>
        FencingEnabled ? [.. fencer.History.TakeLast(MaxFenceRecords)] : [];

    // Both sides exchange what their protection counts on; one that does not hold with the other's values is refused.
    private void JudgeProtection(Peer peer, SafetyTimes? theirs)
    {
        if (Safety.Watchdog is null || theirs is null) return;
        var protection = SelfFencing.AgainstPeer(OwnTimes(), theirs, peer.Name);
        var refusedBefore = peer.Protection?.Refusal is not null;
        peer.Protection = protection;
        if (protection.Refusal is not { } refusal || refusedBefore) return;
        SnapshotVersion++;
        Emit(EventKind.JoinRefused, EventSeverity.Critical, peer.Name, $"{peer.Name} may not join: {refusal}");
    }

    private SafetyTimes OwnTimes() =>
        new(SelfFencing.TakeoverDelayOf(Safety, options.Deadtime), Safety.AuthorityValidity, Safety.Watchdog);
}
