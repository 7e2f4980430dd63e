using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Policy.Model;

namespace Ha.Simulation.Tests;

/// <summary>Clusters that fence wrongly, recover too early or act without a majority: the oracle must object.</summary>
public sealed class FencingCheckerTests
{
    private static readonly SimulationProfile Fencing = new()
    {
        Mode = SafetyMode.Fencing, Safety = new SafetySettings { WaitForAll = true },
    };

    private static readonly SimulationProfile Quorum = new() { Mode = SafetyMode.Quorum, Nodes = 3 };

    [Fact]
    public void WithFenceDevices_SilenceExcusesNoSecondOwner()
    {
        var books = Owner(Fencing).Silence(60);

        Assert.Equal("S1 two owners", Broken(() => books.Do(1, OperationKind.Start, books.Vip)).Rule);
    }

    [Fact]
    public void MachineLostWithoutConfirmation_IsNotRecovered()
    {
        var books = Owner(Fencing);
        books.Checker.PowerLost(books.Now, 0);
        books.Silence(60);

        Assert.Equal("S4 fence before recover", Broken(() => books.Do(1, OperationKind.Start, books.Vip)).Rule);
    }

    [Theory]
    [InlineData(FenceOutcome.Succeeded, true)]
    [InlineData(FenceOutcome.Failed, false)]
    [InlineData(FenceOutcome.TimedOut, false)]
    public void MachineIsRecovered_WhenADeviceHasConfirmed(FenceOutcome outcome, bool allowed)
    {
        var books = Owner(Fencing);
        books.Checker.PowerLost(books.Now, 0);
        books.Silence(60);
        books.Checker.FenceAsked(books.Now, 1, 0, Call(1, "n1"));
        books.Checker.FenceEnded(books.Now, Ended(books, outcome));

        if (allowed) books.Do(1, OperationKind.Start, books.Vip);
        else Assert.Equal("S4 fence before recover", Broken(() => books.Do(1, OperationKind.Start, books.Vip)).Rule);
    }

    [Fact]
    public void LostMachineIsBackAndProbed_NeedsNoFencing()
    {
        var books = Owner(Fencing);
        books.Checker.PowerLost(books.Now, 0);
        books.Silence(60).Checker.LifeStarted(books.Now, 0, 30);
        books.Talk(3).Do(0, OperationKind.Probe, books.Vip, OperationOutcome.NotRunning);

        books.Do(1, OperationKind.Start, books.Vip);
    }

    [Fact]
    public void NodeThatFencesItself_IsFound()
    {
        var books = Owner(Fencing);

        Assert.Equal("S3 fence", Broken(() => books.Checker.FenceAsked(books.Now, 0, 0, Call(1, "n1"))).Rule);
    }

    [Fact]
    public void FencingOfAHealthyPeer_IsFound()
    {
        var books = Owner(Fencing);

        Assert.Equal("S3 fence reason", Broken(() => books.Checker.FenceAsked(books.Now, 1, 0, Call(1, "n1"))).Rule);
    }

    [Fact]
    public void FencingAfterAFailedStop_IsLegitimate()
    {
        var books = Owner(Fencing).Do(0, OperationKind.Stop, new SimulationProfile().Groups[0].Resources[0],
            OperationOutcome.TimedOut);

        books.Checker.FenceAsked(books.Now, 1, 0, Call(1, "n1"));
    }

    [Fact]
    public void NodeThatNeverMetTheOthers_MayNotFenceThem()
    {
        var books = new CheckerBooks(Fencing).Silence(60);

        Assert.Equal("S3 fence authority", Broken(() => books.Checker.FenceAsked(books.Now, 1, 0, Call(1, "n1"))).Rule);
    }

    [Fact]
    public void OneDeviceCalledTwiceAtATime_IsFound()
    {
        var books = Owner(Fencing).Silence(60);
        books.Checker.FenceAsked(books.Now, 1, 0, Call(1, "n1"));

        Assert.Equal("S3 fence", Broken(() => books.Checker.FenceAsked(books.Now, 1, 0, Call(2, "n1"))).Rule);
    }

