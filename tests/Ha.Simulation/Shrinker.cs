using System.Diagnostics;

namespace Ha.Simulation;

/// <summary>
/// Makes a failing run small as long as it still breaks the same rule: ends it at the violation, drops whole kinds of
/// faults, then halves, ever smaller parts and single faults, then groups, and rounds what is left.
/// </summary>
/// <param name="runLimit">Gives up after so many runs.</param>
/// <param name="timeLimit">Gives up after so long; null: a minute.</param>
public sealed class Shrinker(int runLimit = 600, TimeSpan? timeLimit = null)
{
    // What a smaller plan still breaks it breaks at about the same time; later is another story.
    private const long Patience = 10 * Micros.Minute;
    private readonly TimeSpan timeLimit = timeLimit ?? TimeSpan.FromMinutes(1);
    private readonly Stopwatch clock = new();

    /// <summary>Runs spent.</summary>
    public int Runs { get; private set; }

    /// <summary>Time spent.</summary>
    public TimeSpan Elapsed => clock.Elapsed;

    private bool GivesUp => Runs >= runLimit || clock.Elapsed > timeLimit;

    /// <summary>The smallest failing run found.</summary>
    /// <param name="failed">A run with a violation.</param>
    public SimulationResult Shrink(SimulationResult failed)
    {
        if (failed.Violation is not { } violation)
            throw new ArgumentException("there is nothing to shrink: the run broke no promise", nameof(failed));
        clock.Restart();
        var best = failed;
        best = Try(best, [.. best.Plan.Faults.Where(fault => fault.At <= violation.At)]) ?? best;
        best = DropKinds(best);
        best = DropParts(best);
        best = DropGroups(best);
        best = Round(best);
        clock.Stop();
        return best;
    }

    private SimulationResult DropKinds(SimulationResult best)
    {
        foreach (var kind in best.Plan.Faults.Select(fault => fault.Kind).Distinct().ToList())
            best = Try(best, [.. best.Plan.Faults.Where(fault => fault.Kind != kind)]) ?? best;
        return best;
    }

    private SimulationResult DropParts(SimulationResult best)
    {
        for (var size = Math.Max(1, best.Plan.Faults.Length / 2); !GivesUp && best.Plan.Faults.Length > 0;)
        {
            var smaller = RemoveParts(best, size);
            if (smaller is not null) best = smaller;
            else if (size == 1) break;
            size = Math.Max(1, Math.Min(size / 2, best.Plan.Faults.Length / 2));
        }

        return best;
    }

    private SimulationResult? RemoveParts(SimulationResult from, int size)
    {
        SimulationResult? best = null;
        var current = from;
        for (var start = 0; start < current.Plan.Faults.Length && !GivesUp;)
        {
            var faults = current.Plan.Faults;
            var without = faults.RemoveRange(start, Math.Min(size, faults.Length - start));
            if (Try(current, without) is { } smaller) current = best = smaller;
            else start += size;
        }

        return best;
    }

    private SimulationResult DropGroups(SimulationResult best)
    {
        for (var group = best.Profile.Groups.Length - 1; group >= 0 && best.Profile.Groups.Length > 1; group--)
        {
            var profile = best.Profile with { Groups = best.Profile.Groups.RemoveAt(group) };
            best = Try(best, profile, best.Plan) ?? best;
        }

        return best;
    }

    // Whole seconds, or at least whole tenths, are easier to think about.
    private SimulationResult Round(SimulationResult best)
    {
        foreach (var unit in (long[])[Micros.Second, 100 * Micros.Millisecond])
        {
            for (var index = 0; index < best.Plan.Faults.Length; index++)
            {
                var fault = best.Plan.Faults[index];
                var rounded = fault with
                {
                    At = fault.At / unit * unit, Duration = (fault.Duration + unit - 1) / unit * unit,
                };
                if (rounded != fault) best = Try(best, best.Plan.Faults.SetItem(index, rounded)) ?? best;
            }
        }

        return best;
    }

    private SimulationResult? Try(SimulationResult from, ImmutableArray<Fault> faults) =>
        faults.SequenceEqual(from.Plan.Faults) ? null : Try(from, from.Profile, from.Plan.With(faults));

    private SimulationResult? Try(SimulationResult from, SimulationProfile profile, FaultPlan plan)
    {
        if (GivesUp) return null;
        Runs++;
        var result = SimulationRun.Of(profile, plan, from.Seed, until: from.Violation!.At + Patience);
        return result.Violation?.Rule == from.Violation.Rule ? result : null;
    }
}
