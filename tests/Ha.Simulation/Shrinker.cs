namespace Ha.Simulation;

/// <summary>
/// Takes faults out of a failing plan - first halves, then ever smaller parts, at last single ones - as long as what is
/// left still breaks the same rule.
/// </summary>
public sealed class Shrinker
{
    private readonly int runLimit;
    private int runs;

    /// <summary>A shrinker that gives up after so many runs.</summary>
    public Shrinker(int runLimit = 400) => this.runLimit = runLimit;

    /// <summary>Runs spent.</summary>
    public int Runs => runs;

    /// <summary>The smallest failing run found.</summary>
    /// <param name="failed">A run with a violation.</param>
    public SimulationResult Shrink(SimulationResult failed)
    {
        if (failed.Violation is not { } violation)
            throw new ArgumentException("there is nothing to shrink: the run broke no promise", nameof(failed));
        var best = failed;
        // Nothing after the violation matters, and often the calm phases before it do not either.
        best = Try(best, FaultsUntil(best, violation.At)) ?? best;
        for (var size = Math.Max(1, best.Plan.Faults.Length / 2); runs < runLimit;)
        {
            var smaller = RemoveParts(best, size);
            if (smaller is not null) best = smaller;
            else if (size == 1) break;
            size = Math.Max(1, Math.Min(size / 2, best.Plan.Faults.Length / 2));
            if (best.Plan.Faults.Length == 0) break;
        }

        return best;
    }

    private SimulationResult? RemoveParts(SimulationResult from, int size)
    {
        SimulationResult? best = null;
        var current = from;
        for (var start = 0; start < current.Plan.Faults.Length && runs < runLimit;)
        {
            var faults = current.Plan.Faults;
            var without = faults.RemoveRange(start, Math.Min(size, faults.Length - start));
            if (Try(current, without) is { } smaller) current = best = smaller;
            else start += size;
        }

        return best;
    }

    private SimulationResult? Try(SimulationResult from, ImmutableArray<Fault> faults)
    {
        if (faults.Length == from.Plan.Faults.Length) return null;
        runs++;
        var result = SimulationRun.Of(from.Profile, from.Plan.With(faults), from.Seed);
        return result.Violation?.Rule == from.Violation!.Rule ? result : null;
    }

    private static ImmutableArray<Fault> FaultsUntil(SimulationResult failed, long at) =>
        [.. failed.Plan.Faults.Where(fault => fault.At <= at)];
}
