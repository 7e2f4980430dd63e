using System.Text;
using Ha.Core.Heartbeat;
using Ha.Core.Time;
using Ha.Tests;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>A running cluster allocates nothing for its heartbeats.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class SteadyStateTests
{
    public static TheoryData<AuthenticationMethod> Methods => new(Enum.GetValues<AuthenticationMethod>());

    [Theory]
    [MemberData(nameof(Methods))]
    public void HeartbeatsWrittenSignedKeptVerifiedReadAndJudged_AllocateNothing(AuthenticationMethod method)
    {
        var keys = WireText.Keys(method, "HeartbeatLabKey");
        var node = new Node(keys);
        node.Exchange(from: 1, to: 700);

        var (next, acknowledged) = (701UL, 0);
        var allocated = Allocated.Least(() =>
        {
            acknowledged = node.Exchange(next, next + 1999);
            next += 2000;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(200, acknowledged);
    }

    [Fact]
    public void HeartbeatsInTheClassicForm_AllocateNothing()
    {
        var node = new Node(WireText.Keys(AuthenticationMethod.Sha1)) { Classic = true };
        node.Exchange(from: 1, to: 700);

        var next = 701UL;
        Assert.Equal(0, Allocated.Least(() =>
        {
            node.Exchange(next, next + 999);
            next += 1000;
        }));
    }

    // Sends to itself.
    private sealed class Node(AuthenticationKeys keys)
    {
        private static readonly Guid Uuid = new("f8089792-f269-4adc-b302-ca7a8b969d4e");
        private static readonly byte[] Load = Encoding.ASCII.GetBytes("1.40 1.15 0.59 3/127 132");

        private readonly MessageEncoder encoder = new(keys, innerAuth: true);
        private readonly MessageDecoder decoder = new(keys);
        private readonly SequenceTracker tracker = new(TimeSpan.FromMilliseconds(250), seed: 1);
        private readonly SentHistory history = new();

        public bool Classic { get; init; }

        public int Exchange(ulong from, ulong to)
        {
            var acknowledged = 0;
            for (var sequence = from; sequence <= to; sequence++)
            {
                var datagram = Write(sequence);
                history.Record(sequence, datagram);
                acknowledged += Read(datagram, new MonotonicTime((long)sequence * 100_000)) ? 1 : 0;
                if (history.Find(sequence - (sequence % 2), new MonotonicTime(0), out _) == RetransmitAnswer.NotFound)
                    throw new InvalidOperationException($"{sequence} is not in the history");
            }

            return acknowledged;
        }

        private ReadOnlySpan<byte> Write(ulong sequence)
        {
            encoder.Begin();
            encoder.Add(FieldNames.Type, MessageTypes.Status);
            encoder.Add(FieldNames.Status, "active");
            encoder.AddHex(FieldNames.Deadtime, 400);
            encoder.AddDecimal(FieldNames.Protocol, 1);
            encoder.Add(FieldNames.Source, "s1");
            encoder.AddUuid(FieldNames.SourceUuid, Uuid);
            encoder.AddHex(FieldNames.Sequence, sequence);
            encoder.AddHex(FieldNames.Generation, 0x6b029473);
            encoder.AddHex(FieldNames.Timestamp, 0x6b02947b + (sequence / 10));
            encoder.Add(FieldNames.Load, Load);
            encoder.AddDecimal(FieldNames.TimeToLive, 3);
            return Classic ? encoder.FinishClassic() : encoder.Finish();
        }

        private bool Read(ReadOnlySpan<byte> datagram, MonotonicTime now)
        {
            var isRead = decoder.TryDecode(datagram, out var message) == DecodeResult.Ok
                & message.TryGetHex(FieldNames.Sequence, out var sequence)
                & message.TryGetHex(FieldNames.Generation, out var generation)
                & message.TryGetUuid(FieldNames.SourceUuid, out var uuid)
                & message.TryGet(FieldNames.Source, out _);
            var isStatus = message.Type.SequenceEqual(MessageTypes.Status);
            var verdict = tracker.Judge((uint)generation, sequence, isStatus, false, now, out _);
            if (!isRead || uuid != Uuid || verdict != SequenceVerdict.Accept)
                throw new InvalidOperationException($"{sequence}: {verdict}");
            return tracker.TryTakeAck(out _);
        }
    }
}
