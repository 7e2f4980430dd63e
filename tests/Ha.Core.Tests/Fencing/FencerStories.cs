using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

/// <summary>How a node is fenced: when, how often, and when not.</summary>
public sealed class FencerStories
{
    private static readonly SafetySettings OneDevice = new() { Devices = [Device("ipmi2", "s2")] };

    [Fact]
    public void LostNode_IsFencedOnce_AndTheConfirmationIsTakenOnce()
    {
        var story = new FenceStory(OneDevice).Lost();
        Assert.Equal(FencingEvidence.Try, story.Fencer.EvidenceFor("s2", 5));
        Assert.Equal(FenceAnswer.Accepted, story.Request());
        Assert.Equal(FenceAnswer.UnderWay, story.Request());
        Assert.False(story.Fencer.TryConsume("s2", 5));
        story.Pass(10);
        Assert.Equal(["0 ipmi2 Reboot s2", "3 ipmi2 Succeeded", "3 Fenced s2"], story.Told);
        Assert.Equal(FencingEvidence.Confirmed, story.Fencer.EvidenceFor("s2", 5));
        Assert.Equal(FenceAnswer.AlreadyFenced, story.Request());
        Assert.False(story.Fencer.TryConsume("s2", 6));
        Assert.True(story.Fencer.TryConsume("s2", 5));
        Assert.False(story.Fencer.TryConsume("s2", 5));
        Assert.Equal(FencePhase.Fenced, story.Fencer.States[0].Phase);
        Assert.Equal(
        [
            "s2 (generation 5) is to be fenced: it is silent",
            "fencing s2 (generation 5): reboot by ipmi2 (level 1, attempt 1)",
            "s2 (generation 5) is fenced: confirmed by ipmi2",
        ], story.Sentences);
    }

