using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>What comes in: authenticated, checked against replay, then handed to the part it concerns.</summary>
public sealed partial class ClusterEngine
{
    private static readonly TimeSpan ComplaintPause = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(EventKind Kind, string Subject), (MonotonicTime Next, long Count)> complaints = [];

    private void ReceivePacket(int medium, ReadOnlySpan<byte> datagram)
    {
        var result = decoder.TryDecode(datagram, out var message);
        if (result != DecodeResult.Ok)
        {
            ComplainAboutPacket(result, medium);
            return;
        }

        if (!message.TryGet(FieldNames.Source, out var source)
            || !message.TryGetHex(FieldNames.Timestamp, out var stamp)
            || stamp == 0
            || !message.TryGetHex(FieldNames.Generation, out var generation) || generation > uint.MaxValue)
        {
            // Ping answers (NS_st) carry no generation; everything else without one is not a Heartbeat message.
            if (!message.Type.SequenceEqual(MessageTypes.PingStatus))
                ComplainAboutPacket(DecodeResult.Malformed, medium);
            return;
        }

        if (source.SequenceEqual(localNameUtf8))
        {
            NoticeDoubleOfThisNode(message);
            return;
        }

        if (FindPeer(source) is not { } peer)
        {
            if (MayComplain(EventKind.MalformedPacket, "unknown node", out var more))
            {
                Warn(EventKind.MalformedPacket, "unknown node",
                    $"an authentic packet came in over {options.Media[medium]} "
                        + $"from a node that ha.cf does not list{more}: "
                        + "add a node line, or keep that node off this port");
            }

            return;
        }

        if (IsDoubleOf(peer, message, (uint)generation)) return;
        if (MessageTypes.IsUnsequenced(message.Type)) ReceiveUnsequenced(peer, medium, message, (uint)generation);
        else ReceiveSequenced(peer, medium, message, (uint)generation);
    }

    private Peer? FindPeer(ReadOnlySpan<byte> name)
    {
        foreach (var peer in peers)
        {
            if (name.SequenceEqual(peer.NameUtf8)) return peer;
        }

        return null;
    }

    private void ReceiveSequenced(Peer peer, int medium, in HeartbeatMessage message, uint generation)
    {
        if (!message.TryGetHex(FieldNames.Sequence, out var sequence))
        {
            ComplainAboutPacket(DecodeResult.Malformed, medium);
            return;
        }

        var isStatus = message.Type.SequenceEqual(MessageTypes.Status);
        var verdict = peer.Sequence.Judge(
            generation, sequence, isStatus, peer.State is NodeState.Dead, now.Monotonic, out var lost);
        if (verdict is SequenceVerdict.Replay)
        {
            if (MayComplain(EventKind.ReplayRejected, peer.Name, out var more))
            {
                Warn(EventKind.ReplayRejected, peer.Name,
                    $"a packet of an older life of {peer.Name} (generation {generation}, "
                        + $"now {peer.Generation}) came in and was rejected{more}: a replay, or a copy of that node");
            }

            return;
        }

        if (verdict is SequenceVerdict.Stale) return;
        HearLink(peer, medium);
        if (!verdict.IsAccepted()) return;
        if (peer.Generation != generation) BeginLife(peer, message, generation);
        if (lost > 0 && MayComplain(EventKind.PacketsLost, peer.Name, out var losses))
        {
            Warn(EventKind.PacketsLost, peer.Name,
                $"{lost} packets from {peer.Name} were lost on the way and are requested again{losses}");
        }

        if (peer.Sequence.TryTakeAck(out var acknowledged)) SendAck(peer, acknowledged);
        if (message.TryGet(FieldNames.Destination, out var to) && !to.SequenceEqual(localNameUtf8)) return;
        // A status that was lost and sent again is older than one we have read: neither a sign of life nor news.
        if (isStatus && sequence < peer.Sequence.LastStatusSequence) return;
        Dispatch(peer, message, isStatus, healed: verdict is SequenceVerdict.HealedPartition);
    }

