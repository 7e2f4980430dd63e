using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// A time without faults: every node runs, nothing is cut, and the cluster has to reach its goal and rest there.
/// </summary>
/// <param name="Begins">World time, microseconds.</param>
/// <param name="Restore">
/// When, within it, the operator cleans up failures and sets every node online, after which the placement must be
/// exactly what the policy promises; -1: he does not.
/// </param>
/// <param name="Ends">World time, microseconds.</param>
public sealed record Calm(long Begins, long Restore, long Ends);

/// <summary>
/// What one run goes through: an explicit list, so that single faults can be taken out of it. Each seed draws its own
/// subset of fault kinds and its own intensities (swarm); never everything at once only.
/// </summary>
public sealed record FaultPlan
{
    /// <summary>Faults in order of time.</summary>
    public required ImmutableArray<Fault> Faults { get; init; }

    /// <summary>Calm phases in order of time; the last one ends the run.</summary>
    public required ImmutableArray<Calm> Calms { get; init; }

    /// <summary>World time at which the run ends.</summary>
    public long Length => Calms[^1].Ends;

    /// <summary>The same plan with other faults.</summary>
    public FaultPlan With(IEnumerable<Fault> faults) => this with { Faults = [.. faults] };

    /// <summary>A plan made by hand: the faults, then one calm phase with restore.</summary>
    public static FaultPlan Of(SimulationProfile profile, params ReadOnlySpan<Fault> faults)
    {
        long quietFrom = 0;
        foreach (var fault in faults) quietFrom = Math.Max(quietFrom, fault.End);
        var calm = CalmFrom(profile, quietFrom + Micros.Second, restore: true);
        return new FaultPlan { Faults = [.. faults], Calms = [calm] };
    }

    /// <summary>Draws a plan.</summary>
    /// <param name="random">The plan's own stream.</param>
    /// <param name="profile">The cluster.</param>
    /// <param name="length">About how long the run shall be, in microseconds.</param>
    public static FaultPlan Draw(SplitMix64 random, SimulationProfile profile, long length)
    {
        var calm = CalmFrom(profile, 0, restore: true).Ends;
        var rounds = (int)Math.Clamp(length / (calm * 3), 1, random.Next(1, 4));
        var chaos = Math.Max((length / rounds) - calm, Micros.Minute);
        var draw = new FaultDraw(random, profile);
        var faults = new List<Fault>();
        var calms = ImmutableArray.CreateBuilder<Calm>();
        long at = 0;
        for (var round = 0; round < rounds; round++)
        {
            draw.Round(faults, at, at + chaos);
            var last = round == rounds - 1;
            calms.Add(CalmFrom(profile, at + chaos, restore: last || random.Chance(1, 2)));
            at = calms[^1].Ends;
        }

        faults.Sort((a, b) => a.At.CompareTo(b.At));
        return new FaultPlan { Faults = [.. faults], Calms = calms.ToImmutable() };
    }

    private static Calm CalmFrom(SimulationProfile profile, long begins, bool restore)
    {
        // A graceful stop may still be under way: it ends within the sum of timeouts, then the node starts again.
        var converge = Micros.From(profile.ConvergenceTime);
        var first = begins + Micros.From(profile.SumOfTimeouts) + converge + Quiet;
        return restore ? new Calm(begins, first, first + converge + Quiet) : new Calm(begins, -1, first);
    }

    /// <summary>How long the cluster must then stay as it is.</summary>
    public const long Quiet = 30 * Micros.Second;
}
