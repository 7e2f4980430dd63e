using Ha.Core.Contracts;

namespace Ha.Simulation.Tests;

/// <summary>An oracle that cannot object is worthless: each test here is a cluster that misbehaves.</summary>
public sealed class SafetyCheckerTests
{
    [Fact]
    public void StartWithoutProbe_IsFound()
    {
        var books = new CheckerBooks().Talk(1);

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Start, books.Vip));

        Assert.Equal("S2 probe first", broken.Rule);
    }

    [Fact]
    public void ProbeOfAnEarlierLife_DoesNotCount()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Checker.LifeEnded(books.Now, 0);
        books.Checker.LifeStarted(books.Now, 0, 8);
        books.Talk(1);

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Start, books.Vip));

        Assert.Equal("S2 probe first", broken.Rule);
    }

    [Fact]
    public void StartOnSecondNodeWhileBothHearEachOther_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(60);

        var broken = CheckerBooks.Broken(() => books.Do(1, OperationKind.Start, books.Vip));

        Assert.Equal("S1 two owners", broken.Rule);
        Assert.Contains("n1", broken.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void StartBeforeTheStopElsewhereIsConfirmed_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Ask(0, OperationKind.Stop, books.Vip);

        var broken = CheckerBooks.Broken(() => books.Do(1, OperationKind.Start, books.Vip));

        Assert.Equal("S1 two owners", broken.Rule);
    }

    [Fact]
    public void StartAfterAFailedStopElsewhere_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Do(0, OperationKind.Stop, books.Vip, OperationOutcome.TimedOut);

        var broken = CheckerBooks.Broken(() => books.Do(1, OperationKind.Start, books.Vip));

        Assert.Equal("S10 stop failure blocks", broken.Rule);
    }

    [Fact]
    public void MoveWithConfirmedStop_IsAllowed()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Do(0, OperationKind.Stop, books.Vip).Do(1, OperationKind.Start, books.Vip).Talk(60);

        Assert.True(books.Checker.MayBeActive(1, 0));
        Assert.False(books.Checker.MayBeActive(0, 0));
    }

    [Fact]
    public void TakeoverAfterDeadtimeOfSilence_IsAllowedInClassicMode()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);

        books.Silence(6.01).Do(1, OperationKind.Start, books.Vip);

        Assert.True(books.Checker.MayBeActive(1, 0));
    }

    [Fact]
    public void TakeoverBeforeDeadtime_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5).Silence(5.9);

        var broken = CheckerBooks.Broken(() => books.Do(1, OperationKind.Start, books.Vip));

        Assert.Equal("S1 two owners", broken.Rule);
    }

    [Fact]
    public void TakeoverBlamedOnThePeerForOnesOwnPause_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Checker.Paused(books.Now, 1);
        books.Silence(60);
        books.Checker.Resumed(books.Now, 1, unnoticed: 0);

        var broken = CheckerBooks.Broken(() => books.Do(1, OperationKind.Start, books.Vip));

        Assert.Equal("S1 two owners", broken.Rule);
    }

    [Fact]
    public void TakeoverOfAPausedPeersGroup_IsAllowedInClassicMode()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Checker.Paused(books.Now, 0);

        books.Silence(7).Do(1, OperationKind.Start, books.Vip);

        Assert.True(books.Checker.MayBeActive(1, 0));
    }

    [Fact]
    public void TakeoverInAOneWayCut_IsAllowedOnBothSides()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        for (var second = 0; second < 8; second++)
        {
            books.Silence(1);
            books.Hear(0, 1);
        }

        Assert.True(books.Hearing.MayHoldForLost(books.Now, 0, 1));
        Assert.True(books.Hearing.MayHoldForLost(books.Now, 1, 0));
        Assert.True(books.Hearing.OneWayNow(books.Now, 1, 0));
    }

    [Fact]
    public void SecondCopyOfAStatus_IsNoSignOfLife()
    {
        var books = new CheckerBooks().Talk(1);
        books.Hearing.StatusProcessed(books.Now, 0, 1, currentLife: true, generation: 1, sequence: 900);
        books.Silence(4).Hearing.StatusProcessed(books.Now, 0, 1, currentLife: true, generation: 1, sequence: 900);
        books.Silence(2.1);

        Assert.True(books.Hearing.SilentNow(books.Now, 0, 1));
    }

    [Fact]
    public void StatusThatWasPlayedAgainAndThenComes_IsNoSignOfLife()
    {
        var books = new CheckerBooks().Talk(1);
        books.Silence(4);
        books.Hearing.StatusReplayed(books.Now, 0, 1, generation: 1, sequence: 900);
        books.Hearing.StatusProcessed(books.Now, 0, 1, currentLife: true, generation: 1, sequence: 900);
        books.Silence(2.1);

        Assert.True(books.Hearing.SilentNow(books.Now, 0, 1));
    }

    [Fact]
    public void AddressBeforeHaproxyWhenANodeGivesEverythingUp_IsAllowed()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Do(0, OperationKind.Start, books.Haproxy);
        books.Checker.ShutdownAsked(0);

        books.Do(0, OperationKind.Stop, books.Vip).Do(0, OperationKind.Stop, books.Haproxy);

        Assert.False(books.Checker.Holds(0));
    }

    [Fact]
    public void TwoOwnersThatGoOnAfterHealing_AreFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5).Silence(7).Do(1, OperationKind.Start, books.Vip);
        var limit = books.Checker.ResolveLimit / (double)Micros.Second;

        var broken = CheckerBooks.Broken(() => books.Talk(limit + 1));

        Assert.Equal("S1 overlap does not end", broken.Rule);
        Assert.Equal(1, books.Coverage[CoverageMark.DualOwner]);
    }

    [Fact]
    public void TwoOwnersThatAreResolvedInTime_AreCounted()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5).Silence(7).Do(1, OperationKind.Start, books.Vip).Talk(2);

        books.Do(1, OperationKind.Stop, books.Vip).Talk(60);

        Assert.Equal(1, books.Coverage[CoverageMark.DualOwnerResolved]);
    }

    [Fact]
    public void GroupThatNobodyRunsWithoutAReason_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();

        var broken = CheckerBooks.Broken(() => books.Talk(60));

        Assert.Equal("L1 outage", broken.Rule);
    }

    [Fact]
    public void OwnersOfAMachineWithoutPower_AreForgotten()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Talk(5);
        books.Checker.PowerLost(books.Now, 0);

        books.Do(1, OperationKind.Start, books.Vip);

        Assert.False(books.Checker.MayBeActive(0, 0));
        Assert.Equal(1, books.Coverage[CoverageMark.HolderLostPower]);
    }

    [Fact]
    public void TwoOperationsOnOneResource_AreFound()
    {
        var books = new CheckerBooks().Talk(1);
        books.Ask(0, OperationKind.Probe, books.Vip);

        var broken = CheckerBooks.Broken(() => books.Ask(0, OperationKind.Probe, books.Vip));

        Assert.Equal("S8 one at a time", broken.Rule);
    }

    [Fact]
    public void HaproxyBeforeItsAddress_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Start, books.Haproxy));

        Assert.Equal("S8 group order", broken.Rule);
    }

    [Fact]
    public void AddressStoppedBeforeHaproxy_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();
        books.Do(0, OperationKind.Start, books.Vip).Do(0, OperationKind.Start, books.Haproxy);

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Stop, books.Vip));

        Assert.Equal("S8 group order", broken.Rule);
    }

    [Fact]
    public void StartBeforeInitdeadWithoutAPeer_IsFound()
    {
        var books = new CheckerBooks().ProbeAll().Silence(7.5);

        var broken = CheckerBooks.Broken(() => books.Do(0, OperationKind.Start, books.Vip));

        Assert.Equal("S2 initdead", broken.Rule);
    }

    [Fact]
    public void AnnouncementOfAnAddressThatIsNotHeld_IsFound()
    {
        var books = new CheckerBooks().Talk(1).ProbeAll();

        var broken = CheckerBooks.Broken(() => books.Ask(0, OperationKind.Announce, books.Vip));

        Assert.Equal("S17 announce", broken.Rule);
    }

    [Fact]
    public void GenerationThatDoesNotGrow_IsFound()
    {
        var books = new CheckerBooks();
        books.Checker.LifeEnded(0, 0);

        var broken = CheckerBooks.Broken(() => books.Checker.LifeStarted(0, 0, 7));

        Assert.Equal("S6 generation", broken.Rule);
    }
}
