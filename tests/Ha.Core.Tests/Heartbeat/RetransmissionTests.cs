using System.Text;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>Acknowledgements, requests and answers, on both sides (PROTOCOL.md section 6).</summary>
public sealed class RetransmissionTests
{
    private static readonly AuthenticationKeys Keys = WireText.Keys(AuthenticationMethod.Sha1);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    private readonly SequenceTracker tracker = new(MaxDelay, seed: 1);
    private MonotonicTime now = new(5_000_000);

    [Fact]
    public void EveryTenthMessageIsAcknowledged_WhenNothingIsMissing()
    {
        var acknowledged = new List<ulong>();
        for (var sequence = 1ul; sequence <= 100; sequence++)
        {
            Judge(sequence);
            if (tracker.TryTakeAck(out var ack)) acknowledged.Add(ack);
        }

        Assert.Equal(10, acknowledged.Count);
        Assert.All(acknowledged, ack => Assert.Equal(acknowledged[0] % 10, ack % 10));
        Assert.False(tracker.TryTakeAck(out _));
    }

    [Fact]
    public void TriggersOfDifferentSeeds_AreSpreadOverAllTen()
    {
        var triggers = new HashSet<ulong>();
        for (var seed = 0ul; seed < 200; seed++)
        {
            var other = new SequenceTracker(MaxDelay, seed);
            for (var sequence = 1ul; sequence <= 10; sequence++)
            {
                other.Judge(7, sequence, true, false, now, out _);
                if (other.TryTakeAck(out var ack)) triggers.Add(ack % 10);
            }
        }

        Assert.Equal(10, triggers.Count);
    }

    [Fact]
    public void AcknowledgementWaitsWhileANumberIsMissing_AndThenCoversEverything()
    {
        Judge(1);
        while (tracker.TryTakeAck(out _)) Assert.Fail("the trigger of this seed is 1: choose another seed");
        for (var sequence = 3ul; sequence <= 24; sequence++) Judge(sequence);
        Assert.False(tracker.TryTakeAck(out _));

        Judge(2);

        Assert.True(tracker.TryTakeAck(out var ack));
        Assert.Equal(24ul, ack);
    }

    [Fact]
    public void MissingNumber_IsRequestedAfterARandomDelayAndThenEachMaximumDelay()
    {
        Judge(1);
        Judge(3);
        var first = tracker.NextRequest - now;
        Assert.InRange(first, TimeSpan.FromMilliseconds(50), MaxDelay);
        Assert.False(tracker.TryTakeRequest(now, out _));

        for (var round = 0; round < 5; round++)
        {
            now = tracker.NextRequest;
            Assert.True(tracker.TryTakeRequest(now, out var sequence));
            Assert.Equal(2ul, sequence);
            Assert.False(tracker.TryTakeRequest(now, out _));
            Assert.Equal(now + MaxDelay, tracker.NextRequest);
        }

        Judge(2);
        Assert.Equal(MonotonicTime.Never, tracker.NextRequest);
        Assert.False(tracker.TryTakeRequest(now + MaxDelay, out _));
    }

