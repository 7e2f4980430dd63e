namespace Ha.Simulation.Tests;

/// <summary>
/// The gate: 2,000 drawn clusters of one simulated hour each, safety checked at every step and liveness in every calm
/// phase. A failure prints its seed; each one found becomes a named scenario in <see cref="ScenarioTests"/>.
/// </summary>
public sealed class SeedTests
{
    private const int Seeds = 2000;
    private const ulong First = 1;

    [Fact]
    public void EverySeed_KeepsEveryPromiseAndReachesEveryMark()
    {
        var batch = new SeedBatch();
        batch.Run(First, Seeds, new SeedOptions());

        Assert.True(batch.Failed == 0, string.Join("\n\n", batch.Failures.Take(3)
            .Select(failed => Report.Failure(failed, new SeedOptions()))
            .Append($"{batch.Failed} of {Seeds} seeds failed")));
        Assert.All(
            Coverage.Required,
            mark => Assert.True(batch.Coverage[mark] > 0, $"{mark} was never reached"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1500)]
    [InlineData(77_777)]
    public void SameSeed_GivesTheSameRun(ulong first)
    {
        for (var seed = first; seed < first + 8; seed++)
        {
            var one = SimulationRun.Seed(seed, new SeedOptions());
            var again = SimulationRun.Seed(seed, new SeedOptions());

            Assert.True(one.TraceHash == again.TraceHash, $"seed {seed} does not repeat itself");
            Assert.Equal(one.Simulated, again.Simulated);
        }
    }

    [Fact]
    public void DriverThatHidesItsOwnStalls_IsFound()
    {
        // The oracle must notice an engine that blames its peers for its own pauses; here the driver makes it do so.
        var profile = new SimulationProfile { Nodes = 2 };
        var plan = FaultPlan.Of(profile, new Fault(FaultKind.Pause, Micros.Minute, 20 * Micros.Second, Node: 1));
        var honest = new SimulatedWorld(profile, plan, seed: 5, new Trace(live: null));
        var hiding = new SimulatedWorld(profile with { HidesStalls = true }, plan, seed: 5, new Trace(live: null));

        Assert.Null(honest.Run());
        Assert.Equal("S1 two owners", hiding.Run()?.Rule);
    }

    [Fact]
    public void FailingPlan_IsShrunkToTheFaultsThatMatter()
    {
        var failures = new List<SimulationResult>();
        for (ulong seed = 1; failures.Count < 3; seed++)
        {
            var (profile, plan) = SimulationRun.Draw(seed, new SeedOptions());
            var result = SimulationRun.Of(profile with { HidesStalls = true }, plan, seed);
            if (result.Violation is not null && plan.Faults.Length > 12) failures.Add(result);
        }

        foreach (var failed in failures)
        {
            var shrinker = new Shrinker();
            var small = shrinker.Shrink(failed);

            Assert.Equal(failed.Violation!.Rule, small.Violation?.Rule);
            Assert.InRange(small.Plan.Faults.Length, 1, 12);
            Assert.InRange(shrinker.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(90));
        }
    }
}
