using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>What can be sent again, how often, and how much memory it takes.</summary>
public sealed class SentHistoryTests
{
    private static readonly MonotonicTime Now = new(0);
    private readonly SentHistory history = new();

    [Fact]
    public void MessageJustSent_IsSentAgainAtOnceButThenNotFor240Milliseconds()
    {
        history.Record(1, "first"u8);

        Assert.Equal(RetransmitAnswer.Send, history.Find(1, Now, out var datagram));
        Assert.Equal("first"u8.ToArray(), datagram.ToArray());
        Assert.Equal(RetransmitAnswer.TooSoon, history.Find(1, Now + TimeSpan.FromMilliseconds(239), out datagram));
        Assert.True(datagram.IsEmpty);
        Assert.Equal(RetransmitAnswer.Send, history.Find(1, Now + TimeSpan.FromMilliseconds(240), out _));
        Assert.Equal(RetransmitAnswer.TooSoon, history.Find(1, Now + TimeSpan.FromMilliseconds(479), out _));
    }

    [Fact]
    public void NumbersThatAreNotKept_SayWhy()
    {
        Assert.Equal(RetransmitAnswer.TooHigh, history.Find(1, Now, out _));
        history.Record(1, "1"u8);
        history.Record(3, "3"u8);

        Assert.Equal(RetransmitAnswer.TooLow, history.Find(0, Now, out _));
        Assert.Equal(RetransmitAnswer.NotFound, history.Find(2, Now, out _));
        Assert.Equal(RetransmitAnswer.TooHigh, history.Find(4, Now, out _));
        Assert.Equal(RetransmitAnswer.TooHigh, history.Find(ulong.MaxValue, Now, out _));
    }

    [Fact]
    public void LastFiveHundredMessages_AreKept()
    {
        for (var sequence = 1ul; sequence <= 1234; sequence++) history.Record(sequence, Datagram(sequence, 300));

        Assert.Equal((735ul, 1234ul), (history.Lowest, history.Highest));
        Assert.Equal(RetransmitAnswer.TooLow, history.Find(734, Now, out _));
        for (var sequence = 735ul; sequence <= 1234; sequence++)
        {
            Assert.Equal(RetransmitAnswer.Send, history.Find(sequence, Now, out var datagram));
            Assert.Equal(Datagram(sequence, 300), datagram.ToArray());
        }
    }

    [Fact]
    public void LargeMessages_AreBoundedByFourMebibytes_OldestDroppedFirst()
    {
        for (var sequence = 1ul; sequence <= 500; sequence++) history.Record(sequence, Datagram(sequence, 60_000));

        var kept = history.Highest - history.Lowest + 1;
        Assert.InRange(kept * 60_000, 4_000_000ul, (ulong)SentHistory.MaxBytes);
        Assert.Equal(RetransmitAnswer.TooLow, history.Find(history.Lowest - 1, Now, out _));
        for (var sequence = history.Lowest; sequence <= 500; sequence++)
        {
            Assert.Equal(RetransmitAnswer.Send, history.Find(sequence, Now, out var datagram));
            Assert.Equal(Datagram(sequence, 60_000), datagram.ToArray());
        }

        // Small ones take the place of large ones again.
        for (var sequence = 501ul; sequence <= 1000; sequence++) history.Record(sequence, Datagram(sequence, 300));
        Assert.Equal(501ul, history.Lowest);
    }

    [Fact]
    public void LargeMessagesBehindAJumpInTheNumbers_DoNotPushOutTheNewest()
    {
        for (var sequence = 1ul; sequence <= 69; sequence++) history.Record(sequence, Datagram(sequence, 60_000));
        for (var sequence = 10_000ul; sequence <= 10_003; sequence++)
            history.Record(sequence, Datagram(sequence, 60_000));

        Assert.Equal(RetransmitAnswer.Send, history.Find(10_003, Now, out var datagram));
        Assert.Equal(Datagram(10_003, 60_000), datagram.ToArray());
        Assert.InRange(history.Lowest, 9_504ul, 10_003ul);
    }

    [Fact]
    public void NumberThatDoesNotGrow_OrADatagramThatCannotBeSent_IsABug()
    {
        history.Record(5, "5"u8);

        Assert.Throws<ArgumentException>(() => history.Record(5, "5"u8));
        Assert.Throws<ArgumentException>(() => history.Record(4, "4"u8));
        Assert.Throws<ArgumentException>(() => history.Record(6, new byte[65508]));
    }

    [Fact]
    public void SlowestPeer_DecidesHowMuchIsUnacknowledged()
    {
        for (var sequence = 1ul; sequence <= 300; sequence++) history.Record(sequence, "x"u8);
        history.Acknowledged(0, 290);
        history.Acknowledged(0, 250);
        history.Acknowledged(1, 40);
        history.Acknowledged(2, 301);

        Assert.Equal(290ul, history.AcknowledgedBy(0));
        Assert.Equal(0ul, history.AcknowledgedBy(2));
        Assert.Equal(10ul, history.Unacknowledged(0b001));
        Assert.Equal(260ul, history.Unacknowledged(0b011));
        Assert.Equal(300ul, history.Unacknowledged(0b100));
        Assert.Equal(0ul, history.Unacknowledged(0));
    }

    private static byte[] Datagram(ulong sequence, int length)
    {
        var datagram = new byte[length];
        datagram.AsSpan().Fill((byte)(sequence * 31));
        return datagram;
    }
}
