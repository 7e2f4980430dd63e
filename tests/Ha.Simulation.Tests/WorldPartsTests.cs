using Ha.Core.Time;

namespace Ha.Simulation.Tests;

public sealed class WorldPartsTests
{
    [Fact]
    public void Queue_GivesTimeOrderAndKeepsTheOrderOfEqualTimes()
    {
        var queue = new EventQueue();
        var random = new SplitMix64(11);
        for (var index = 0; index < 2000; index++)
            queue.Schedule(random.Next(0, 50), WorldEventKind.Wake, 0, index);

        var taken = new List<WorldEvent>();
        while (queue.Count > 0) taken.Add(queue.Take());

        Assert.Equal(taken.OrderBy(e => e.At).ThenBy(e => e.Index).Select(e => e.Index), taken.Select(e => e.Index));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Clock_NeverGoesBackAndKnowsItsOwnInstants(ulong seed)
    {
        var clock = new SimulatedClock(new SplitMix64(seed));
        var last = clock.Read(0).Monotonic;
        for (long now = 0; now < Micros.Hour; now += 777_777)
        {
            var read = clock.Read(now).Monotonic;
            Assert.True(read >= last);
            last = read;
            var deadline = read + TimeSpan.FromMilliseconds(1234);
            var at = clock.WorldTime(deadline);
            Assert.True(clock.Read(at).Monotonic >= deadline);
            Assert.True(clock.Read(at - 2).Monotonic < deadline);
        }
    }

    [Fact]
    public void WallClockJump_LeavesTheMonotonicClockAlone()
    {
        var clock = new SimulatedClock(new SplitMix64(1));
        var before = clock.Read(5);
        clock.JumpWall(-3_600_000);
        var after = clock.Read(5);

        Assert.Equal(before.Monotonic, after.Monotonic);
        Assert.Equal(before.UnixMilliseconds - 3_600_000, after.UnixMilliseconds);
    }

    [Fact]
    public void Plan_KeepsFaultsOutOfItsCalmPhases()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var (_, plan) = SimulationRun.Draw(seed, new SeedOptions());
            foreach (var fault in plan.Faults)
            {
                Assert.DoesNotContain(
                    plan.Calms, calm => fault.At < calm.Ends && fault.End > calm.Begins);
            }

            Assert.InRange(plan.Length, Micros.Hour / 2, 2 * Micros.Hour);
            Assert.True(plan.Calms[^1].Restore > 0);
        }
    }

    [Fact]
    public void Plan_IsTheSameForTheSameSeed()
    {
        var first = Faults(77);

        Assert.Equal(first, Faults(77));
        Assert.NotEqual(first, Faults(78));

        static List<Fault> Faults(ulong seed) => [.. SimulationRun.Draw(seed, new SeedOptions()).Plan.Faults];
    }

    [Fact]
    public void Seeds_DrawEveryKindOfFault()
    {
        var drawn = Enumerable.Range(1, 300)
            .Select(seed => SimulationRun.Draw((ulong)seed, new SeedOptions())).ToList();
        var kinds = drawn.SelectMany(run => run.Plan.Faults).Select(fault => fault.Kind).Distinct();
        var known = Enum.GetValues<FaultKind>().Where(kind => drawn.Exists(run => run.Profile.Knows(kind)));

        Assert.Equal(known.Order(), kinds.Order());
    }
}
