using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Policy.Model;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Who may act: quorum for many nodes, the authority table for two. One notion with three enforcers: what is started
/// and given up here, the leases of virtual IPs, and the watchdog (<see cref="RenewAuthority"/>).
/// </summary>
public sealed partial class ClusterEngine
{
    private Quorum quorum;
    private readonly RenewAuthority renewal = new();
    private AuthorityRow? authority;
    private MonotonicTime nextAuthority = MonotonicTime.Never;
    private MonotonicTime othersEndAt = MonotonicTime.Never;
    private bool fullViewNoted;

    private SafetySettings Safety => configuration.Safety;

    private bool FencingEnabled => configuration.Model.Options.FencingEnabled;

    private bool IsPair => options.Nodes.Length == 2;

    // Without a watchdog or an arbiter nothing takes the authority away but a decision.
    private bool AuthorityIsProven => Safety.Watchdog is not null || Safety.HasArbiter;

    private void JudgeAuthority()
    {
        nextAuthority = MonotonicTime.Never;
        if (othersEndAt <= now.Monotonic)
        {
            othersEndAt = MonotonicTime.Never;
            coordinationDue = true;
        }

        if (quorum.Update(view, now.Monotonic)) ReportQuorum();
        if (quorum.SeenFullView && !fullViewNoted && Safety.WaitForAll)
        {
            fullViewNoted = true;
            effects.Add(RememberFullView.Instance);
        }

        if (IsPair && view is not null) JudgePair(peers[0]);
        GiveUpWhatMayNotBeKept();
    }

    private void ReportQuorum()
    {
        SnapshotVersion++;
        coordinationDue = true;
        if (IsPair || view is null) return;
        Emit(quorum.HaveQuorum ? EventKind.QuorumRegained : EventKind.QuorumLost,
            quorum.HaveQuorum ? EventSeverity.Info : EventSeverity.Critical, "membership",
            quorum.HaveQuorum ? $"quorum: {quorum.Why}" : $"no quorum: {quorum.Why}");
    }

    private void JudgePair(Peer peer)
    {
        var row = AuthorityTable.Decide(new AuthorityInputs
        {
            Overriding = Overriding.Nothing,
            Peer = EvidenceOf(peer),
            Fencing = FencingEnabled
                ? fencer.EvidenceFor(peer.Name, peer.Generation) : FencingEvidence.NotConfigured,
            Watchdog = Safety.Watchdog is not null && peer.Protection is { IsFull: true } ? YesNo.Yes : YesNo.No,
            Arbiter = ArbiterNow(),
            Ping = PingEvidence.NotConfigured,
            Holds = local.AnyActive ? YesNo.Yes : YesNo.No,
            SeenFullView = quorum.SeenFullView ? YesNo.Yes : YesNo.No,
            Mode = Safety.Unprotected == UnprotectedTakeover.Veto ? UnprotectedMode.Veto : UnprotectedMode.Classic,
        });
        if (ReferenceEquals(row, authority)) return;
        var known = authority is not null;
        authority = row;
        coordinationDue = true;
        nextQuestion = now.Monotonic;
        SnapshotVersion++;
        // What one expects is no news: both there, or gone with a good-bye.
        if (row.Action == AuthorityAction.NormalPolicy && !known) return;
        Emit(EventKind.AuthorityDecided, row.Severity, options.LocalNode, $"{row.Sentence} (row {row.Id})");
    }

    private static PeerEvidence EvidenceOf(Peer peer) => peer.State switch
    {
        // Heard and not yet a member: nothing is decided before it joins or falls silent.
        NodeState.Joining or NodeState.Online or NodeState.Leaving => PeerEvidence.Ok,
        NodeState.HalfConnected => PeerEvidence.Half,
        NodeState.Left => PeerEvidence.Left,
        NodeState.Dead or NodeState.Unknown => PeerEvidence.Lost,
    };

    private void GiveUpWhatMayNotBeKept()
    {
        if (local.Releasing || departing) return;
        if (authority is { Action: AuthorityAction.ReleaseNow or AuthorityAction.WaitForAll } row && view is not null
            && IsPair)
        {
            if (local.AnyToRelease) Release(row.Sentence);
        }
        else if (AuthorityIsProven && view is not null && local.AnyToRelease && quorum.SeenFullView)
        {
            var end = MonotonicTime.Max(renewal.Until, ProvenUntil());
            if (end > now.Monotonic) nextAuthority = MonotonicTime.Min(nextAuthority, end);
            else if (local.AllProbed)
                Release("its authority has ended: neither its peers nor the arbiter have confirmed it in time");
        }
    }

