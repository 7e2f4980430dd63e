using System.Diagnostics;

namespace Ha.Simulation;

/// <summary>Many seeds on all cores.</summary>
public sealed class SeedBatch
{
    private const int FailuresKept = 20;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(10);
    private readonly Stopwatch clock = new();
    private readonly Lock gate = new();
    private readonly List<SimulationResult> failures = [];
    private TimeSpan nextProgress = ProgressEvery;

    /// <summary>The failed runs with the smallest seeds, at most twenty.</summary>
    public IReadOnlyList<SimulationResult> Failures => failures;

    /// <summary>Number of failed runs.</summary>
    public int Failed { get; private set; }

    /// <summary>What all runs together reached.</summary>
    public Coverage Coverage { get; } = new();

    /// <summary>Simulated microseconds of all runs.</summary>
    public long Simulated { get; private set; }

    /// <summary>Number of runs that have ended.</summary>
    public int Done { get; private set; }

    /// <summary>Wall time.</summary>
    public TimeSpan Elapsed => clock.Elapsed;

    /// <summary>Processor time of this process during the batch, all cores together.</summary>
    public TimeSpan Processor { get; private set; }

    /// <summary>Mixed hash of all traces: equal for equal code and seeds, whatever the order of execution.</summary>
    public ulong Hash { get; private set; }

    /// <summary>
    /// The seed with the longest overlap of two connected owners, and the one with the longest outage.
    /// </summary>
    public (ulong Overlap, ulong Outage) Worst { get; private set; }

    /// <summary>Runs the seeds.</summary>
    /// <param name="first">First seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="options">Which clusters are drawn, and for how long.</param>
    /// <param name="jobs">Seeds that run side by side; null: one per processor.</param>
    /// <param name="progress">Told now and then how far it is; null: nobody asks.</param>
    public void Run(ulong first, int count, SeedOptions options, int? jobs = null, Action<SeedBatch>? progress = null)
    {
        clock.Restart();
        var before = Environment.CpuUsage.TotalTime;
        var limit = new ParallelOptions { MaxDegreeOfParallelism = jobs ?? Environment.ProcessorCount };
        Parallel.For(0, count, limit, number =>
        {
            Add(SimulationRun.Seed(first + (ulong)number, options), progress);
        });
        Processor = Environment.CpuUsage.TotalTime - before;
        clock.Stop();
        failures.Sort((a, b) => a.Seed.CompareTo(b.Seed));
    }

    private void Add(SimulationResult result, Action<SeedBatch>? progress)
    {
        lock (gate)
        {
            var reached = result.Coverage;
            if (reached.LongestOverlap > Coverage.LongestOverlap) Worst = Worst with { Overlap = result.Seed };
            if (reached.LongestOutage > Coverage.LongestOutage) Worst = Worst with { Outage = result.Seed };
            Coverage.Add(reached);
            Done++;
            Simulated += result.Simulated;
            Hash += result.TraceHash;
            if (result.Violation is not null)
            {
                Failed++;
                if (failures.Count < FailuresKept) failures.Add(result);
            }

            // A long batch tells at once what it has found.
            if (progress is null || (clock.Elapsed < nextProgress && result.Violation is null)) return;
            nextProgress = clock.Elapsed + ProgressEvery;
            progress(this);
        }
    }
}
