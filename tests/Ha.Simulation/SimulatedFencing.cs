using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>A call of a fence device with the end that was drawn for it.</summary>
public sealed class FenceCall
{
    /// <summary>Number of the <see cref="FenceNode"/>.</summary>
    public required long Number { get; init; }

    /// <summary>The node whose agent called.</summary>
    public required int Caller { get; init; }

    /// <summary>The life that called.</summary>
    public required uint Generation { get; init; }

    /// <summary>The node that it names.</summary>
    public required int Target { get; init; }

    /// <summary>What it asks for.</summary>
    public required FenceAction Action { get; init; }

    /// <summary>When it began, world microseconds.</summary>
    public required long BeganAt { get; init; }

    /// <summary>When the power changes, somewhere inside the call; -1: never.</summary>
    public long ActsAt { get; init; } = -1;

    /// <summary>When the caller is answered.</summary>
    public required long EndsAt { get; init; }

    /// <summary>What it is told.</summary>
    public required FenceOutcome Outcome { get; init; }
}

/// <summary>
/// All fence devices of a cluster. The effect comes at a drawn moment inside the call; a slow device may act although
/// its caller has given up; a lying one says that it acted and did not.
/// </summary>
public sealed class SimulatedFencing
{
    private const int UsualPerMille = 1000;
    private readonly SplitMix64 random;
    private readonly Dictionary<string, int> devices;
    private readonly List<Fault> active = [];

    /// <summary>Devices that work.</summary>
    /// <param name="ids">Ids of the devices, in the order in which faults number them (as medium).</param>
    /// <param name="random">Their own stream.</param>
    public SimulatedFencing(IEnumerable<string> ids, SplitMix64 random)
    {
        this.random = random;
        devices = ids.Select((id, index) => (id, index)).ToDictionary(x => x.id, x => x.index, StringComparer.Ordinal);
    }

    /// <summary>A fault of a device begins; others are ignored.</summary>
    public void Begin(Fault fault)
    {
        if (IsDeviceFault(fault.Kind)) active.Add(fault);
    }

    /// <summary>It ends.</summary>
    public void End(Fault fault) => active.Remove(fault);

    /// <summary>Whether every device works.</summary>
    public bool IsHealthy => active.Count == 0;

    /// <summary>Begins a call and draws its end.</summary>
    /// <param name="now">World time.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="generation">Its life.</param>
    /// <param name="asked">What it asks for.</param>
    /// <param name="target">Index of the node that it names.</param>
    public FenceCall Begin(long now, int caller, uint generation, FenceNode asked, int target)
    {
        var timeout = Micros.From(asked.Timeout);
        var device = devices[asked.Device.Id];
        var takes = Latency(device);
        var touches = asked.Action is not FenceAction.Monitor;
        var (acts, ends, outcome) = (now + Within(takes), now + takes, FenceOutcome.Succeeded);
        if (Strikes(FaultKind.DeviceCut, device, caller))
            (acts, ends, outcome) = (-1, now + Math.Min(timeout, 3 * Micros.Second), FenceOutcome.Failed);
        else if (Strikes(FaultKind.DeviceFails, device, caller))
            (acts, outcome) = (-1, FenceOutcome.Failed);
        else if (Strikes(FaultKind.DeviceLies, device, caller))
            acts = -1;
        if (ends > now + timeout) (ends, outcome) = (now + timeout, FenceOutcome.TimedOut);
        return new FenceCall
        {
            Number = asked.Number, Caller = caller, Generation = generation, Target = target, Action = asked.Action,
            BeganAt = now, ActsAt = touches ? acts : -1, EndsAt = ends, Outcome = outcome,
        };
    }

    private long Latency(int device)
    {
        long latency = random.Next(300_000, 4_000_000);
        foreach (var fault in active)
        {
            if (fault.Kind == FaultKind.DeviceSlow && Concerns(fault, device, -1))
                latency = Math.Max(latency, random.Next(1, Math.Max(2, fault.Amount * 1000)) * Micros.Millisecond);
        }

        return latency;
    }

    private bool Strikes(FaultKind kind, int device, int caller)
    {
        foreach (var fault in active)
        {
            if (fault.Kind != kind || !Concerns(fault, device, caller)) continue;
            if (random.Chance(kind == FaultKind.DeviceCut ? UsualPerMille : fault.Amount, UsualPerMille)) return true;
        }

        return false;
    }

    private static bool Concerns(Fault fault, int device, int caller) =>
        (fault.Medium < 0 || fault.Medium == device) && (fault.Node < 0 || caller < 0 || fault.Node == caller);

    private static bool IsDeviceFault(FaultKind kind) =>
        kind is FaultKind.DeviceFails or FaultKind.DeviceSlow or FaultKind.DeviceCut or FaultKind.DeviceLies;

    private long Within(long range) => (long)(random.Next() % (ulong)Math.Max(1, range));
}