    // Why nothing is started now, although this node coordinates; null when the policy may decide.
    private string? WhyNothingMayStart()
    {
        if (!quorum.SeenFullView) return quorum.Why;
        if (AuthorityIsProven && ProvenUntil() <= now.Monotonic)
            return "this node's authority has ended: neither its peers nor the arbiter have confirmed it in time";
        if (IsPair)
        {
            if (authority is not { } row) return null;
            switch (row.Action)
            {
                case AuthorityAction.Wait or AuthorityAction.StayPassive or AuthorityAction.WaitForAll
                    or AuthorityAction.ReleaseNow or AuthorityAction.ReleaseAtAuthorityEnd
                    or AuthorityAction.ReleaseThenDecide or AuthorityAction.RejoinAnew
                    or AuthorityAction.ReleaseInConflict:
                    return row.Sentence;
                case AuthorityAction.NormalPolicy or AuthorityAction.TakeOverNow or AuthorityAction.KeepAndFence
                    or AuthorityAction.FenceThenTakeOver or AuthorityAction.KeepAndRetryFencing
                    or AuthorityAction.WaitAndRetryFencing or AuthorityAction.KeepUnprotected
                    or AuthorityAction.TakeOverUnprotected or AuthorityAction.KeepInConflict:
                    return null;
                case AuthorityAction.KeepWhileGranted or AuthorityAction.TakeOverAfterDelay
                    or AuthorityAction.TakeOverAfterLease:
                    return WaitForOthersEnd();
            }
        }

        return !FencingEnabled && Safety.Watchdog is not null && quorum.HaveQuorum ? WaitForOthersEnd() : null;
    }

    // Whoever is lost has given up, or was reset, so long after the last that was heard of it (RELIABILITY.md 6.3).
    private string? WaitForOthersEnd()
    {
        var wait = Safety.Watchdog is not null ? SelfFencing.TakeoverDelayOf(Safety, options.Deadtime)
            : SelfFencing.LeaseWait(Safety.ArbiterLease);
        if (!AllConfirmed()) return "not every member has confirmed the view yet";
        if (viewConfirmedAt == default) viewConfirmedAt = now.Monotonic;
        foreach (var peer in peers)
        {
            // Who was not heard yet since this life began may be served by others, or have been until just now.
            if (peer.State is not (NodeState.Dead or NodeState.HalfConnected or NodeState.Unknown)) continue;
            // Until all were in this view, one of them may have proven the authority of whoever is lost; and until this
            // life began, an earlier one of this node may have.
            var heard = peer.Generation == 0 ? begunAt : peer.LastStatus;
            var end = MonotonicTime.Max(heard, view!.Members.Length > 1 ? viewConfirmedAt : default) + wait;
            if (end <= now.Monotonic) continue;
            othersEndAt = MonotonicTime.Min(othersEndAt, end);
            return $"{peer.Name} is lost: nothing of it is taken over before {Seconds(wait)} have passed since it was "
                + "heard last, and since its partners left it, when it has certainly given up";
        }

        return null;
    }

    private bool MayAct() => view is not null && quorum.SeenFullView
        && (IsPair ? authority is null or { MayKeep: true } or { MayTakeOver: true } or { MayFence: true }
            : quorum.HaveQuorum || configuration.Model.Options.NoQuorumPolicy
                is NoQuorumPolicy.Ignore or NoQuorumPolicy.Freeze);

    // Told with each heartbeat; whoever holds a lease or a watchdog goes no further than this.
    private void RenewWhileAllowed()
    {
        if (local.Releasing || !MayAct()) return;
        var shortest = TimeSpan.FromTicks(3 * options.Keepalive.Ticks);
        var until = AuthorityIsProven ? ProvenUntil()
            : now.Monotonic + (Safety.AuthorityValidity > shortest ? Safety.AuthorityValidity : shortest);
        if (until < renewal.Until + TimeSpan.FromTicks(options.Keepalive.Ticks / 4)) return;
        if (renewal.Until <= now.Monotonic) coordinationDue = true;
        renewal.Until = until;
        effects.Add(renewal);
    }

    // Only whoever is in the same view: an echo of somebody who has gone on without this node proves nothing.
    private bool Proves(Peer peer) =>
        view?.Contains(peer.Member) == true && peer.HasEchoed && peer.AnnouncedView == view.Id;

    // Dated by the sending of what was answered: the later of the peers' echo and the arbiter's grant.
    private MonotonicTime ProvenUntil()
    {
        var proof = arbiterGrantUntil;
        var needed = IsPair ? 1 : quorum.Needed - 1;
        // The date that so many members have echoed: tried for each of them.
        foreach (var candidate in peers)
        {
            if (!Proves(candidate)) continue;
            var others = 0;
            foreach (var peer in peers)
            {
                if (Proves(peer) && peer.EchoedSend >= candidate.EchoedSend) others++;
            }

            if (others >= needed)
                proof = MonotonicTime.Max(proof, candidate.EchoedSend + Safety.AuthorityValidity);
        }

        return MonotonicTime.Max(proof, ProvenByAbsence());
    }

    // Whoever is left of two because the other said good-bye, or was confirmed off, owes nobody a proof. But where the
    // arbiter alone decides between two, the other may be back, cut off, and be granted what this node still holds: so
    // long as it must wait after its boot the good-bye counts, afterwards the grant only.
    private MonotonicTime ProvenByAbsence()
    {
        if (!IsPair || authority is not { Action: AuthorityAction.TakeOverNow }) return default;
        var always = now.Monotonic + Safety.AuthorityValidity;
        if (!Safety.HasArbiter || FencingEnabled || peers[0].State != NodeState.Left) return always;
        var waits = Safety.Watchdog is null
            ? SelfFencing.LeaseValidity(Safety.ArbiterLease, null) : Safety.AuthorityValidity;
        return MonotonicTime.Min(always, peers[0].LeftSince + waits);
    }
}
