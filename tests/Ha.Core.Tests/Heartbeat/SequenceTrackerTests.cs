using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Core.Tests.Heartbeat;

/// <summary>Which messages of a peer are new (PROTOCOL.md 5.4); replays change nothing (RELIABILITY.md S6).</summary>
public sealed class SequenceTrackerTests
{
    private const uint Life = 100;
    private static readonly MonotonicTime Now = new(1_000_000);

    private readonly SequenceTracker tracker = new(TimeSpan.FromMilliseconds(250), seed: 1);

    [Fact]
    public void MessagesInOrder_AreAcceptedOnceEach()
    {
        for (var sequence = 1ul; sequence <= 30; sequence++)
        {
            Assert.Equal(SequenceVerdict.Accept, Judge(sequence, isStatus: sequence % 3 == 1));
            Assert.Equal(SequenceVerdict.Duplicate, Judge(sequence, isStatus: sequence % 3 == 1));
        }

        Assert.Equal((Life, 30ul, 28ul, 0), (tracker.Generation, tracker.LastSequence, tracker.LastStatusSequence, 0));
    }

    [Fact]
    public void PeerInTheMiddleOfItsLife_IsFollowedFromItsFirstStatus()
    {
        Assert.Equal(SequenceVerdict.Stale, Judge(499, isStatus: false));
        Assert.Equal(0u, tracker.Generation);

        Assert.Equal(SequenceVerdict.Accept, Judge(500));

        Assert.Equal(0, tracker.MissingCount);
        Assert.Equal(SequenceVerdict.Accept, Judge(501, isStatus: false));
        Assert.Equal(SequenceVerdict.Duplicate, Judge(499, isStatus: false));
    }

    [Fact]
    public void SwappedNeighbours_AreBothHandled()
    {
        Judge(14);

        Assert.Equal(SequenceVerdict.Accept, Judge(16, isStatus: false, lost: 1));
        Assert.Equal(1, tracker.MissingCount);
        Assert.Equal(SequenceVerdict.Recovered, Judge(15, isStatus: false));
        Assert.Equal(SequenceVerdict.Duplicate, Judge(15, isStatus: false));

        Assert.Equal(0, tracker.MissingCount);
        Assert.Equal(16ul, tracker.LastSequence);
        Assert.Equal(MonotonicTime.Never, tracker.NextRequest);
    }

    [Fact]
    public void TwoHundredAndFiftyMissing_AreKept()
    {
        Judge(1);

        Assert.Equal(SequenceVerdict.Accept, Judge(252, lost: 250));

        Assert.Equal(250, tracker.MissingCount);
        for (var sequence = 251ul; sequence >= 2; sequence--) Assert.Equal(SequenceVerdict.Recovered, Judge(sequence));
        Assert.Equal(0, tracker.MissingCount);
    }

    [Fact]
    public void TwoHundredAndFiftyOneMissing_AreGivenUpAndTheMessageIsHandled()
    {
        Judge(1);
        Judge(101, lost: 99);

        Assert.Equal(SequenceVerdict.TooManyLost, Judge(254, lost: 152));

        Assert.Equal(0, tracker.MissingCount);
        Assert.Equal(254ul, tracker.LastSequence);
        Assert.False(Judge(50).IsAccepted());
        Assert.False(Judge(253).IsAccepted());
        Assert.Equal(SequenceVerdict.Accept, Judge(255));
    }

    [Fact]
    public void GreatestSequence_OverflowsNothing()
    {
        Judge(1);

        Assert.Equal(SequenceVerdict.TooManyLost, Judge(ulong.MaxValue, lost: int.MaxValue));

        Assert.Equal(SequenceVerdict.Duplicate, Judge(ulong.MaxValue));
        Assert.Equal(SequenceVerdict.Stale, Judge(0));
        Assert.Equal(SequenceVerdict.Stale, Judge(1));
    }

    [Fact]
    public void StatusOfAHigherGeneration_IsARestart()
    {
        Judge(1);
        Judge(9, lost: 7);

        Assert.Equal(SequenceVerdict.Restart, Judge(1, generation: Life + 1));

        Assert.Equal((Life + 1, 1ul, 1ul), (tracker.Generation, tracker.LastSequence, tracker.LastStatusSequence));
        Assert.Equal(0, tracker.MissingCount);
    }