    private void Dispatch(Peer peer, in HeartbeatMessage message, bool isStatus, bool healed)
    {
        var type = message.Type;
        if (isStatus) ReceiveStatus(peer, message, healed);
        else if (type.SequenceEqual(ClusterMessageTypes.Report)) ReceiveReport(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.Order)) ReceiveOrder(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.View)) ReceiveView(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.ViewAck)) ReceiveViewAck(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.Event)) ReceiveEvent(message);
        else if (type.SequenceEqual(ClusterMessageTypes.Command)) ReceiveCommand(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.ConfigurationRequest)) AnswerFetch(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.ConfigurationChunk)) ReceiveChunk(peer, message);
        else if (type.SequenceEqual(ClusterMessageTypes.ReportRequest)) reportDue = true;
        else if (type.SequenceEqual(MessageTypes.NodeListRequest)) AnswerNodeList(peer);
        else if (type.SequenceEqual(MessageTypes.NodeListAnswer)) nodeListAnswered = true;
        else if (type.SequenceEqual(MessageTypes.ShutdownDone)) ReceiveGoodBye(peer);
        // Anything else is Heartbeat's own resource protocol or a client's message: not ours to act on.
    }

    private void ReceiveUnsequenced(Peer peer, int medium, in HeartbeatMessage message, uint generation)
    {
        // These types have no sequence number, so a copy cannot be told from the original: they change nothing but
        // what is sent again, and only for the life we know.
        if (generation != peer.Generation) return;
        HearLink(peer, medium);
        if (!message.TryGet(FieldNames.Destination, out var to) || !to.SequenceEqual(localNameUtf8)) return;
        if (message.Type.SequenceEqual(MessageTypes.Acknowledgement))
        {
            if (message.TryGetHex(FieldNames.AcknowledgedSequence, out var acknowledged)
                && acknowledged <= sender.LastSequence)
                sender.History.Acknowledged(peer.Index, acknowledged);
        }
        else if (message.Type.SequenceEqual(MessageTypes.RetransmitRequest))
        {
            AnswerRetransmitRequest(peer, message);
        }
        else if (message.Type.SequenceEqual(MessageTypes.RetransmitRefusal)
            && message.TryGetHex(FieldNames.FirstSequence, out var gone))
        {
            peer.Sequence.GiveUp(gone);
        }
    }

    // A packet in our own name that another machine wrote: its uuid gives it away.
    private void NoticeDoubleOfThisNode(in HeartbeatMessage message)
    {
        if (!message.TryGetUuid(FieldNames.SourceUuid, out var uuid) || uuid == options.Uuid) return;
        if (!MayComplain(EventKind.DuplicateNode, options.LocalNode, out var more)) return;
        Warn(EventKind.DuplicateNode, options.LocalNode,
            $"another machine (uuid {uuid}) calls itself {options.LocalNode}{more}: "
                + "give one of the two another name in ha.cf and nodeinfo");
    }

    private bool IsDoubleOf(Peer peer, in HeartbeatMessage message, uint generation)
    {
        if (!message.TryGetUuid(FieldNames.SourceUuid, out var uuid)) return false;
        if (peer.Uuid == Guid.Empty || uuid == peer.Uuid || generation != peer.Generation) return false;
        if (MayComplain(EventKind.DuplicateNode, peer.Name, out var more))
        {
            Warn(EventKind.DuplicateNode, peer.Name,
                $"two machines call themselves {peer.Name} (uuid {uuid} is the second): "
                    + $"its packets are ignored{more}; give one of the two another name");
        }

        return true;
    }

    private void ComplainAboutPacket(DecodeResult result, int medium)
    {
        var from = options.Media[medium];
        var forged = result is DecodeResult.Unauthentic or DecodeResult.UnknownKey or DecodeResult.WeakKey;
        var kind = forged ? EventKind.AuthenticationFailed : EventKind.MalformedPacket;
        if (!MayComplain(kind, from, out var more)) return;
        var why = result switch
        {
            DecodeResult.UnknownKey => "packets come in that name a key which authkeys here does not have",
            DecodeResult.WeakKey => "packets come in that are signed with a weaker method than the active key here",
            DecodeResult.Unauthentic =>
                "packets with a wrong signature come in: authkeys differ between the nodes, or somebody forges packets",
            DecodeResult.Ok or DecodeResult.TooLarge or DecodeResult.Empty or DecodeResult.NotAMessage
                or DecodeResult.Malformed => $"packets come in that are no Heartbeat messages ({result})",
        };
        Warn(kind, from, $"{from}: {why}{more}");
    }

    private void Warn(EventKind kind, string subject, string sentence) =>
        Emit(kind, EventSeverity.Warning, subject, sentence);

    // Whoever sends rubbish must not be able to fill the journal: one event per kind and subject in ten seconds, with a
    // count of those in between.
    private bool MayComplain(EventKind kind, string subject, out string more)
    {
        more = "";
        if (complaints.Count > 256) complaints.Clear();
        var (next, count) = complaints.GetValueOrDefault((kind, subject));
        if (now.Monotonic < next)
        {
            complaints[(kind, subject)] = (next, count + 1);
            return false;
        }

        complaints[(kind, subject)] = (now.Monotonic + ComplaintPause, 0);
        if (count > 0) more = $" ({count} more since the last report)";
        return true;
    }
}
