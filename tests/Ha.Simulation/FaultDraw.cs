using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>Draws the faults of one chaos phase after another; the kinds in play are drawn once per run.</summary>
internal sealed class FaultDraw
{
    private readonly SplitMix64 random;
    private readonly SimulationProfile profile;
    private readonly List<FaultKind> kinds = [];
    private int commands;

    public FaultDraw(SplitMix64 random, SimulationProfile profile)
    {
        this.random = random;
        this.profile = profile;
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            if (!profile.Knows(kind) || AdministrationDraw.Draws(kind)) continue;
            var lie = kind is FaultKind.LyingOperations or FaultKind.DeviceLies;
            if (lie ? profile.Lies : random.Chance(2, 5)) kinds.Add(kind);
        }

        if (kinds.Count == 0) kinds.Add(FaultKind.AgentKilled);
    }

    public void Round(List<Fault> faults, long begin, long end)
    {
        var count = random.Next(3, 25);
        for (var number = 0; number < count; number++)
        {
            var kind = kinds[random.Next(0, kinds.Count)];
            var at = begin + Whole(end - begin - (10 * Micros.Second));
            var fault = Draw(kind, at);
            // Nothing may reach into the calm phase.
            var latest = end - Micros.Second;
            if (fault.End > latest) fault = fault with { Duration = Math.Max(0, latest - at) };
            faults.Add(fault);
            if (random.Chance(1, 12)) AddEcho(faults, fault, end);
            if (random.Chance(1, 8)) AddStrikeInTheMiddle(faults, fault, end);
        }
    }

    /// <summary>
    /// The worst moment for a second fault is while the first is being dealt with: just after a command, or just after
    /// the dead time of a node that fell silent, another node is killed, paused or cut off.
    /// </summary>
    private void AddStrikeInTheMiddle(List<Fault> faults, Fault fault, long end)
    {
        FaultKind[] strikes = [FaultKind.AgentKilled, FaultKind.PowerLost, FaultKind.Pause, FaultKind.Isolate];
        var detection = fault.Kind is FaultKind.Command or FaultKind.GracefulStop ? 0 : Micros.From(profile.Deadtime);
        var strike = Draw(strikes[random.Next(0, strikes.Length)], fault.At + detection + random.Next(0, 600_000));
        if (strike.End <= end - Micros.Second) faults.Add(strike);
    }

    /// <summary>
    /// Misfortunes come in series: the same fault again soon after, or on another node at the same moment.
    /// </summary>
    private void AddEcho(List<Fault> faults, Fault fault, long end)
    {
        if (fault.Kind == FaultKind.Command) return;
        var again = random.Chance(1, 2)
            ? fault with { At = fault.End + (random.Next(1, 20_000) * Micros.Millisecond) }
            : fault with { At = fault.At + random.Next(0, 2_000_000), Node = AnyNode() };
        if (again.Peer == again.Node) return;
        if (again.End <= end - Micros.Second) faults.Add(again);
    }

    private Fault Draw(FaultKind kind, long at) => kind switch
    {
        FaultKind.Isolate => new Fault(kind, at, AroundDeadtime(), AnyNode(), Medium: MediumOrAll()),
        FaultKind.CutPair => Pair(kind, at),
        FaultKind.OneWay => Pair(kind, at),
        FaultKind.MediumDown => new Fault(kind, at, AroundDeadtime(), Medium: MediumOrAll()),
        FaultKind.MediumFails =>
            new Fault(kind, at, AroundDeadtime(), AnyNode(), Medium: random.Next(0, profile.Media)),
        FaultKind.Loss => OnLinks(kind, at, random.Chance(1, 3) ? random.Next(200, 600) : random.Next(5, 200)),
        FaultKind.Duplication => OnLinks(kind, at, random.Next(10, 900)),
        FaultKind.Reordering => OnLinks(kind, at, random.Next(10, 400)),
        FaultKind.Corruption => OnLinks(kind, at, random.Next(5, 100)),
        FaultKind.Delay => OnLinks(kind, at, random.Next(5, 400)),
        FaultKind.Replay => new Fault(kind, at, Seconds(1, 60), Amount: random.Next(1, 200)),
        FaultKind.Garbage => new Fault(kind, at, Seconds(1, 60), Amount: random.Next(1, 60)),
        FaultKind.Clog => OnLinks(kind, at, 0) with { Duration = AroundDeadtime() },
        FaultKind.BurstLoss =>
            OnLinks(kind, at, random.Next(50, (int)(Micros.From(profile.Deadtime) * 8 / 10 / Micros.Millisecond))),
        FaultKind.LargeLost => OnLinks(kind, at, random.Next(450, 1400)) with { Duration = Seconds(2, 60) },
        FaultKind.ForeignCluster => new Fault(kind, at, Seconds(1, 60), Amount: random.Next(1, 200)),
        FaultKind.Truncation => OnLinks(kind, at, random.Next(5, 200)),
        FaultKind.AgentKilled => new Fault(kind, at, RestartDelay(), AnyNode()),
        FaultKind.PowerLost => new Fault(kind, at, RestartDelay() + Seconds(0, 60), AnyNode()),
        FaultKind.Pause => new Fault(kind, at, AroundDeadtime(), AnyNode()),
        FaultKind.GracefulStop => new Fault(kind, at, RestartDelay(), AnyNode()),
        FaultKind.WallClockJump => new Fault(kind, at, 0, AnyNode(), Amount: random.Next(-40_000_000, 40_000_000)),
        FaultKind.WrongKey => new Fault(kind, at, AroundDeadtime(), AnyNode()),
        FaultKind.DiskFull => new Fault(kind, at, Seconds(5, 240), AnyNode()),
        FaultKind.DiskTorn => new Fault(kind, at, RestartDelay() + Seconds(0, 60), AnyNode()),
        FaultKind.MachineFrozen => new Fault(kind, at, AroundDeadtime(), AnyNode()),
        FaultKind.ResourceDies => new Fault(kind, at, 0, AnyNode(), Amount: random.Next(0, 1000)),
        FaultKind.DeviceFails => OnDevice(kind, at, random.Next(100, 1001)),
        FaultKind.DeviceSlow => OnDevice(kind, at, random.Chance(1, 4) ? random.Next(60, 600) : random.Next(2, 60)),
        FaultKind.DeviceCut => OnDevice(kind, at, 0) with { Node = AnyNode() },
        FaultKind.DeviceLies => OnDevice(kind, at, random.Next(300, 1000)),
        FaultKind.ArbiterDown or FaultKind.ArbiterPaused => new Fault(kind, at, AroundDeadtime()),
        FaultKind.ArbiterCut => new Fault(kind, at, AroundDeadtime() + Seconds(0, 60), AnyNode()),
        FaultKind.ArbiterLosesDisk => new Fault(kind, at),
        FaultKind.SlowOperations => OnNode(kind, at, random.Next(2, 60)),
        FaultKind.FailingStarts => OnNode(kind, at, random.Next(100, 1001)),
        FaultKind.FailingStops => OnNode(kind, at, random.Next(100, 1001)),
        FaultKind.FailingProbes => OnNode(kind, at, random.Next(100, 1001)),
        FaultKind.HangingOperations => OnNode(kind, at, random.Next(50, 500)),
        FaultKind.LyingOperations => OnNode(kind, at, random.Next(10, 200)),
        FaultKind.Command => new Fault(
            kind, at, 0, AnyNode(), Order: OperatorModel.Draw(random, profile, commands++)),
        FaultKind.Edit or FaultKind.OldDocuments or FaultKind.EditedOffline or FaultKind.ConfirmOff =>
            throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is drawn by {nameof(AdministrationDraw)}"),
    };

    private Fault Pair(FaultKind kind, long at)
    {
        var node = AnyNode();
        var peer = (node + random.Next(1, profile.Nodes)) % profile.Nodes;
        return new Fault(kind, at, AroundDeadtime(), node, peer, MediumOrAll());
    }

    private Fault OnLinks(FaultKind kind, long at, int amount) =>
        new(kind, at, Seconds(2, 240), random.Chance(1, 2) ? -1 : AnyNode(), Medium: MediumOrAll(), Amount: amount);

    private Fault OnNode(FaultKind kind, long at, int amount) =>
        new(kind, at, Seconds(2, 240), AnyNode(), Amount: amount);

    private Fault OnDevice(FaultKind kind, long at, int amount) =>
        new(kind, at, Seconds(5, 300),
            Medium: random.Chance(1, 2) ? -1 : random.Next(0, profile.Safety.Devices.Length), Amount: amount);

    private int AnyNode() => random.Next(0, profile.Nodes);

    private int MediumOrAll() => random.Chance(2, 3) ? -1 : random.Next(0, profile.Media);

    /// <summary>The interesting durations: shorter than the dead time, about it, somewhat and much longer.</summary>
    private long AroundDeadtime()
    {
        var deadtime = Micros.From(profile.Deadtime);
        return random.Next(0, 4) switch
        {
            0 => deadtime * random.Next(5, 85) / 100,
            1 => deadtime * random.Next(85, 125) / 100,
            2 => deadtime * random.Next(125, 400) / 100,
            _ => deadtime + Seconds(5, 180),
        };
    }

    private long RestartDelay() => random.Next(0, 3) switch
    {
        0 => random.Next(50, 1500) * Micros.Millisecond,
        1 => AroundDeadtime(),
        _ => Seconds(5, 120),
    };

    private long Seconds(int low, int high) => random.Next(low * 1000, (high * 1000) + 1) * Micros.Millisecond;

    private long Whole(long range) => (long)(random.Next() % (ulong)Math.Max(1, range));
}