    [Fact]
    public void RestartOfANodeHeldForDead_IsARestart()
    {
        Judge(40);
        tracker.Reset();

        Assert.Equal(SequenceVerdict.Restart, Judge(3, generation: Life + 1, dead: true));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PacketOfAnOlderGeneration_IsAReplayAlive_Dead_AndAfterAReset(bool isStatus)
    {
        Judge(1, generation: Life - 1);
        Judge(5);

        Assert.Equal(SequenceVerdict.Replay, Judge(2, isStatus, generation: Life - 1));
        Assert.Equal(SequenceVerdict.Replay, Judge(2, isStatus, generation: Life - 1, dead: true));
        tracker.Reset();
        Assert.Equal(SequenceVerdict.Replay, Judge(6, isStatus, generation: Life - 1));
        Assert.Equal(Life, tracker.Generation);
    }

    [Fact]
    public void OtherMessageOfAHigherGeneration_ChangesNothing()
    {
        Judge(5);

        Assert.Equal(SequenceVerdict.Stale, Judge(6, isStatus: false, generation: Life + 1));

        Assert.Equal((Life, 5ul), (tracker.Generation, tracker.LastSequence));
        Assert.Equal(SequenceVerdict.Accept, Judge(6));
    }

    [Fact]
    public void DeadNodeInTheSameGeneration_ReturnsByANewerStatusOnly()
    {
        Judge(39);
        Judge(40);
        Judge(41, isStatus: false);
        tracker.Reset();

        Assert.Equal(SequenceVerdict.Stale, Judge(40, dead: true));
        Assert.Equal(SequenceVerdict.Stale, Judge(41, dead: true));
        Assert.Equal(SequenceVerdict.Stale, Judge(42, isStatus: false, dead: true));
        Assert.Equal(SequenceVerdict.HealedPartition, Judge(90, dead: true));

        Assert.Equal(0, tracker.MissingCount);
        Assert.Equal(SequenceVerdict.Accept, Judge(91, isStatus: false));
        Assert.Equal(SequenceVerdict.Duplicate, Judge(41, isStatus: false));
    }

    [Fact]
    public void NodeThatWasResetButIsNotHeldForDead_GoesOnWithANewerStatus()
    {
        Judge(40);
        tracker.Reset();

        Assert.Equal(SequenceVerdict.Stale, Judge(40));
        Assert.Equal(SequenceVerdict.Stale, Judge(41, isStatus: false));
        Assert.Equal(SequenceVerdict.Accept, Judge(42));
    }

    [Fact]
    public void OldNumber_IsADuplicateWithinTheWindowAndStaleBeyond()
    {
        Judge(1);
        for (var sequence = 2ul; sequence <= 300; sequence++) Judge(sequence);

        Assert.Equal(SequenceVerdict.Duplicate, Judge(51));
        Assert.Equal(SequenceVerdict.Stale, Judge(50));
    }

    [Theory]
    [InlineData(0u, 6ul, true)]
    [InlineData(0u, 6ul, false)]
    [InlineData(Life, 0ul, true)]
    [InlineData(Life, 0ul, false)]
    public void GenerationOrSequenceZero_IsNeverAccepted(uint generation, ulong sequence, bool isStatus)
    {
        Assert.False(Judge(sequence, isStatus, generation).IsAccepted());
        Judge(5);
        Assert.False(Judge(sequence, isStatus, generation).IsAccepted());
    }

    [Fact]
    public void RecoveredStatus_DoesNotMakeTheNewestStatusOlder()
    {
        Judge(1);
        Judge(3, lost: 1);

        Assert.Equal(SequenceVerdict.Recovered, Judge(2));

        Assert.Equal(3ul, tracker.LastStatusSequence);
    }

    [Fact]
    public void UnsequencedMessage_IsCurrentOnlyInTheGenerationThatIsFollowed()
    {
        Assert.False(tracker.IsCurrent(Life));
        Judge(1);
        Assert.True(tracker.IsCurrent(Life));
        Assert.False(tracker.IsCurrent(Life - 1));
        Assert.False(tracker.IsCurrent(Life + 1));
        tracker.Reset();
        Assert.False(tracker.IsCurrent(Life));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhateverTheNetworkDoes_NoMessageIsHandledTwice(ulong seed)
    {
        var random = new SplitMix64(seed);
        var handled = new HashSet<(uint, ulong)>();
        var sent = new List<(uint Generation, ulong Sequence)>();
        var (generation, sequence) = (1u, 0ul);
        for (var step = 0; step < 20_000; step++)
        {
            if (random.Chance(1, 2000)) (generation, sequence) = (generation + 1, 0);
            sent.Add((generation, ++sequence));
            if (random.Chance(1, 5)) continue;
            var back = random.Chance(1, 4) ? random.Next(0, Math.Min(sent.Count, 600)) : 0;
            var packet = sent[sent.Count - 1 - back];
            var dead = random.Chance(1, 200);
            if (dead) tracker.Reset();
            var isStatus = packet.Sequence % 2 == 1;
            var verdict = tracker.Judge(packet.Generation, packet.Sequence, isStatus, dead, Now, out var lost);
            Assert.True(!verdict.IsAccepted() || handled.Add(packet), $"{packet} {verdict} in step {step}");
            Assert.True(lost == 0 || verdict is SequenceVerdict.Accept or SequenceVerdict.TooManyLost);
            Assert.InRange(tracker.MissingCount, 0, 250);
        }

        Assert.InRange(handled.Count, 10_000, 20_000);
    }

    private SequenceVerdict Judge(
        ulong sequence, bool isStatus = true, uint generation = Life, bool dead = false, int lost = 0)
    {
        var before = (tracker.Generation, tracker.LastSequence, tracker.LastStatusSequence, tracker.MissingCount);
        var verdict = tracker.Judge(generation, sequence, isStatus, dead, Now, out var newlyLost);
        Assert.Equal(lost, newlyLost);
        var after = (tracker.Generation, tracker.LastSequence, tracker.LastStatusSequence, tracker.MissingCount);
        if (!verdict.IsAccepted()) Assert.Equal(before, after);
        return verdict;
    }
}
