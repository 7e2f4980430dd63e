using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// What people do to a configuration while everything else goes wrong: drawn from a stream of its own and added to the
/// plan, so that the rest of a seed stays what it was.
/// </summary>
internal static class AdministrationDraw
{
    /// <summary>Whether a kind is drawn here.</summary>
    public static bool Draws(FaultKind kind) =>
        kind is FaultKind.Edit or FaultKind.OldDocuments or FaultKind.EditedOffline or FaultKind.ConfirmOff;

    /// <summary>Adds changes of the configuration, in one of three runs.</summary>
    public static FaultPlan Change(SplitMix64 random, SimulationProfile profile, FaultPlan plan)
    {
        if (!random.Chance(1, 3)) return plan;
        var faults = plan.Faults.ToList();
        var both = random.Chance(1, 2);
        long begin = 0;
        var number = 0;
        foreach (var calm in plan.Calms)
        {
            // Nothing may reach into the calm phase.
            var end = calm.Begins - (2 * Micros.Second);
            for (var count = random.Next(1, 6); count > 0; count--)
                faults.AddRange(Draw(random, profile, begin, end, both, number++));
            begin = calm.Ends;
        }

        faults.Sort((a, b) => a.At.CompareTo(b.At));
        return plan.With(faults);
    }

    /// <summary>
    /// Where nodes are fenced, in half of the runs, machines are lost while their devices fail: somebody goes and looks.
    /// In flagged runs he may be wrong.
    /// </summary>
    public static FaultPlan Confirm(SplitMix64 random, SimulationProfile profile, FaultPlan plan)
    {
        if (profile.Mode != SafetyMode.Fencing || !random.Chance(1, 2)) return plan;
        var faults = plan.Faults.ToList();
        var deadtime = Micros.From(profile.Deadtime);
        long begin = 0;
        foreach (var calm in plan.Calms)
        {
            var duration = (3 * deadtime) + (random.Next(5, 60) * Micros.Second);
            var end = calm.Begins - (2 * Micros.Second) - duration;
            if (end > begin)
            {
                var at = begin + Whole(random, end - begin);
                var lost = random.Next(0, profile.Nodes);
                var sees = (lost + random.Next(1, profile.Nodes)) % profile.Nodes;
                var lies = profile.Lies;
                faults.Add(new Fault(lies ? FaultKind.Isolate : FaultKind.PowerLost, at, duration, lost));
                faults.Add(new Fault(FaultKind.DeviceFails, at, duration, Amount: 1000));
                faults.Add(new Fault(
                    FaultKind.ConfirmOff, at + (deadtime * 3 / 2) + random.Next(0, 4_000_000), 0, sees, lost,
                    Amount: lies ? 1 : 0));
            }

            begin = calm.Ends;
        }

        faults.Sort((a, b) => a.At.CompareTo(b.At));
        return plan.With(faults);
    }

    private static IEnumerable<Fault> Draw(
        SplitMix64 random, SimulationProfile profile, long begin, long end, bool both, int number)
    {
        var at = begin + Whole(random, Math.Max(1, end - begin - (20 * Micros.Second)));
        var node = random.Next(0, profile.Nodes);
        var edit = new Fault(FaultKind.Edit, at, Node: node, Edit: Edit(random));
        return random.Next(0, both ? 10 : 6) switch
        {
            0 or 1 => [Maintenance(random, at, node, number)],
            2 => Forgetful(random, edit, end),
            3 or 4 or 5 => [edit],
            6 or 7 => [edit, Other(random, profile, edit)],
            _ => Divided(random, profile, edit, end),
        };
    }

    private static Fault Maintenance(SplitMix64 random, long at, int node, int number) =>
        new(FaultKind.Command, at, Node: node, Order: new OperatorCommand
        {
            Id = $"maintenance-{number}", Kind = CommandKind.Maintenance, Enabled = random.Chance(2, 3),
            Actor = "simulation", Reason = "drawn",
        });

    // The edit, and its node comes back with what it had before, or with what somebody wrote meanwhile.
    private static IEnumerable<Fault> Forgetful(SplitMix64 random, Fault edit, long end)
    {
        var at = edit.At + (random.Next(100, 15_000) * Micros.Millisecond);
        var duration = Math.Min(random.Next(1_000, 60_000) * Micros.Millisecond, end - at);
        if (duration <= 0) return [edit];
        return
        [
            edit,
            random.Chance(1, 2)
                ? new Fault(FaultKind.OldDocuments, at, duration, edit.Node, Amount: random.Next(1, 4))
                : new Fault(FaultKind.EditedOffline, at, duration, edit.Node, Edit: Edit(random)),
        ];
    }

    // Two people at the same moment, each on a node of his own.
    private static Fault Other(SplitMix64 random, SimulationProfile profile, Fault edit) => edit with
    {
        At = edit.At + random.Next(0, 200_000),
        Node = (edit.Node + random.Next(1, profile.Nodes)) % profile.Nodes,
        Edit = Edit(random),
    };

    // The same while the nodes do not hear each other: one changes what the other knows nothing of.
    private static IEnumerable<Fault> Divided(SplitMix64 random, SimulationProfile profile, Fault edit, long end)
    {
        var deadtime = Micros.From(profile.Deadtime);
        var duration = deadtime * random.Next(20, 50) / 10;
        if (edit.At + duration > end) return [edit];
        var late = edit.At + (deadtime * 3 / 2);
        return
        [
            new Fault(FaultKind.Isolate, edit.At, duration, edit.Node),
            edit with { At = late + random.Next(0, 1_000_000) },
            Other(random, profile, edit) with { At = late + random.Next(0, 1_000_000) },
        ];
    }

    private static DocumentEdit Edit(SplitMix64 random) =>
        new((EditKind)random.Next(0, 10), random.Next(0, 60), random.Chance(3, 5));

    private static long Whole(SplitMix64 random, long range) => (long)(random.Next() % (ulong)range);
}