    [Fact]
    public void Record_NamesRequesterTargetAndBothGenerations()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Pass(10);
        var record = Assert.Single(story.Fencer.History);
        Assert.Equal(("s1/7/1", "s2", 5u, FenceOutcome.Succeeded, true, "ipmi2", 1),
            (record.Id, record.Target, record.TargetGeneration, record.Outcome, record.Confirms, record.Device,
                record.Level));
        Assert.Equal(3000, record.EndedUnixMs - record.StartedUnixMs);
        Assert.Equal(Seconds(3), story.Fencer.LongestCall);
    }

    [Fact]
    public void NodeThatHoldsNothing_WaitsTheDevicesDelayAndTheRaceMargin()
    {
        var safety = OneDevice with { Devices = [Device("ipmi2", "s2") with { Delay = Seconds(2) }] };
        var story = new FenceStory(safety).Lost();
        story.Request(extraDelay: 5);
        story.Pass(20);
        Assert.Equal("7 ipmi2 Reboot s2", story.Told[0]);
    }

    [Fact]
    public void RaceMargin_FavoursTheHolder_AndNeverBothSides()
    {
        var margin = FenceDelay.RaceMargin(Seconds(4), Seconds(-1), Seconds(0.5));
        Assert.Equal(Seconds(9.5), margin);
        Assert.Equal(Seconds(5), FenceDelay.RaceMargin(Seconds(1), TimeSpan.Zero, TimeSpan.Zero));
        foreach (var (mine, theirs) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            var first = FenceDelay.Extra(mine, theirs, comesFirst: true, margin);
            var second = FenceDelay.Extra(theirs, mine, comesFirst: false, margin);
            Assert.Equal(margin, (first - second).Duration());
            if (mine != theirs) Assert.Equal(mine, first < second);
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9.9)]
    public void BothSidesFenceEachOther_TheHolderIsConfirmedTheWinner_BeforeTheOtherFires(double call)
    {
        var safety = new SafetySettings { Devices = [Device("pdu", "s1", "s2")] };
        var margin = FenceDelay.RaceMargin(Seconds(5), TimeSpan.Zero, Seconds(0.25));
        var holder = new FenceStory(safety).Lost();
        holder.Answers["pdu"] = (call, FenceOutcome.Succeeded);
        var other = new FenceStory(safety).Lost();
        holder.Request(extraDelay: FenceDelay.Extra(true, peerHeld: false, comesFirst: false, margin).TotalSeconds);
        other.Request(extraDelay: FenceDelay.Extra(false, peerHeld: true, comesFirst: true, margin).TotalSeconds);
        holder.Pass(call);
        other.Pass(call);
        Assert.True(holder.Fencer.IsConfirmed("s2", 5));
        Assert.Empty(other.Told);
    }

    [Fact]
    public void PeerIsBackBeforeItFires_NothingIsFired()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request(extraDelay: 5);
        story.Pass(4.9);
        story.Is("s2", 5, heard: true, healthy: true);
        story.Pass(5);
        Assert.Equal(["5 CalledOff s2"], story.Told);
        Assert.Equal(FenceAnswer.NotNeeded, story.Request());
        Assert.Equal(FencePhase.Idle, story.Fencer.States[0].Phase);
    }

    [Fact]
    public void TableForbidsIt_WhatWaitsIsCalledOff()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request(extraDelay: 5);
        story.Pass(1);
        story.CallOff("the arbiter has granted the peer");
        story.Pass(10);
        Assert.Equal(["1 CalledOff s2"], story.Told);
        Assert.Equal("s2 is not fenced: the arbiter has granted the peer", story.Sentences[^1]);
    }

    [Fact]
    public void CalledOffInFlight_ResultStillCounts()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Pass(1);
        story.CallOff();
        story.Pass(10);
        Assert.Equal(["0 ipmi2 Reboot s2", "3 ipmi2 Succeeded", "3 Fenced s2"], story.Told);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
    }

    [Fact]
    public void HealthyMemberWithAFailedStop_IsFencedAllTheSame_ButItsNextLifeIsNot()
    {
        var story = new FenceStory(OneDevice);
        story.Is("s2", 5, heard: true, healthy: true);
        Assert.Equal(FenceAnswer.NotNeeded, story.Request());
        Assert.Equal(FenceAnswer.Accepted, story.Request(FenceReason.StopFailed, extraDelay: 2));
        story.Is("s2", 6, heard: true, healthy: true);
        story.Pass(10);
        Assert.Equal(["2 CalledOff s2"], story.Told);
        Assert.Equal("s2 is not fenced: its generation 6 is a healthy member", story.Sentences[^1]);
    }

    [Fact]
    public void EverythingFails_TenAttemptsInARow_ThenThePauseDoublesUpToAnHour()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Answers["ipmi2"] = (0, FenceOutcome.Failed);
        story.Request();
        story.Pass(24 * 3600);
        var fired = story.Told.Where(line => line.EndsWith("Reboot s2", StringComparison.Ordinal))
            .Select(line => decimal.Parse(line.Split(' ')[0])).ToArray();
        var pauses = fired.Zip(fired.Skip(1), (a, b) => b - a).ToArray();
        Assert.Equal([1m, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600],
            pauses[..22]);
        Assert.All(pauses[20..], pause => Assert.Equal(3600m, pause));
        Assert.Equal(Fencer.MaxHistory < fired.Length ? Fencer.MaxHistory : fired.Length, story.Fencer.History.Length);
    }

    [Fact]
    public void DeviceWorksAgain_TheRetryFences()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Answers["ipmi2"] = (0, FenceOutcome.Failed);
        story.Request();
        story.Pass(0.5);
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s2", 5));
        Assert.Equal(FenceAnswer.UnderWay, story.Request());
        story.Answers["ipmi2"] = (2, FenceOutcome.Succeeded);
        story.Pass(10);
        Assert.Equal("3 Fenced s2", story.Told[^1]);
        Assert.Equal(FencingEvidence.Confirmed, story.Fencer.EvidenceFor("s2", 5));
    }

    [Fact]
    public void LateSuccess_IsRecordedOnce_AndConfirms()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Answers["ipmi2"] = (-1, FenceOutcome.Succeeded);
        story.Request();
        story.Pass(72.5);
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s2", 5));
        story.Answer(1, FenceOutcome.Succeeded);
        story.Answer(1, FenceOutcome.Succeeded);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        Assert.Equal([(false, false), (true, true)],
            story.Fencer.History.Select(record => (record.IsLate, record.Confirms)));
        story.Pass(4000);
        Assert.Single(story.Told, line => line.EndsWith("Reboot s2", StringComparison.Ordinal));
    }

    [Fact]
    public void AnswerThatNobodyAskedFor_ChangesNothing()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Answer(99, FenceOutcome.Succeeded);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
        Assert.Empty(story.Fencer.History);
    }

    [Fact]
    public void NewerLifeIsHeardWhileADeviceIsAtIt_ThatOneIsFencedToo()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Pass(1);
        story.Lost(generation: 6);
        Assert.Equal(FenceAnswer.Accepted, story.Request(generation: 6));
        story.Pass(2);
        // What the device confirmed is about the life that it was called for.
        Assert.False(story.Fencer.IsConfirmed("s2", 6));
        story.Pass(10);
        Assert.True(story.Fencer.IsConfirmed("s2", 6));
        Assert.Equal(2, story.Told.Count(line => line.EndsWith("Fenced s2", StringComparison.Ordinal)));
    }

    [Fact]
    public void OwnPause_DoesNotShortenTheDelayThatFavoursTheHolder()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request(extraDelay: 5);
        story.Pass(1);
        story.Fencer.ForgivePause(Seconds(10));
        story.Pass(13.9);
        Assert.Empty(story.Told);
        story.Pass(0.1);
        Assert.Equal("15 ipmi2 Reboot s2", Assert.Single(story.Told));
    }

    [Fact]
    public void RefusedRequests_SayWhy()
    {
        var story = new FenceStory(OneDevice, FenceAction.Reboot, "s1", "s2", "s3").Lost();
        Assert.Equal(FenceAnswer.NotAPeer, story.Request(node: "s1"));
        Assert.Equal(FenceAnswer.NotAPeer, story.Request(node: "s9"));
        Assert.Equal(FenceAnswer.NoDevice, story.Request(node: "s3"));
        Assert.Equal(FencingEvidence.NotConfigured, story.Fencer.EvidenceFor("s3", 5));
        Assert.Throws<ArgumentException>(() => story.Fencer.Configure(OneDevice, FenceAction.Monitor));
        Assert.Empty(story.Told);
    }
}