    [Fact]
    public void EndlessFencing_IsFound()
    {
        var books = Owner(Fencing).Silence(60);
        var broken = Broken(() =>
        {
            for (var number = 1; number <= 100; number++)
            {
                books.Checker.FenceAsked(books.Now, 1, 0, Call(number, "n1"));
                books.Checker.FenceEnded(books.Now, Ended(books, FenceOutcome.Failed, number));
            }
        });

        Assert.Equal("S3 fence storm", broken.Rule);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BothNodesFenceEachOther_IsFoundUnlessTheRaceWasUnfair(bool racesAreFair)
    {
        var books = Owner(Fencing);
        books.Checker.RacesAreFair = racesAreFair;
        books.Checker.Fenced(books.Now, 0, 1);
        void Second() => books.Checker.Fenced(books.Now + Micros.Second, 1, 0);

        if (racesAreFair) Assert.Equal("L2a both fenced", Broken(Second).Rule);
        else Second();
    }

    [Fact]
    public void DeviceThatActsLongAfterItsCallerGaveUp_IsNoRace()
    {
        var books = Owner(Fencing);
        books.Checker.Fenced(books.Now, 0, 1);

        books.Checker.Fenced(books.Now + Micros.Second, 1, 0, late: true);

        books.Checker.Fenced(books.Now + (2 * Micros.Second), 0, 1);
    }

    [Fact]
    public void AuthorityLongerThanAnyProof_IsFound()
    {
        var books = Owner(Fencing);
        books.Checker.AuthorityRenewed(books.Now, 0, books.Now + (10 * Micros.Second));

        Assert.Equal("S12 authority",
            Broken(() => books.Checker.AuthorityRenewed(books.Now, 0, books.Now + (11 * Micros.Second))).Rule);
    }

    [Fact]
    public void NodeWithoutMajority_MayNotStart()
    {
        var books = new CheckerBooks(Quorum).Talk(3).ProbeAll().CutOff(2);
        books.Talk(30).Do(0, OperationKind.Start, books.Vip);
        books.Do(0, OperationKind.Stop, books.Vip);

        Assert.Equal("S1c start without quorum", Broken(() => books.Do(2, OperationKind.Start, books.Vip)).Rule);
    }

    [Fact]
    public void NodeWithoutMajority_MustBecomeQuiet()
    {
        var books = new CheckerBooks(Quorum).Talk(3).ProbeAll();
        books.Do(2, OperationKind.Start, books.Vip).CutOff(2).Talk(20);

        Assert.Equal("S1c not quiet", Broken(() => books.Talk(60)).Rule);
    }

    [Fact]
    public void NodeWithoutMajority_MayFreezeWhenThatIsThePolicy()
    {
        var books = new CheckerBooks(Quorum with { NoQuorum = NoQuorumPolicy.Freeze }).Talk(3).ProbeAll();

        books.Do(2, OperationKind.Start, books.Vip).CutOff(2).Talk(60);
    }

    // A two-node cluster whose first node runs the address, both having met.
    private static CheckerBooks Owner(SimulationProfile profile)
    {
        var books = new CheckerBooks(profile).Talk(3).ProbeAll();
        return books.Do(0, OperationKind.Start, books.Vip).Talk(5);
    }

    private static FenceNode Call(long number, string target) => new()
    {
        Number = number, Target = target, Action = FenceAction.Reboot, Timeout = TimeSpan.FromSeconds(60),
        Device = ModelTests.Device("pdu", target),
    };

    private static FenceCall Ended(CheckerBooks books, FenceOutcome outcome, long number = 1) => new()
    {
        Number = number, Caller = 1, Generation = 9, Target = 0, Action = FenceAction.Reboot, BeganAt = books.Now,
        EndsAt = books.Now, Outcome = outcome,
    };

    private static Violation Broken(Action act) => CheckerBooks.Broken(act);
}
