using Ha.Core.Contracts;
using Ha.Lab.Clusters;

namespace Ha.Lab.Benchmarks;

/// <summary>HAProxy or the agent itself fails on the active node.</summary>
internal sealed partial class Contestant
{
    /// <summary>Every process of HAProxy on s1 is killed; it comes back there.</summary>
    /// <returns>Outage, ms.</returns>
    internal double? HaproxyKilled()
    {
        using var probe = Ready();
        var from = LabClock.Now;
        Lab.S1.Kill("haproxy");
        LabClock.WaitUntil(() => probe.Recording.Failures(from) > 0, s_patience, () => "nobody misses HAProxy");
        probe.WaitUntilServedBy(Lab.S1, s_patience, TimeSpan.FromSeconds(1));
        var outage = probe.Recording.LongestOutage(from)?.Milliseconds;
        HaApplianceSoftware.ForgetFailures(Lab.S1);
        Settle(probe);
        return outage;
    }

    /// <summary>Every process of HAProxy on s1 is stopped (SIGSTOP); it is started anew there.</summary>
    /// <param name="run">Number of the run: each meets the agent's looks at another moment of their second.</param>
    /// <returns>Until the agent's event says so, and the client's outage, ms.</returns>
    internal (double? NoticedMs, double? OutageMs) HaproxyFrozen(int run)
    {
        using var probe = Ready();
        LabClock.Pause(TimeSpan.FromMilliseconds(run * 377 % 1000));
        var from = LabClock.Now;
        Lab.S1.Freeze("haproxy");
        LabClock.WaitUntil(() => probe.Recording.Failures(from) > 0, s_patience, () => "nobody misses HAProxy");
        probe.WaitUntilServedBy(Lab.S1, s_patience, TimeSpan.FromSeconds(1));
        var outage = probe.Recording.LongestOutage(from)?.Milliseconds;
        var noticed = new HaNode(Lab.S1).Events.Where(e => e.Node == Lab.S1.Name && e.Subject == "haproxy"
                && e.Kind is EventKind.ResourceDisturbed or EventKind.OperationFailed)
            .Select(e => (long?)(e.MonotonicMicroseconds * 1000)).FirstOrDefault(at => at > from);
        HaApplianceSoftware.ForgetFailures(Lab.S1);
        Settle(probe);
        return (noticed is { } at ? LabClock.Milliseconds(from, at) : null, outage);
    }

    /// <summary>The agent of s1 is killed, or stopped (SIGSTOP), and nobody helps; then it is started anew.</summary>
    internal AgentLoss AgentLost(bool frozen)
    {
        using var probe = Ready();
        var from = LabClock.Now;
        _ = frozen ? Lab.S1.Freeze(HaNode.AgentProcess) : Lab.S1.Kill(HaNode.AgentProcess);
        probe.WaitUntilServedBy(Lab.S2, s_patience, TimeSpan.FromSeconds(1));
        LabClock.WaitUntil(() => Lab.Vip.IsOnlyOn(Lab.S2), s_patience, () => "the address stays on s1");
        var renewed = Lab.Vip.LastRenewal(Lab.S1);
        var ownership = Lab.Vip.Ownership;
        var gone = ownership.Changes.Last(change => change.Node == Lab.S1.Name && !change.Holds).At;
        var loss = new AgentLoss(
            LabClock.Milliseconds(renewed, gone),
            ownership.WithSeveralOwners(from, LabClock.Now).Sum(one => one.Milliseconds),
            probe.Recording.LongestOutage(from)?.Milliseconds);
        if (frozen) Lab.S1.Kill(HaNode.AgentProcess);
        Software.Start(Lab.S1);
        Settle(probe);
        return loss;
    }
}

/// <summary>What the loss of the active node's agent cost.</summary>
/// <param name="HeldMs">From the last renewal of the address's lease until the node did not have it any more.</param>
/// <param name="TwoOwnersMs">How long both nodes had it.</param>
/// <param name="OutageMs">The client's outage; null when the service did not come back.</param>
internal sealed record AgentLoss(double HeldMs, double TwoOwnersMs, double? OutageMs);
