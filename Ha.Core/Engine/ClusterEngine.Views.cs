using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// Who acts together. The first ready node in the order of ha.cf proposes a view of all ready nodes that it hears and
/// that hear it; each member acknowledges at most one proposal at a time; when all have, the view holds. A node follows
/// only the first node it hears itself, so that partial connectivity settles instead of electing for ever.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MaxProposalsOfOneId = 4;
    private static readonly TimeSpan LongestRepeatPause = TimeSpan.FromMilliseconds(500);

    private MembershipView? view;
    private MembershipView? proposal;
    private ulong acknowledgements;
    private ViewId promised;
    private ImmutableArray<Member> promisedMembers = [];
    private ulong highestEpoch;
    private ulong confirmed;
    private MonotonicTime nextViewMessage = MonotonicTime.Never;
    private MonotonicTime confirmedBy;
    private MonotonicTime viewConfirmedAt;
    private int proposalsSent;

    private ViewId CurrentViewId => view?.Id ?? ViewId.None;

    private Member LocalMember => new(localIndex, options.Generation);

    private bool IsReadyToJoin => local.AllProbed && !local.Releasing;

    private bool IsCoordinator => view is not null && view.Coordinator == localIndex;

    private TimeSpan RepeatPause => options.Keepalive < LongestRepeatPause ? options.Keepalive : LongestRepeatPause;

    private bool MayJoin(Peer peer) =>
        peer.Product == NodeProduct.HaAppliance && peer.IsAlive && peer.State != NodeState.HalfConnected
        && peer.Status is HeartbeatStatus.Up or HeartbeatStatus.Active
        && peer.HearsUs(options.Deadtime) && peer.Protection?.Refusal is null
        // Confirmed to be off, and heard: until it is known whether the device lied it is no member.
        && !fencer.IsConfirmed(peer.Name, peer.Generation);

    private void AgreeOnView()
    {
        if (goodByeSaid) return;
        LeaveViewWhenEvicted();
        if (!IsReadyToJoin && view is null) return;
        foreach (var peer in peers)
        {
            // An earlier node that can join proposes; a member that is starting again, or whose state is still open,
            // is waited for: it either joins or falls silent.
            if (peer.Index < localIndex && MayJoin(peer))
            {
                DropProposal();
                return;
            }

            if (MustBeWaitedFor(peer)) return;
        }

        if (view is null || !IsViewAsWanted()) Propose();
    }

    private bool MustBeWaitedFor(Peer peer)
    {
        // A running view has judged whom nobody hears; whoever is in it will be heard within a deadtime.
        if (peer.State == NodeState.Unknown)
            return view is null && !(now.Monotonic - begunAt > options.Deadtime && HearsRunningView());
        if (!peer.IsAlive || peer.Product == NodeProduct.Heartbeat || MayJoin(peer)) return false;
        if (view is null) return true;
        return view.Contains(peer.Index) && peer.State == NodeState.Joining;
    }

    private bool HearsRunningView()
    {
        foreach (var peer in peers)
        {
            if (MayJoin(peer) && peer.AnnouncedView.Exists) return true;
        }

        return false;
    }

    private bool IsViewAsWanted()
    {
        foreach (var peer in peers)
        {
            // An earlier life of it, which has ended: the present one may have died before it could join.
            if (view!.Contains(peer.Index) && !view.Contains(peer.Member)) return false;
            if (view.Contains(peer.Member) != MayJoin(peer)) return false;
            // It had installed this view and is in another one now.
            if (MayJoin(peer) && (confirmed & Bit(peer.Index)) != 0 && peer.AnnouncedView != view.Id) return false;
        }

        // A member that acknowledged and never came in has meanwhile promised something newer: ask anew.
        return view!.Coordinator == localIndex && (now.Monotonic < confirmedBy || AllConfirmed());
    }

    private void Propose()
    {
        var members = WantedMembers();
        // Refused in silence: somebody has promised an id that is not smaller. A greater one settles it.
        if (proposal is not null && proposal.Members.SequenceEqual(members) && proposal.Id.Epoch >= highestEpoch
            && proposalsSent < MaxProposalsOfOneId) return;
        proposal = new MembershipView(new ViewId(highestEpoch + 1, localIndex), members);
        highestEpoch++;
        promised = proposal.Id;
        promisedMembers = members;
        proposalsSent = 0;
        acknowledgements = Bit(localIndex);
        if (members.Length == 1) Install(proposal);
        else SendView(ViewPhase.Propose, proposal);
    }

    private ImmutableArray<Member> WantedMembers()
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        for (var node = 0; node < options.Nodes.Length; node++)
        {
            if (node == localIndex) members.Add(LocalMember);
            else if (FindPeer(node) is { } peer && MayJoin(peer)) members.Add(peer.Member);
        }

        return members.ToImmutable();
    }

    private void DropProposal()
    {
        if (proposal is null) return;
        proposal = null;
        if (!IsCoordinator) nextViewMessage = MonotonicTime.Never;
    }

    private void SendView(ViewPhase phase, MembershipView what)
    {
        nextViewMessage = now.Monotonic + RepeatPause;
        if (phase == ViewPhase.Propose) proposalsSent++;
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new ViewMessage(what.Id.ToString(), phase, what.Members), EngineJson.Default.ViewMessage);
        sender.Begin(ClusterMessageTypes.View);
        MessageBody.Add(sender.Encoder, body);
        sender.Send(now, effects);
    }

    // A proposal is repeated until all have acknowledged it, a commit until all say that they are in the view.
    private void RepeatViewMessages()
    {
        if (now.Monotonic < nextViewMessage) return;
        nextViewMessage = MonotonicTime.Never;
        if (proposal is not null) SendView(ViewPhase.Propose, proposal);
        else if (IsCoordinator && !AllConfirmed()) SendView(ViewPhase.Commit, view!);
    }

    private bool AllConfirmed()
    {
        foreach (var peer in peers)
        {
            if (!view!.Contains(peer.Member)) continue;
            if (peer.AnnouncedView == view.Id) confirmed |= Bit(peer.Index);
            if ((confirmed & Bit(peer.Index)) == 0) return false;
        }

        return true;
    }

    private void ReceiveView(Peer from, in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.ViewMessage, from, out var body)
            || !ViewId.TryParse(System.Text.Encoding.ASCII.GetBytes(body.View), out var id)) return;
        highestEpoch = Math.Max(highestEpoch, id.Epoch);
        if (!MayJoin(from) || id.Proposer != from.Index || !body.Members.Contains(LocalMember) || !IsReadyToJoin)
            return;
        switch (body.Phase)
        {
            case ViewPhase.Propose:
                Acknowledge(from, id, body.Members);
                break;
            case ViewPhase.Commit:
                // Only what this node has acknowledged, and nothing older than where it is.
                if (id == promised && id > CurrentViewId && body.Members.SequenceEqual(promisedMembers))
                    Install(new MembershipView(id, body.Members));
                break;
        }
    }

    private void Acknowledge(Peer from, ViewId id, ImmutableArray<Member> members)
    {
        var again = id == promised && members.SequenceEqual(promisedMembers);
        if (!again)
        {
            if (id <= promised || id <= CurrentViewId || !IsFirstToPropose(from)) return;
            promised = id;
            promisedMembers = members;
            DropProposal();
        }

        sender.Begin(ClusterMessageTypes.ViewAck);
        sender.Encoder.Add(ClusterFields.View, id.ToString());
        sender.Send(now, effects, from);
    }

    private bool IsFirstToPropose(Peer from)
    {
        if (from.Index > localIndex) return false;
        foreach (var peer in peers)
        {
            if (peer.Index < from.Index && MayJoin(peer)) return false;
        }

        return true;
    }

    private void ReceiveViewAck(Peer from, in HeartbeatMessage message)
    {
        if (proposal is null || !message.TryGet(ClusterFields.View, out var text)
            || !ViewId.TryParse(text, out var id) || id != proposal.Id || !proposal.Contains(from.Member)) return;
        acknowledgements |= Bit(from.Index);
        foreach (var member in proposal.Members)
        {
            if ((acknowledgements & Bit(member.Node)) == 0) return;
        }

        var agreed = proposal;
        Install(agreed);
        SendView(ViewPhase.Commit, agreed);
    }

    private void Install(MembershipView agreed)
    {
        trigger = TellChange(agreed);
        view = agreed;
        viewConfirmedAt = default;
        proposal = null;
        confirmed = Bit(localIndex);
        confirmedBy = now.Monotonic + (options.Keepalive * 4);
        nextViewMessage = MonotonicTime.Never;
        highestEpoch = Math.Max(highestEpoch, agreed.Id.Epoch);
        foreach (var peer in peers)
        {
            if (peer.IsAlive) Reconsider(peer);
        }

        var members = string.Join(", ", agreed.Members.Select(member => NameOf(member.Node)));
        Emit(EventKind.ViewInstalled, EventSeverity.Info, "membership",
            $"view {agreed.Id}: {members}; {NameOf(agreed.Coordinator)} coordinates");
        reportDue = true;
        local.DropPendingOrders();
        fenceOrders.Clear();
        BeginCoordination();
        // The coordinator's report of this view may have overtaken its commit.
        if (FindPeer(agreed.Coordinator)?.Report is { } report && report.View == agreed.Id.ToString())
            FollowCoordinator(report);
    }

    // For those who read why something moved: who came, who is gone. A single death is told with its evidence.
    private string TellChange(MembershipView agreed)
    {
        if (view is null)
        {
            var earlier = Names(agreed.Members.Where(member => FindPeer(member.Node)?.AnnouncedView.Exists == true));
            var all = Names(agreed.Members);
            return earlier.Length > 0 ? $"{options.LocalNode} joined {earlier}"
                : agreed.Members.Length > 1 ? $"the cluster begins with {all}"
                : trigger == AtStart ? $"the cluster begins with {all} alone" : trigger;
        }

        var joined = agreed.Members.Where(member => !view.Contains(member)).ToList();
        if (joined.Count > 0) return $"{Names(joined)} joined";
        var dead = view.Members.Where(member => FindPeer(member.Node)?.State == NodeState.Dead).ToList();
        return dead.Count > 1 ? $"{Names(dead)} are dead: nothing is heard of them" : trigger;
    }

    private string Names(IEnumerable<Member> members) =>
        string.Join(" and ", members.Select(member => NameOf(member.Node)));

    private static ulong Bit(int node) => 1UL << node;
}
