using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Simulation;

/// <summary>
/// Who may fence whom, and what must have been fenced before anything is recovered (S3, S4, L2a), from the power of the
/// machines and the wires only.
/// </summary>
public sealed partial class SafetyChecker
{
    /// <summary>More calls than this against one life of a node in ten minutes are a storm, not an attempt.</summary>
    public const int FenceCallsLimit = 40;

    private const long FenceWindow = 10 * Micros.Minute;
    private readonly List<FenceCallBooks> fenceCalls = [];
    private readonly List<(long At, int Caller, int Target, bool Late)> fencings = [];

    /// <summary>
    /// Whether nothing but clean cuts has happened for a while: then two nodes must not fence each other.
    /// </summary>
    public bool RacesAreFair { get; set; } = true;

    /// <summary>An agent calls a fence device.</summary>
    public void FenceAsked(long now, int node, int target, FenceNode asked)
    {
        // They may have met in this very moment, and one be asked to fence the other for a failed stop.
        NoteMeetings(now);
        fenceCalls.RemoveAll(call => call.At < now - FenceWindow && !call.UnderWay);
        if (asked.Action == FenceAction.Monitor) return;
        if (node == target) Fail("S3 fence", now, $"{Name(node)} fences itself by {asked.Device.Id}");
        var same = fenceCalls.FindAll(call => call.Node == node && call.Target == target);
        // What an earlier life began ended with it, as far as its agent is concerned.
        if (same.Exists(call => call.UnderWay && call.Device == asked.Device.Id
            && call.Generation == nodes[node].Generation))
            Fail("S3 fence", now, $"{Name(node)} calls {asked.Device.Id} against {Name(target)} twice at a time");
        var life = nodes[target].Generation;
        if (same.Count(call => call.TargetLife == life) >= FenceCallsLimit)
            Fail("S3 fence storm", now,
                $"{Name(node)} called devices against {Name(target)} {FenceCallsLimit} times in ten minutes");
        if (asked.Action != FenceAction.On) CheckFenceReason(now, node, target);
        fenceCalls.Add(new FenceCallBooks(
            now, node, target, nodes[node].Generation, asked.Number, asked.Device.Id, life)
        {
            UnderWay = true,
        });
    }

    /// <summary>A device has cut the power of a node; the machine's own books are already closed.</summary>
    /// <param name="now">World time.</param>
    /// <param name="caller">Who called the device.</param>
    /// <param name="target">Who is off now.</param>
    /// <param name="late">
    /// The device acted after its caller had given the call up: that is no answer to what the other does now.
    /// </param>
    public void Fenced(long now, int caller, int target, bool late = false)
    {
        // Whoever was off already because of a late call is silent for that reason only.
        if (profile.Nodes == 2 && RacesAreFair && !late && !WasHitLate(now, target) && fencings.Exists(
            one => !one.Late && one.Caller == target && one.Target == caller && now - one.At < Micros.Minute))
        {
            Fail("L2a both fenced", now, $"{Name(target)} and {Name(caller)} have fenced each other: nobody is left");
        }

        fencings.RemoveAll(one => one.At < now - FenceWindow);
        fencings.Add((now, caller, target, late));
    }

    private bool WasHitLate(long now, int target) =>
        fencings.Exists(one => one.Late && one.Target == target && now - one.At < Micros.Minute);

    /// <summary>A call ended and its agent, still in the life that called, is told.</summary>
    public void FenceEnded(long now, FenceCall call)
    {
        foreach (var one in fenceCalls)
        {
            if (one.Node == call.Caller && one.Generation == call.Generation && one.Number == call.Number)
                one.UnderWay = false;
        }

        lastLifeChange = now;
        if (call.Outcome != FenceOutcome.Succeeded || call.Action is FenceAction.Monitor or FenceAction.On) return;
        Array.Clear(nodes[call.Target].HeldWhenLost);
    }

    /// <summary>An agent extends its own permission to act.</summary>
    public void AuthorityRenewed(long now, int node, long until)
    {
        var longest = Math.Max(Micros.From(profile.Safety.AuthorityValidity), Micros.From(profile.Safety.ArbiterLease));
        // Rates of clocks differ by up to 0.05 %.
        if (until - now <= longest + (longest / 500) + Micros.Millisecond) return;
        Fail("S12 authority", now, $"{Name(node)} gives itself authority for "
            + $"{(until - now) / (double)Micros.Second:0.000} s, longer than any proof of it lasts");
    }

    private void CheckFenceReason(long now, int node, int target)
    {
        // Before it has met the others since its boot, a node knows of nobody that he is missing (wait for all, L3a).
        if (profile.Safety.WaitForAll && !nodes[node].MetAllSinceBoot)
            Fail("S3 fence authority", now,
                $"{Name(node)} fences {Name(target)} without having met all nodes since its boot");
        var silent = profile.Nodes == 2
            ? hearing.MayHoldForLost(now, node, target) : hearing.AnyoneMayHoldForLost(now);
        var neverHeard = !hearing.HeardInThisLife(node, target);
        if (silent || neverHeard || nodes[target].StopFailedSince >= 0 || !nodes[target].Alive) return;
        Fail("S3 fence reason", now,
            $"{Name(node)} fences {Name(target)}, which it hears, which hears it, and which failed no stop");
    }

    /// <summary>S4: what was lost with a machine is recovered only when the loss is confirmed.</summary>
    private void CheckFencedBefore(long now, int node, int resource)
    {
        for (var other = 0; other < nodes.Length; other++)
        {
            var books = nodes[other];
            if (other == node || !books.HeldWhenLost[resource] || (books.Alive && books.Probed[resource])) continue;
            Fail("S4 fence before recover", now, $"{Name(node)} starts {places[resource].Id}, which was lost with "
                + $"{Name(other)}: no device has confirmed that {Name(other)} is off");
        }
    }

    /// <summary>The nodes that a node has met, for S3: noted while it hears all others.</summary>
    private void NoteMeetings(long now)
    {
        for (var node = 0; node < nodes.Length; node++)
        {
            if (nodes[node].MetAllSinceBoot || !nodes[node].Alive) continue;
            var all = true;
            for (var other = 0; other < nodes.Length && all; other++)
                all = other == node || (hearing.HeardInThisLife(node, other) && !hearing.SilentNow(now, node, other));
            nodes[node].MetAllSinceBoot = all;
        }
    }

    private sealed record FenceCallBooks(
        long At, int Node, int Target, uint Generation, long Number, string Device, uint TargetLife)
    {
        public bool UnderWay { get; set; }
    }
}
