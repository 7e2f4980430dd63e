using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>What came out of one run.</summary>
public sealed record SimulationResult
{
    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The cluster.</summary>
    public required SimulationProfile Profile { get; init; }

    /// <summary>What it went through.</summary>
    public required FaultPlan Plan { get; init; }

    /// <summary>The first broken promise; null when all were kept.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>Equal for equal runs.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Equal for runs that did the same to their resources, in the same order.</summary>
    public required ulong OperationsHash { get; init; }

    /// <summary>What was reached.</summary>
    public required Coverage Coverage { get; init; }

    /// <summary>Simulated time, microseconds.</summary>
    public required long Simulated { get; init; }

    /// <summary>The last trace lines; empty when all went well.</summary>
    public required ImmutableArray<string> LastLines { get; init; }
}

/// <summary>Runs one seed.</summary>
public static class SimulationRun
{
    /// <summary>Draws cluster and plan from the seed and runs them.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="options">Which clusters are drawn, and for how long.</param>
    /// <param name="live">Receives the trace as it happens; null: nobody listens.</param>
    public static SimulationResult Seed(ulong seed, SeedOptions options, TextWriter? live = null)
    {
        var (profile, plan) = Draw(seed, options);
        return Of(profile, plan, seed, live);
    }

    /// <summary>Cluster and plan of a seed.</summary>
    public static (SimulationProfile Profile, FaultPlan Plan) Draw(ulong seed, SeedOptions options)
    {
        // Streams of their own: more draws in one do not change the other.
        var root = new SplitMix64(seed ^ 0x5EED);
        var profile = SimulationProfile.Draw(root.Split(), options);
        var plan = FaultPlan.Draw(root.Split(), profile, options.Length);
        plan = AdministrationDraw.Change(root.Split(), profile, plan);
        return (profile, AdministrationDraw.Confirm(root.Split(), profile, plan));
    }

    /// <summary>Runs a given cluster through a given plan.</summary>
    /// <param name="profile">The cluster.</param>
    /// <param name="plan">What it goes through.</param>
    /// <param name="seed">Drives what the plan leaves open.</param>
    /// <param name="live">Receives the trace as it happens; null: nobody listens.</param>
    /// <param name="until">World time at which the run ends at the latest.</param>
    public static SimulationResult Of(
        SimulationProfile profile, FaultPlan plan, ulong seed, TextWriter? live = null, long until = long.MaxValue)
    {
        var trace = new Trace(live);
        var world = new SimulatedWorld(profile, plan, seed, trace);
        var violation = world.Run(until);
        return new SimulationResult
        {
            Seed = seed,
            Profile = profile,
            Plan = plan,
            Violation = violation,
            TraceHash = trace.Hash,
            OperationsHash = trace.OperationsHash,
            Coverage = world.Coverage,
            Simulated = world.Now,
            LastLines = violation is null ? [] : [.. trace.LastLines(profile.Nodes), .. world.Describe()],
        };
    }
}
