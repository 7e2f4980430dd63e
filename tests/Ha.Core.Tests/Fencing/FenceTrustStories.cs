using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Time;
using Ha.Tests;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

/// <summary>What is believed about a fenced node, by whom, and what takes it back.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class FenceTrustStories
{
    private static readonly SafetySettings OneDevice = new() { Devices = [Device("ipmi2", "s2")] };

    private static FenceStory Fenced(SafetySettings? safety = null)
    {
        var story = new FenceStory(safety ?? OneDevice).Lost();
        story.Request();
        story.Pass(10);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        return story;
    }

    [Fact]
    public void FencedNodeComesBackInANewLife_TheConfirmationIsHistory()
    {
        var story = Fenced();
        story.Hear(generation: 6);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
        Assert.Equal(FencingEvidence.Try, story.Fencer.EvidenceFor("s2", 6));
        Assert.Equal(FencePhase.Idle, story.Fencer.States[0].Phase);
        Assert.Equal("3 Fenced s2", story.Told[^1]);
    }

    [Fact]
    public void PacketsThatWereInFlight_ProveNothing()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Pass(5);
        story.Hear();
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        story.Pass(0.1);
        story.Hear();
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
    }

    [Fact]
    public void PacketsThatWereHeldBackAndLetGoLater_ProveNothing()
    {
        var story = new FenceStory(OneDevice).Lost();
        var before = story.Now.Monotonic;
        story.Request();
        story.Pass(60);
        story.HearOf(before);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        story.HearOf(story.Now.Monotonic);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
    }

    [Fact]
    public void FencedLifeIsHeardAgain_DeviceIsUnreliable_AndNothingIsAutomaticUntilAnOperatorClears()
    {
        var safety = new SafetySettings { Devices = [Device("ipmi2", "s2", "s3"), Device("pdu", "s3")] };
        var story = new FenceStory(safety, FenceAction.Reboot, "s1", "s2", "s3").Lost().Lost("s3", 8);
        story.Request();
        story.Pass(10);
        story.Hear();
        Assert.Equal("10 DeviceLied s2", story.Told[^1]);
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s2", 5));
        Assert.Equal(FenceAnswer.Frozen, story.Request());
        Assert.Equal("ipmi2", Assert.Single(story.Fencer.UnreliableDevices));
        Assert.True(story.Fencer.States[0].IsFrozen);
        // Other nodes are fenced by what is still believed.
        story.Request(node: "s3", generation: 8);
        story.Pass(10);
        Assert.Equal(["10 pdu Reboot s3", "13 pdu Succeeded", "13 Fenced s3"], story.Told[^3..]);

        Assert.True(story.Fencer.Clear("s2", "alice"));
        Assert.False(story.Fencer.Clear("s2", "alice"));
        Assert.Empty(story.Fencer.UnreliableDevices);
        Assert.Equal(FenceAnswer.Accepted, story.Request());
    }

    [Fact]
    public void OnlyDeviceOfAnotherNodeIsUnreliable_ThatNodeCannotBeFenced()
    {
        var safety = new SafetySettings { Devices = [Device("ipmi2", "s2", "s3")] };
        var story = new FenceStory(safety, FenceAction.Reboot, "s1", "s2", "s3").Lost().Lost("s3", 8);
        story.Request();
        story.Pass(10);
        story.Hear();
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s3", 8));
        story.Request(node: "s3", generation: 8);
        story.Pass(0.5);
        Assert.Equal("10 Failure s3", story.Told[^1]);
    }

    [Fact]
    public void ThirdFencingWithinAnHour_SwitchesOffForGood_UntilAnOperatorClears()
    {
        var story = new FenceStory(OneDevice);
        for (var generation = 5u; generation <= 8; generation++)
        {
            story.Lost(generation: generation);
            story.Hear(generation: generation);
            story.Request(generation: generation);
            story.Pass(600);
            Assert.Equal(generation >= 7, story.Fencer.IsQuarantined("s2"));
        }

        Assert.Equal(["0 ipmi2 Reboot s2", "600 ipmi2 Reboot s2", "1200 ipmi2 Off s2", "1800 ipmi2 Off s2"],
            story.Told.Where(line => line.EndsWith(" s2", StringComparison.Ordinal) && line.Contains("ipmi2")));
        Assert.Single(story.Told, "1203 Quarantined s2");
        Assert.True(story.Fencer.Clear("s2", "alice"));
        Assert.False(story.Fencer.IsQuarantined("s2"));
        story.Lost(generation: 9);
        story.Request(generation: 9);
        Assert.Equal("2400 ipmi2 Reboot s2", story.Told[^1]);
    }

    [Fact]
    public void ThreeFencingsInMoreThanAnHour_AreNoLoop()
    {
        var story = new FenceStory(OneDevice);
        for (var generation = 5u; generation <= 8; generation++)
        {
            story.Lost(generation: generation);
            story.Request(generation: generation);
            story.Pass(1805);
        }

        Assert.DoesNotContain(story.Told, line => line.Contains("Off") || line.Contains("Quarantined"));
    }

    [Fact]
    public void OperatorConfirmsThatTheNodeIsOff_ThatLifeIsOver()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Answers["ipmi2"] = (1, FenceOutcome.Failed);
        story.Request();
        story.Pass(1.5);
        Assert.Null(story.Fencer.Acknowledge("s2", 5, "alice", story.Now));
        Assert.Equal(FencingEvidence.Confirmed, story.Fencer.EvidenceFor("s2", 5));
        Assert.True(story.Fencer.TryConsume("s2", 5));
        story.Pass(4000);
        Assert.Single(story.Told, line => line.EndsWith("Reboot s2", StringComparison.Ordinal));
        var record = story.Fencer.History[^1];
        Assert.Equal(("", "alice", 5u, true), (record.Device, record.Detail, record.TargetGeneration, record.Confirms));
        Assert.Equal("s2 is off: confirmed by alice", story.Fencer.States[0].Sentence);
    }

    [Fact]
    public void OperatorWasFaster_TheDevicesOwnConfirmationIsNotTakenASecondTime()
    {
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Pass(1);
        Assert.Null(story.Fencer.Acknowledge("s2", 5, "alice", story.Now));
        Assert.True(story.Fencer.TryConsume("s2", 5));
        story.Pass(10);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        Assert.False(story.Fencer.TryConsume("s2", 5));
    }

    [Fact]
    public void NodeThatWasConfirmedOffIsHeard_TheConfirmationIsVoid()
    {
        var story = new FenceStory(OneDevice).Lost();
        Assert.Null(story.Fencer.Acknowledge("s2", 5, "alice", story.Now));
        story.Hear();
        Assert.Equal("0 AcknowledgementVoid s2", story.Told[^1]);
        Assert.Equal(FencingEvidence.Try, story.Fencer.EvidenceFor("s2", 5));
        Assert.False(story.Fencer.States[0].IsFrozen);
    }

    [Fact]
    public void AcknowledgementThatNamesTheWrongLife_OrANodeThatIsHeard_IsRefused()
    {
        var story = new FenceStory(OneDevice).Lost();
        Assert.Equal("the life of s2 that was heard last is generation 5, not 4",
            story.Fencer.Acknowledge("s2", 4, "alice", story.Now));
        story.Is("s2", 5, heard: true, healthy: false);
        Assert.Equal("s2 is heard: it is not off", story.Fencer.Acknowledge("s2", 5, "alice", story.Now));
        Assert.Equal("s1 is this node or no node of the cluster",
            story.Fencer.Acknowledge("s1", 7, "alice", story.Now));
        Assert.Empty(story.Fencer.History);
    }

    [Fact]
    public void NewCoordinator_LearnsWhatTheOldOneHasFenced()
    {
        var record = Fenced().Fencer.History[0] with { Id = "s3/4/1", Requester = "s3" };
        var story = new FenceStory(OneDevice).Lost();
        story.Fencer.Learn(record, story.Now);
        story.Fencer.Learn(record, story.Now);
        Assert.Single(story.Fencer.History);
        Assert.Equal(FenceAnswer.AlreadyFenced, story.Request());
        Assert.Empty(story.Told);
        story.Pass(3);
        story.Hear();
        Assert.Equal("3 DeviceLied s2", story.Told[^1]);
    }

    [Fact]
    public void LieComesToLight_WhileThisNodesOwnDeviceIsAtIt_NothingIsBelieved()
    {
        var record = Fenced().Fencer.History[0] with { Id = "s3/4/1", Requester = "s3" };
        var story = new FenceStory(OneDevice).Lost();
        story.Request();
        story.Fencer.Learn(record, story.Now);
        story.Pass(2.5);
        story.Hear();
        story.Pass(10);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
        Assert.False(story.Fencer.History[^1].Confirms);
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s2", 5));
        Assert.Equal("s2 is not fenced: a fence device lied about it", story.Sentences[^1]);
    }

    [Fact]
    public void NewCoordinator_DoesNotLearnWhatIsNotTrueAnyMore()
    {
        var record = Fenced().Fencer.History[0] with { Id = "s3/4/1", Requester = "s3" };
        var back = new FenceStory(OneDevice).Lost(generation: 6);
        back.Fencer.Learn(record, back.Now);
        Assert.False(back.Fencer.IsConfirmed("s2", 5));
        var failed = new FenceStory(OneDevice).Lost();
        failed.Fencer.Learn(record with { Outcome = FenceOutcome.TimedOut, Confirms = false }, failed.Now);
        Assert.False(failed.Fencer.IsConfirmed("s2", 5));
    }

    [Fact]
    public void Everything_IsBounded()
    {
        var story = new FenceStory(OneDevice).Lost();
        var effects = new EffectList();
        for (var i = 0; i < 500; i++)
        {
            story.Fencer.Request("s2", 5, FenceReason.Silent, TimeSpan.Zero, story.Now, effects);
            foreach (var call in effects.Items.ToArray().Cast<FenceNode>())
                story.Fencer.Complete(new FenceCompleted
                {
                    Number = call.Number, Outcome = FenceOutcome.Failed, Output = new string('x', 2000),
                    Duration = TimeSpan.Zero,
                }, story.Now, effects);
            effects.Clear();
            story.Fencer.CallOff("s2", "no");
        }

        Assert.Equal(Fencer.MaxHistory, story.Fencer.History.Length);
        Assert.All(story.Fencer.History, record => Assert.Equal(256, record.Detail.Length));
        var notes = 0;
        while (story.Fencer.TryTakeNote(out _)) notes++;
        Assert.Equal(Fencer.MaxWaiting, notes);
    }

    [Fact]
    public void NothingToFence_CostsNothing()
    {
        var story = new FenceStory(OneDevice);
        story.Is("s2", 5, heard: true, healthy: true);
        var effects = new EffectList();
        var now = story.Now;
        Spin();
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) Spin();
        }));
        Assert.Equal(MonotonicTime.Never, story.Fencer.NextDeadline);

        void Spin()
        {
            story.Fencer.Hear("s2", 5, now.Monotonic);
            story.Fencer.CallOff("s2", "it is a healthy member");
            story.Fencer.AdvanceTime(now, effects);
            story.Fencer.EvidenceFor("s2", 5);
            story.Fencer.TryConsume("s2", 5);
            story.Fencer.TryTakeNote(out _);
        }
    }
}
