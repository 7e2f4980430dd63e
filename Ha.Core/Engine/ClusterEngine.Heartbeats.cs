using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// What goes out by the clock, and Heartbeat's housekeeping: statuses, acknowledgements, retransmission, node lists.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MaxNodeListRequests = 5;
    private static readonly TimeSpan NodeListPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HopeOfReturn = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestStatusPause = TimeSpan.FromMilliseconds(20);

    private MonotonicTime nextStatus;
    private MonotonicTime statusSent;
    private ViewId announcedView;
    private HeartbeatStatus announcedStatus;
    private bool nodeListAnswered;
    private int nodeListRequests;
    private MonotonicTime nextNodeListRequest;

    private HeartbeatStatus OwnStatus =>
        view is not null ? HeartbeatStatus.Active : IsReadyToJoin ? HeartbeatStatus.Up : HeartbeatStatus.Init;

    private void AdvanceTime()
    {
        if (now.Monotonic >= nextStatus) SendStatus();
        foreach (var peer in peers) JudgeSilence(peer);
        foreach (var peer in peers) RequestWhatIsMissing(peer);
        AskForNodeList();
        local.AdvanceTime(now.Monotonic, effects);
        AdvanceChecks();
        RepeatViewMessages();
        RepeatOrders();
        Recheck();
        RepeatForwardedCommands();
        RepeatFetches();
        EndServerIntents();
    }

    private void SendStatus()
    {
        statusSent = now.Monotonic;
        nextStatus = now.Monotonic + StatusPause();
        announcedView = CurrentViewId;
        announcedStatus = OwnStatus;
        greetingDue = false;
        sender.Begin(MessageTypes.Status);
        var encoder = sender.Encoder;
        encoder.Add(FieldNames.Status, StatusWord(announcedStatus));
        encoder.AddHex(FieldNames.Deadtime, (ulong)options.Deadtime.TotalMilliseconds);
        encoder.AddDecimal(FieldNames.Protocol, 1);
        encoder.AddDecimal(ClusterFields.Product, 1);
        Span<byte> text = stackalloc byte[32];
        encoder.Add(ClusterFields.View, text[..announcedView.Format(text)]);
        encoder.AddHex(ClusterFields.Epoch, highestEpoch);
        encoder.AddHex(ClusterFields.ReportVersion, (ulong)reportVersion);
        AddEcho(encoder);
        sender.SendStatus(now, effects);
    }

    // A cut may heal at any moment, and until the first status passes both sides serve: for a minute after a peer was
    // heard last, statuses go out four times as often. Not for a Heartbeat, which starts anew after a cut anyway.
    private TimeSpan StatusPause()
    {
        foreach (var peer in peers)
        {
            if (peer is { State: NodeState.Dead, Product: NodeProduct.HaAppliance }
                && now.Monotonic - peer.LastStatus < HopeOfReturn) return QuickStatusPause;
        }

        return options.Keepalive;
    }

    private TimeSpan QuickStatusPause
    {
        get
        {
            var quarter = options.Keepalive / 4;
            if (quarter >= ShortestStatusPause) return quarter;
            return options.Keepalive < ShortestStatusPause ? options.Keepalive : ShortestStatusPause;
        }
    }

    // What was last heard from every peer: lets each side see that the other direction works, and when.
    private void AddEcho(MessageEncoder encoder)
    {
        Span<byte> echo = stackalloc byte[EngineOptions.MaxNodes * 64];
        var at = 0;
        foreach (var peer in peers)
        {
            if (!peer.IsAlive || peer.LastStatusSequence == 0 || at + peer.NameUtf8.Length + 36 > echo.Length) continue;
            if (at > 0) echo[at++] = (byte)',';
            peer.NameUtf8.CopyTo(echo[at..]);
            at += peer.NameUtf8.Length;
            echo[at++] = (byte)':';
            Utf8Formatter.TryFormat(peer.Generation, echo[at..], out var written, (StandardFormat)'x');
            at += written;
            echo[at++] = (byte)':';
            Utf8Formatter.TryFormat(peer.LastStatusSequence, echo[at..], out written, (StandardFormat)'x');
            at += written;
        }

        if (at > 0) encoder.Add(ClusterFields.Echo, echo[..at]);
    }

    private static ReadOnlySpan<byte> StatusWord(HeartbeatStatus status) => status switch
    {
        HeartbeatStatus.Init or HeartbeatStatus.Unknown => "init"u8,
        HeartbeatStatus.Up => "up"u8,
        HeartbeatStatus.Active => "active"u8,
        HeartbeatStatus.Dead => "dead"u8,
    };

    private static HeartbeatStatus ReadStatusWord(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("active"u8) ? HeartbeatStatus.Active
        : word.SequenceEqual("up"u8) ? HeartbeatStatus.Up
        : word.SequenceEqual("dead"u8) ? HeartbeatStatus.Dead
        : HeartbeatStatus.Init;

    private void SendAck(Peer peer, ulong sequence)
    {
        sender.Begin(MessageTypes.Acknowledgement);
        sender.Encoder.AddHex(FieldNames.AcknowledgedSequence, sequence);
        sender.SendUnsequenced(now, effects, peer);
    }

    private void RequestWhatIsMissing(Peer peer)
    {
        if (!peer.IsAlive) return;
        for (var i = 0;
            i < SentHistory.MaxMessagesPerRequest && peer.Sequence.TryTakeRequest(now.Monotonic, out var missing);
            i++)
        {
            sender.Begin(MessageTypes.RetransmitRequest);
            sender.Encoder.AddDecimal(FieldNames.FirstSequence, (long)missing);
            sender.Encoder.AddDecimal(FieldNames.LastSequence, (long)missing);
            sender.SendUnsequenced(now, effects, peer);
        }

        if (peer.NextReportRequest != default && now.Monotonic >= peer.NextReportRequest)
        {
            peer.NextReportRequest = now.Monotonic + RepeatPause;
            sender.Begin(ClusterMessageTypes.ReportRequest);
            sender.Send(now, effects, peer);
        }
    }

    private void AnswerRetransmitRequest(Peer peer, in HeartbeatMessage message)
    {
        if (!message.TryGetDecimal(FieldNames.FirstSequence, out var first)
            || !message.TryGetDecimal(FieldNames.LastSequence, out var last) || first < 1 || last < first) return;
        last = Math.Min(last, first + SentHistory.MaxMessagesPerRequest - 1);
        for (var wanted = (ulong)first; wanted <= (ulong)last; wanted++)
        {
            switch (sender.History.Find(wanted, now.Monotonic, out var datagram))
            {
                case RetransmitAnswer.Send:
                    sender.Repeat(datagram, effects);
                    break;
                case RetransmitAnswer.TooLow:
                    Refuse(peer, wanted, "seqno too low"u8);
                    break;
                case RetransmitAnswer.NotFound:
                    Refuse(peer, wanted, "seqno not found"u8);
                    break;
                case RetransmitAnswer.TooSoon:
                case RetransmitAnswer.TooHigh:
                    break;
            }
        }
    }

    private void Refuse(Peer peer, ulong sequence, ReadOnlySpan<byte> why)
    {
        sender.Begin(MessageTypes.RetransmitRefusal);
        sender.Encoder.AddHex(FieldNames.FirstSequence, sequence);
        sender.Encoder.Add(FieldNames.Info, why);
        sender.SendUnsequenced(now, effects, peer);
    }

    // A real Heartbeat stays out of the cluster until somebody answers this (PROTOCOL.md section 8).
    private void AnswerNodeList(Peer peer)
    {
        sender.Begin(MessageTypes.NodeListAnswer);
        sender.Encoder.Add(FieldNames.NodeList, string.Concat(options.Nodes.Select(node => node + " ")));
        sender.Encoder.Add(FieldNames.DeletedNodeList, " "u8);
        sender.Send(now, effects, peer);
    }

    private void AskForNodeList()
    {
        if (nodeListAnswered || view is null || nodeListRequests >= MaxNodeListRequests
            || now.Monotonic < nextNodeListRequest) return;
        foreach (var peer in peers)
        {
            if (!peer.IsAlive) continue;
            nodeListRequests++;
            nextNodeListRequest = now.Monotonic + NodeListPause;
            sender.Begin(MessageTypes.NodeListRequest);
            sender.Send(now, effects, peer);
            return;
        }
    }

    private void ReportMedium(MediumChanged change)
    {
        var medium = options.Media[change.Medium];
        if (change.Works)
        {
            Emit(EventKind.MediumRecovered, EventSeverity.Info, medium, $"medium {medium} works again");
        }
        else
        {
            Emit(EventKind.MediumFailed, EventSeverity.Error, medium,
                string.Create(CultureInfo.InvariantCulture, $"medium {medium} failed: {change.Detail}"));
        }
    }
}