    [Fact]
    public void FirstDelays_AreSpreadOverTheWholeRange()
    {
        Judge(1);
        Judge(200);
        var dueEarly = 0;
        var start = now;
        for (now = start; now < start + TimeSpan.FromMilliseconds(100); now += TimeSpan.FromMilliseconds(1))
            while (tracker.TryTakeRequest(now, out _)) dueEarly++;

        // 198 numbers over 200 ms, of which 50 ms have passed.
        Assert.InRange(dueEarly, 30, 50);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(99)]
    public void ShortMaximumDelay_NeverMakesAnEndlessLoop(int milliseconds)
    {
        var hasty = new SequenceTracker(TimeSpan.FromMilliseconds(milliseconds), seed: 3);
        hasty.Judge(7, 1, true, false, now, out _);
        hasty.Judge(7, 200, true, false, now, out _);
        now += TimeSpan.FromSeconds(1);

        var taken = 0;
        while (hasty.TryTakeRequest(now, out _)) taken++;

        Assert.Equal(SequenceTracker.MaxRequestsPerDelay, taken);
        Assert.InRange(hasty.NextRequest - now, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void ManyMissingNumbers_AreRequestedFiftyPerDelay_UntilAllWereAskedFor()
    {
        Judge(1);
        Judge(252);
        var asked = new HashSet<ulong>();
        now += TimeSpan.FromSeconds(1);
        for (var burst = 0; burst < 5; burst++)
        {
            var taken = 0;
            while (tracker.TryTakeRequest(now, out var sequence))
            {
                asked.Add(sequence);
                taken++;
            }

            Assert.Equal(SequenceTracker.MaxRequestsPerDelay, taken);
            Assert.Equal(now + MaxDelay, tracker.NextRequest);
            now = tracker.NextRequest;
        }

        Assert.Equal(250, asked.Count);
    }

    [Fact]
    public void RefusedNumber_IsNotAskedForAnyMore()
    {
        Judge(1);
        Judge(4);

        tracker.GiveUp(2);
        tracker.GiveUp(77);

        Assert.Equal(1, tracker.MissingCount);
        now = tracker.NextRequest;
        Assert.True(tracker.TryTakeRequest(now, out var sequence));
        Assert.Equal(3ul, sequence);
        Assert.False(Judge(2).IsAccepted());
    }

    [Fact]
    public void NumberThatNoSenderKeepsAnyMore_IsForgotten()
    {
        Judge(1);
        Judge(3);
        for (var sequence = 4ul; sequence <= 502; sequence++) Judge(sequence);
        Assert.Equal(1, tracker.MissingCount);

        Judge(503);

        Assert.Equal(0, tracker.MissingCount);
        Assert.Equal(MonotonicTime.Never, tracker.NextRequest);
    }

    [Fact]
    public void LostPackets_AreRequestedAnsweredUnchangedAndRecovered()
    {
        var sender = new MessageEncoder(Keys, innerAuth: true);
        var history = new SentHistory();
        var decoder = new MessageDecoder(Keys);
        for (var sequence = 1ul; sequence <= 20; sequence++)
        {
            var datagram = Status(sender, sequence);
            history.Record(sequence, datagram);
            if (sequence is not (7 or 8 or 15)) Assert.True(Receive(decoder, datagram).IsAccepted());
        }

        Assert.Equal(3, tracker.MissingCount);
        now += MaxDelay;
        var requester = new MessageEncoder(Keys, innerAuth: true);
        while (tracker.TryTakeRequest(now, out var wanted))
        {
            // Decimal in a request, hexadecimal in its refusal.
            requester.Begin();
            requester.Add(FieldNames.Type, MessageTypes.RetransmitRequest);
            requester.AddDecimal(FieldNames.FirstSequence, (long)wanted);
            requester.AddDecimal(FieldNames.LastSequence, (long)wanted);
            Assert.Equal(DecodeResult.Ok, decoder.TryDecode(requester.Finish(), out var request));
            Assert.True(request.TryGetDecimal(FieldNames.FirstSequence, out var first));
            Assert.Equal(RetransmitAnswer.Send, history.Find((ulong)first, now, out var again));
            Assert.Equal(Status(sender, wanted).ToArray(), again.ToArray());
            Assert.Equal(SequenceVerdict.Recovered, Receive(decoder, again.Span));
        }

        Assert.Equal(0, tracker.MissingCount);
    }

    [Fact]
    public void RefusalInHexadecimal_EndsTheAsking()
    {
        Judge(1);
        Judge(0x12);
        var refusal = new MessageEncoder(Keys, innerAuth: true);
        refusal.Add(FieldNames.Type, MessageTypes.RetransmitRefusal);
        refusal.AddHex(FieldNames.FirstSequence, 0x11);
        refusal.Add(FieldNames.Info, "seqno too low");
        Assert.Equal(DecodeResult.Ok, new MessageDecoder(Keys).TryDecode(refusal.Finish(), out var message));
        Assert.True(message.TryGet(FieldNames.FirstSequence, out var text));
        Assert.Equal("11", Encoding.ASCII.GetString(text));

        Assert.True(message.TryGetHex(FieldNames.FirstSequence, out var sequence));
        tracker.GiveUp(sequence);

        Assert.Equal(15, tracker.MissingCount);
        Assert.False(Judge(0x11).IsAccepted());
    }

    private static ReadOnlySpan<byte> Status(MessageEncoder encoder, ulong sequence)
    {
        encoder.Begin();
        encoder.Add(FieldNames.Type, MessageTypes.Status);
        encoder.AddHex(FieldNames.Sequence, sequence);
        encoder.AddHex(FieldNames.Generation, 7);
        return encoder.Finish();
    }

    private SequenceVerdict Receive(MessageDecoder decoder, ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(DecodeResult.Ok, decoder.TryDecode(datagram, out var message));
        Assert.True(message.TryGetHex(FieldNames.Sequence, out var sequence));
        return Judge(sequence);
    }

    private SequenceVerdict Judge(ulong sequence) => tracker.Judge(7, sequence, true, false, now, out _);
}
