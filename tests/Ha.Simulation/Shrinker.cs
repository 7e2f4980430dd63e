using System.Diagnostics;

namespace Ha.Simulation;

/// <summary>
/// Makes a failing run small as long as it still breaks the same rule: ends it at the violation, drops its beginning,
/// whole kinds of faults, then halves, ever smaller parts and single faults, then groups and time in which nothing
/// happens, and rounds what is left. Most failures are races, and taking a fault out changes what is drawn after it:
/// each smaller plan is tried with several seeds.
/// </summary>
/// <param name="runLimit">Gives up after so many runs.</param>
/// <param name="timeLimit">Gives up after so long; null: a minute.</param>
public sealed class Shrinker(int runLimit = 2000, TimeSpan? timeLimit = null)
{
    // What a smaller plan still breaks it breaks at about the same time; later is another story.
    private const long Patience = 10 * Micros.Minute;

    // More seeds find more races and take longer to say that there is none.
    private const int SeedsPerPlan = 4;

    // Gaps longer than this are shortened to it: enough to settle.
    private const long LongestGap = 30 * Micros.Second;
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
        if (failed.Violation is null)
            throw new ArgumentException("there is nothing to shrink: the run broke no promise", nameof(failed));
        clock.Restart();
        var best = failed;
        best = DropBeginning(DropEnd(best));
        best = DropCalms(DropKinds(best));
        best = DropEnd(DropParts(best));
        best = DropGroups(best);
        best = DropGaps(best);
        best = Round(best);
        clock.Stop();
        return best;
    }

    private SimulationResult DropEnd(SimulationResult best) =>
        Try(best, [.. best.Plan.Faults.Where(fault => fault.At <= best.Violation!.At)]) ?? best;

    private SimulationResult DropCalms(SimulationResult best)
    {
        for (var calm = best.Plan.Calms.Length - 2; calm >= 0; calm--)
        {
            var plan = best.Plan with { Calms = best.Plan.Calms.RemoveAt(calm) };
            best = Try(best, best.Profile, plan) ?? best;
        }

        return best;
    }

    // What came long before may not matter: the run begins later, the later the better.
    private SimulationResult DropBeginning(SimulationResult best)
    {
        for (var again = true; again && !GivesUp;)
        {
            again = false;
            var faults = best.Plan.Faults;
            foreach (var eighths in (int[])[8, 7, 6, 4, 2])
            {
                var last = (faults.Length * eighths / 8) - 1;
                if (last < 0 || Try(best, best.Profile, Later(best.Plan, faults[last].At)) is not { } smaller) continue;
                best = smaller;
                again = true;
                break;
            }
        }

        return best;
    }

    private static FaultPlan Later(FaultPlan plan, long from)
    {
        // Time to start and settle comes first, without faults.
        var by = from - LongestGap;
        return by <= 0 ? plan : new FaultPlan
        {
            Faults = [.. plan.Faults.Where(fault => fault.At > from).Select(fault => Earlier(fault, by))],
            Calms = [.. plan.Calms.Where(calm => calm.Begins > from).Select(calm => Earlier(calm, by))],
        };
    }

    // Whatever comes after a long gap comes earlier, calm phases too.
    private SimulationResult DropGaps(SimulationResult best)
    {
        for (var index = 0; index <= best.Plan.Faults.Length; index++)
        {
            var plan = best.Plan;
            long quietFrom = 0;
            foreach (var fault in plan.Faults.Take(index)) quietFrom = Math.Max(quietFrom, fault.End);
            var next = index < plan.Faults.Length ? plan.Faults[index].At : plan.Calms[0].Begins;
            var gap = next - quietFrom - LongestGap;
            if (gap <= 0 || plan.Calms.Any(calm => calm.Begins < next)) continue;
            var shorter = new FaultPlan
            {
                Faults = [.. plan.Faults.Select((fault, at) => at < index ? fault : Earlier(fault, gap))],
                Calms = [.. plan.Calms.Select(calm => Earlier(calm, gap))],
            };
            best = Try(best, best.Profile, shorter) ?? best;
        }

        return best;
    }

    private static Fault Earlier(Fault fault, long by) => fault with { At = fault.At - by };

    private static Calm Earlier(Calm calm, long by) => calm with
    {
        Begins = calm.Begins - by, Ends = calm.Ends - by, Restore = calm.Restore < 0 ? -1 : calm.Restore - by,
    };

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
        Try(from, from.Profile, from.Plan.With(faults));

    private SimulationResult? Try(SimulationResult from, SimulationProfile profile, FaultPlan plan)
    {
        if (plan.Faults.Length == from.Plan.Faults.Length && plan.Calms.SequenceEqual(from.Plan.Calms)
            && plan.Faults.SequenceEqual(from.Plan.Faults) && ReferenceEquals(profile, from.Profile))
        {
            return null;
        }

        for (ulong other = 0; other < SeedsPerPlan && !GivesUp; other++)
        {
            Runs++;
            var result = SimulationRun.Of(profile, plan, from.Seed + other, until: from.Violation!.At + Patience);
            if (result.Violation?.Rule == from.Violation.Rule) return result;
        }

        return null;
    }
}
