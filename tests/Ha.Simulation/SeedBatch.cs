using System.Diagnostics;

namespace Ha.Simulation;

/// <summary>Many seeds on all cores.</summary>
public sealed class SeedBatch
{
    private const int FailuresKept = 20;
    private readonly Lock gate = new();
    private readonly List<SimulationResult> failures = [];

    /// <summary>The failed runs with the smallest seeds, at most twenty.</summary>
    public IReadOnlyList<SimulationResult> Failures => failures;

    /// <summary>Number of failed runs.</summary>
    public int Failed { get; private set; }

    /// <summary>What all runs together reached.</summary>
    public Coverage Coverage { get; } = new();

    /// <summary>Simulated microseconds of all runs.</summary>
    public long Simulated { get; private set; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Mixed hash of all traces: equal for equal code and seeds, whatever the order of execution.</summary>
    public ulong Hash { get; private set; }

    /// <summary>
    /// The seed with the longest overlap of two connected owners, and the one with the longest outage.
    /// </summary>
    public (ulong Overlap, ulong Outage) Worst { get; private set; }

    /// <summary>Runs the seeds.</summary>
    /// <param name="first">First seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="nodes">A fixed number of nodes; null: drawn.</param>
    /// <param name="length">Simulated microseconds per seed.</param>
    public void Run(ulong first, int count, int? nodes, long length)
    {
        var clock = Stopwatch.StartNew();
        var limit = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, count, limit, number => Add(SimulationRun.Seed(first + (ulong)number, nodes, length)));
        Elapsed = clock.Elapsed;
        failures.Sort((a, b) => a.Seed.CompareTo(b.Seed));
    }

    private void Add(SimulationResult result)
    {
        lock (gate)
        {
            var reached = result.Coverage;
            if (reached.LongestOverlap > Coverage.LongestOverlap) Worst = Worst with { Overlap = result.Seed };
            if (reached.LongestOutage > Coverage.LongestOutage) Worst = Worst with { Outage = result.Seed };
            Coverage.Add(reached);
            Simulated += result.Simulated;
            Hash += result.TraceHash;
            if (result.Violation is null) return;
            Failed++;
            if (failures.Count < FailuresKept) failures.Add(result);
        }
    }
}
