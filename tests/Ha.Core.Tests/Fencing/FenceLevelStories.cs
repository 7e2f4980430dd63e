using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using static Ha.Core.Tests.Fencing.FenceStory;

namespace Ha.Core.Tests.Fencing;

/// <summary>How a node is fenced by several devices: one after the other, or all together.</summary>
public sealed class FenceLevelStories
{
    private static readonly SafetySettings IpmiThenPdus = new()
    {
        Devices = [Device("ipmi2", "s2"), Device("pdu1", "s1", "s2"), Device("pdu2", "s1", "s2")],
        Levels = [new FenceLevel("s2", 2, ["pdu1", "pdu2"]), new FenceLevel("s2", 1, ["ipmi2"])],
    };

    private static readonly SafetySettings TwoOutlets = new()
    {
        Devices = [Device("pdu1", "s2"), Device("pdu2", "s2")],
        Levels = [new FenceLevel("s2", 1, ["pdu1", "pdu2"])],
    };

    [Fact]
    public void FirstLevelFails_SecondLevelSwitchesEveryOutletOff_ThenOn()
    {
        var story = new FenceStory(IpmiThenPdus).Lost();
        story.Answers["ipmi2"] = (60, FenceOutcome.TimedOut);
        story.Request();
        story.Pass(66.5);
        // Confirmed when all is off: recovery need not wait until it is on again.
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        Assert.Equal(FencePhase.PoweringOn, story.Fencer.States[0].Phase);
        story.Pass(20);
        Assert.Equal(
        [
            "0 ipmi2 Reboot s2", "60 ipmi2 TimedOut", "60 Failure s2",
            "60 pdu1 Off s2", "63 pdu1 Succeeded", "63 pdu2 Off s2", "66 pdu2 Succeeded", "66 Fenced s2",
            "66 pdu1 On s2", "69 pdu1 Succeeded", "69 pdu2 On s2", "72 pdu2 Succeeded",
        ], story.Told);
        Assert.Equal(FencePhase.Fenced, story.Fencer.States[0].Phase);
    }

    [Fact]
    public void OneOutletOfTwoFails_TheNodeIsNotFenced()
    {
        var story = new FenceStory(TwoOutlets).Lost();
        story.Answers["pdu2"] = (1, FenceOutcome.Failed);
        story.Request();
        story.Pass(4.5);
        Assert.Equal(FencingEvidence.Unreachable, story.Fencer.EvidenceFor("s2", 5));
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
        Assert.Equal(
            ["0 pdu1 Off s2", "3 pdu1 Succeeded", "3 pdu2 Off s2", "4 pdu2 Failed", "4 Failure s2", "4 Failure s2"],
            story.Told);
    }

    [Fact]
    public void CalledOffBetweenTwoOutlets_TheFirstIsSwitchedOnAgain()
    {
        var story = new FenceStory(TwoOutlets).Lost();
        story.Request();
        story.Pass(1);
        story.CallOff();
        story.Pass(20);
        Assert.Equal(["0 pdu1 Off s2", "3 pdu1 Succeeded", "3 pdu1 On s2", "6 pdu1 Succeeded", "6 CalledOff s2"],
            story.Told);
        Assert.Equal(FencePhase.Idle, story.Fencer.States[0].Phase);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
    }

    [Fact]
    public void OutletDoesNotComeOn_ItIsFencedNevertheless_AndToldToTheOperator()
    {
        var story = new FenceStory(TwoOutlets).Lost();
        story.Answers["pdu1 On"] = (1, FenceOutcome.Failed);
        story.Request();
        story.Pass(20);
        Assert.True(story.Fencer.IsConfirmed("s2", 5));
        Assert.Contains("pdu1 did not switch s2 on again: it refused or failed; switch it on by hand",
            story.Sentences);
        Assert.Equal("10 pdu2 Succeeded", story.Told[^1]);
    }

    [Fact]
    public void ActionOff_IsNeverFollowedByOn()
    {
        var story = new FenceStory(TwoOutlets, FenceAction.Off).Lost();
        story.Request();
        story.Pass(20);
        Assert.Equal(["0 pdu1 Off s2", "3 pdu1 Succeeded", "3 pdu2 Off s2", "6 pdu2 Succeeded", "6 Fenced s2"],
            story.Told);
    }

    [Fact]
    public void WithoutLevels_EachDeviceIsALevel_InConfiguredOrder()
    {
        var safety = new SafetySettings { Devices = [Device("pdu9", "s2"), Device("ipmi2", "s2"), Device("x", "s1")] };
        var story = new FenceStory(safety).Lost();
        story.Answers["pdu9"] = (1, FenceOutcome.NotInstalled);
        story.Request();
        story.Pass(10);
        Assert.Equal(["0 pdu9 Reboot s2", "1 pdu9 NotInstalled", "1 Failure s2", "1 ipmi2 Reboot s2",
            "4 ipmi2 Succeeded", "4 Fenced s2"], story.Told);
        Assert.Equal("pdu9 did not fence s2: its agent is not installed", story.Sentences[2]);
    }

    [Fact]
    public void LateSuccessOfOneOutletOfTwo_ConfirmsNothing()
    {
        var story = new FenceStory(TwoOutlets).Lost();
        story.Answers["pdu1"] = (-1, FenceOutcome.Succeeded);
        story.Request();
        story.Pass(72.5);
        story.Answer(1, FenceOutcome.Succeeded);
        Assert.False(story.Fencer.IsConfirmed("s2", 5));
        Assert.True(story.Fencer.History[^1].IsLate);
    }

    [Fact]
    public void DriverNeverAnswers_TheCallIsGivenUp_AndCountsAsFailed()
    {
        var story = new FenceStory(IpmiThenPdus).Lost();
        story.Answers["ipmi2"] = (-1, FenceOutcome.Succeeded);
        story.Request();
        story.Pass(73);
        Assert.Equal(["0 ipmi2 Reboot s2", "72 Failure s2", "72 pdu1 Off s2"], story.Told);
    }

    [Fact]
    public void CalledOffInFlight_AndFailed_NextLevelIsNotTried()
    {
        var story = new FenceStory(IpmiThenPdus).Lost();
        story.Answers["ipmi2"] = (3, FenceOutcome.Failed);
        story.Request();
        story.Pass(1);
        story.CallOff();
        story.Pass(100);
        Assert.Equal(["0 ipmi2 Reboot s2", "3 ipmi2 Failed", "3 Failure s2", "3 CalledOff s2"], story.Told);
    }
}
