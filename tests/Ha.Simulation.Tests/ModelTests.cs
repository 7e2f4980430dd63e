using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Time;

namespace Ha.Simulation.Tests;

/// <summary>Fence devices, watchdogs, arbiter and disks, driven by hand.</summary>
public sealed class ModelTests
{
    private static readonly WatchdogSettings TwoSeconds = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));

    [Fact]
    public void Device_ActsInsideTheCall()
    {
        var fencing = new SimulatedFencing(["pdu"], new SplitMix64(3));
        for (var number = 1; number <= 200; number++)
        {
            var call = Fence(fencing, number);

            Assert.Equal(FenceOutcome.Succeeded, call.Outcome);
            Assert.InRange(call.ActsAt, call.BeganAt, call.EndsAt);
        }
    }

    [Fact]
    public void SlowDevice_ActsAfterItsCallerHasGivenUp()
    {
        var fencing = Ill(new Fault(FaultKind.DeviceSlow, 0, 1, Amount: 600));

        var calls = Enumerable.Range(1, 100).Select(number => Fence(fencing, number)).ToList();

        Assert.Contains(calls, call => call.Outcome == FenceOutcome.TimedOut && call.ActsAt > call.EndsAt);
        Assert.Contains(calls, call => call.Outcome == FenceOutcome.TimedOut && call.ActsAt < call.EndsAt);
    }

    [Theory]
    [InlineData(FaultKind.DeviceFails, FenceOutcome.Failed)]
    [InlineData(FaultKind.DeviceCut, FenceOutcome.Failed)]
    [InlineData(FaultKind.DeviceLies, FenceOutcome.Succeeded)]
    public void IllDevice_DoesNothing(FaultKind kind, FenceOutcome told)
    {
        var call = Fence(Ill(new Fault(kind, 0, 1, Amount: 1000)), 1);

        Assert.Equal((told, -1), (call.Outcome, call.ActsAt));
    }

    [Fact]
    public void DeviceCutFromOneNode_ServesTheOther()
    {
        var fencing = Ill(new Fault(FaultKind.DeviceCut, 0, 1, Node: 1));

        Assert.Equal(FenceOutcome.Succeeded, Fence(fencing, 1, caller: 0).Outcome);
        Assert.Equal(FenceOutcome.Failed, Fence(fencing, 2, caller: 1).Outcome);
    }

    [Fact]
    public void MonitorOfADevice_TouchesNoPower()
    {
        var fencing = new SimulatedFencing(["pdu"], new SplitMix64(3));
        var asked = new FenceNode
        {
            Number = 1, Target = "n1", Device = Device("pdu", "n1"), Action = FenceAction.Monitor,
            Timeout = TimeSpan.FromSeconds(9),
        };

        Assert.Equal(-1, fencing.Begin(0, 0, 1, asked, 0).ActsAt);
    }

    [Fact]
    public void Watchdog_FiresAfterTheEndOfAuthority()
    {
        var watchdog = Armed(frozenByPauses: false);

        Assert.InRange(watchdog.FiresAt, 7 * Micros.Second, 8 * Micros.Second);
    }

    [Fact]
    public void WatchdogOfAStoppedAgent_CountsFromItsLastPetting()
    {
        var watchdog = Armed(frozenByPauses: false);
        watchdog.PettingStops(Micros.Second);

        Assert.InRange(watchdog.FiresAt, 3 * Micros.Second, 4 * Micros.Second);
        watchdog.PettingResumes(2 * Micros.Second);
        Assert.InRange(watchdog.FiresAt, 7 * Micros.Second, 8 * Micros.Second);
    }

    [Fact]
    public void WatchdogWhoseAuthorityEndedDuringAPause_IsNotPettedAgain()
    {
        var watchdog = Armed(frozenByPauses: false);
        watchdog.PettingStops(Micros.Second);
        watchdog.PettingResumes(6 * Micros.Second);

        Assert.InRange(watchdog.FiresAt, 3 * Micros.Second, 4 * Micros.Second);
    }

    [Fact]
    public void WatchdogOfAVirtualMachine_FreezesWithIt()
    {
        var watchdog = Armed(frozenByPauses: true);
        watchdog.PettingStops(Micros.Second);

        Assert.Equal(-1, watchdog.FiresAt);
        watchdog.PettingResumes(61 * Micros.Second);
        Assert.True(watchdog.FiresAt > 61 * Micros.Second);
    }

    [Fact]
    public void ClosedWatchdog_DoesNotFire()
    {
        var watchdog = Armed(frozenByPauses: false);
        watchdog.Disarm();

        Assert.Equal(-1, watchdog.FiresAt);
    }

    [Fact]
    public void Arbiter_GrantsOneAtATime()
    {
        var arbiter = new SimulatedArbiter(TimeSpan.FromSeconds(10), new SplitMix64(1));

        Assert.Equal(ArbiterGrant.Mine, arbiter.Answer(0, Ask(0)).Grant);
        Assert.Equal(ArbiterGrant.Others, arbiter.Answer(5 * Micros.Second, Ask(1)).Grant);
        Assert.Equal(ArbiterGrant.Mine, arbiter.Answer(6 * Micros.Second, Ask(0)).Grant);
        Assert.Equal(ArbiterGrant.Others, arbiter.Answer(15 * Micros.Second, Ask(1)).Grant);
        Assert.Equal(ArbiterGrant.Mine, arbiter.Answer(17 * Micros.Second, Ask(1)).Grant);
    }

    [Fact]
    public void Arbiter_CountsEachChangeOfHolder()
    {
        var arbiter = new SimulatedArbiter(TimeSpan.FromSeconds(10), new SplitMix64(1));
        var first = arbiter.Answer(0, Ask(0)).Revision;
        var renewed = arbiter.Answer(1, Ask(0)).Revision;
        arbiter.Answer(2, Ask(0, want: false));
        var second = arbiter.Answer(3, Ask(1)).Revision;

        Assert.Equal(first, renewed);
        Assert.True(second > first);
    }

    [Fact]
    public void ArbiterWithAnEmptyDisk_BeginsAnEpochAndWaitsOutTheOldLease()
    {
        var arbiter = new SimulatedArbiter(TimeSpan.FromSeconds(10), new SplitMix64(1));
        var before = arbiter.Answer(0, Ask(0)).Epoch;
        arbiter.Begin(Micros.Second, new Fault(FaultKind.ArbiterLosesDisk, Micros.Second));

        Assert.Equal(ArbiterGrant.Unknown, arbiter.Answer(2 * Micros.Second, Ask(1)).Grant);
        var after = arbiter.Answer(12 * Micros.Second, Ask(1));
        Assert.Equal(ArbiterGrant.Mine, after.Grant);
        Assert.True(after.Epoch > before);
    }

    [Fact]
    public void ArbiterThatIsStopped_HearsTheQuestionWhenItGoesOn()
    {
        var arbiter = new SimulatedArbiter(TimeSpan.FromSeconds(10), new SplitMix64(1));
        arbiter.Begin(0, new Fault(FaultKind.ArbiterPaused, 0, 5 * Micros.Second));
        var cut = new Fault(FaultKind.ArbiterCut, 0, 5 * Micros.Second, Node: 1);
        arbiter.Begin(0, cut);

        Assert.True(arbiter.ReachedAt(0, 0) >= 5 * Micros.Second);
        Assert.Equal(-1, arbiter.ReachedAt(0, 1));
        arbiter.End(cut);
        Assert.True(arbiter.ReachedAt(0, 1) >= 5 * Micros.Second);
    }

    [Fact]
    public void Disk_CountsLives()
    {
        var disk = new SimulatedDisk(7, new SplitMix64(1));

        Assert.Equal((8u, 9u), (disk.BeginLife(1000), disk.BeginLife(1000)));
        disk.IsFull = true;
        Assert.Null(disk.BeginLife(1000));
    }

    [Fact]
    public void TornGenerationFile_IsReplacedByTheClock()
    {
        var disk = new SimulatedDisk(7, new SplitMix64(1));
        disk.Tear();

        Assert.Equal(1001u, disk.BeginLife(1000));
        Assert.Equal(1002u, disk.BeginLife(5));
    }

    [Fact]
    public void DishonestDisk_LosesALifeWithThePower()
    {
        var again = Enumerable.Range(1, 40).Select(seed =>
        {
            var disk = new SimulatedDisk(7, new SplitMix64((ulong)seed)) { LosesUnsynced = true };
            disk.BeginLife(1000);
            disk.LosePower();
            return disk.BeginLife(1000)!.Value;
        }).ToHashSet();

        Assert.Equal([8u, 1001u], again.Order());
    }

    [Fact]
    public void RestoredSnapshot_KnowsNothingOfLaterLives()
    {
        var disk = new SimulatedDisk(7, new SplitMix64(1));
        for (var life = 0; life < 5; life++) disk.BeginLife(1000);
        disk.RestoreSnapshot(3);

        Assert.Equal(10u, disk.BeginLife(1000));
    }

    internal static FenceDevice Device(string id, params string[] nodes) => new()
    {
        Id = id, Agent = "fence_simulated",
        Plugs = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal, nodes.Select(node => KeyValuePair.Create(node, node))),
    };

    private static SimulatedWatchdog Armed(bool frozenByPauses)
    {
        var watchdog = new SimulatedWatchdog(TwoSeconds, frozenByPauses, new SplitMix64(5));
        watchdog.Renew(0, 5 * Micros.Second);
        return watchdog;
    }

    private static SimulatedFencing Ill(Fault fault)
    {
        var fencing = new SimulatedFencing(["pdu"], new SplitMix64(3));
        fencing.Begin(fault);
        return fencing;
    }

    private static FenceCall Fence(SimulatedFencing fencing, long number, int caller = 0) => fencing.Begin(
        1000, caller, 1,
        new FenceNode
        {
            Number = number, Target = "n2", Device = Device("pdu", "n1", "n2"), Action = FenceAction.Reboot,
            Timeout = TimeSpan.FromSeconds(60),
        },
        target: 1);

    private static ArbiterQuestion Ask(int node, bool want = true) => new(1, node, 1, want, long.MaxValue);
}
