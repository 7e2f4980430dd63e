using Ha.Core.Membership;
using Ha.Core.Policy.Model;

namespace Ha.Core.Fencing;

/// <summary>Kinds of promise that a cluster can make about two owners (RELIABILITY.md 1.3 to 1.5).</summary>
public enum PromiseMode
{
    /// <summary>One node: nothing can be owned twice.</summary>
    Alone = 0,

    /// <summary>a: two nodes that can fence each other.</summary>
    Fencing = 1,

    /// <summary>b0: two nodes, nothing protects them; as Heartbeat.</summary>
    Classic = 2,

    /// <summary>b1': as b0, but who sees no ping node gives up and waits.</summary>
    Veto = 3,

    /// <summary>b2: an arbiter, and watchdogs that enforce its word.</summary>
    ArbiterAndWatchdog = 4,

    /// <summary>b2': an arbiter whose word nothing enforces.</summary>
    Arbiter = 5,

    /// <summary>c: three or more nodes with quorum.</summary>
    Quorum = 6,
}

/// <summary>
/// What the running configuration promises about two owners, and what it cannot (DESIGN section 9): printed at start,
/// in every snapshot and on the dashboard.
/// </summary>
/// <param name="Mode">Kind.</param>
/// <param name="Kept">What is kept, in one sentence without a final stop.</param>
/// <param name="NotKept">What is not, in one sentence without a final stop; empty for one node.</param>
public sealed record SafetyPromise(PromiseMode Mode, string Kept, string NotKept)
{
    /// <summary>The promise of a configuration.</summary>
    /// <param name="nodes">Names of all nodes, in the order of ha.cf.</param>
    /// <param name="safety">Fencing, watchdog and arbiter; checked by <see cref="SelfFencing.Check"/>.</param>
    /// <param name="noQuorum">What a side without quorum does; matters for three nodes and more.</param>
    /// <param name="deadtime">Silence after which a node is lost.</param>
    public static SafetyPromise Of(
        ImmutableArray<string> nodes, SafetySettings safety, NoQuorumPolicy noQuorum, TimeSpan deadtime)
    {
        if (nodes.Length == 1)
        {
            return new(PromiseMode.Alone,
                "one node: resources are watched, there is nobody to take over", "");
        }

        var unfenced = nodes.Where(node => FenceTopology.Of(safety, node).IsEmpty).ToArray();
        if (nodes.Length > 2) return OfMany(nodes, safety, noQuorum, deadtime, unfenced);
        if (unfenced.Length == 0) return OfFencing(safety);
        var gap = unfenced.Length < nodes.Length ? $"only one node can be fenced, {unfenced[0]} cannot; " : "";
        return safety.HasArbiter ? OfArbiter(safety, deadtime, gap) : OfUnprotected(safety, gap);
    }

    /// <summary><c>KEPT; not promised: NOT KEPT</c>.</summary>
    public override string ToString() => NotKept.Length == 0 ? Kept : $"{Kept}; not promised: {NotKept}";

    private static SafetyPromise OfFencing(SafetySettings safety) => new(PromiseMode.Fencing,
        "with fencing: one owner at any time, whatever the network does; a lost node is recovered only after a fence "
            + "device has confirmed that it is off"
            + (safety.HasArbiter ? ", and never against the arbiter's word" : ""),
        "takeover while no fence device answers (until one does, or an operator confirms that the node is off), and "
            + "one owner if a device or an operator confirms what is not true");

    private static SafetyPromise OfArbiter(SafetySettings safety, TimeSpan deadtime, string gap)
    {
        if (safety.Watchdog is null)
        {
            return new(PromiseMode.Arbiter,
                gap + "with an arbiter: only the side that holds its grant serves, as long as no node stalls or hangs "
                    + $"in a stop for longer than the lease ({SelfFencing.Text(safety.ArbiterLease)}) allows",
                "one owner when a holder stalls longer than that, because no watchdog ends it; service while neither "
                    + "the arbiter nor the peer can be reached");
        }

        var takeover = SelfFencing.TakeoverDelayOf(safety, deadtime);
        return new(PromiseMode.ArbiterAndWatchdog,
            gap + "with arbiter and watchdog: one owner, as long as clocks run within 500 ppm of each other and a "
                + $"watchdog really resets its node within {SelfFencing.Text(safety.Watchdog.Timeout)} + "
                + $"{SelfFencing.Text(safety.Watchdog.ResetLatency)}; takeover {SelfFencing.Text(takeover)} after "
                + "the last packet and when the other's grant has run out",
            "one owner when a virtual machine is paused (its watchdog stands still with it) or a watchdog does not "
                + "fire; service while neither the arbiter nor the peer can be reached");
    }

    private static SafetyPromise OfUnprotected(SafetySettings safety, string gap) => safety.Unprotected switch
    {
        UnprotectedTakeover.Classic => new(PromiseMode.Classic,
            gap + "without fencing: one owner as long as one heartbeat link delivers within deadtime and no node "
                + "stalls for longer",
            "one owner in a split or a long stall: both sides serve, and when it heals one gives way"),
        UnprotectedTakeover.Veto => new(PromiseMode.Veto,
            gap + "without fencing: one owner as long as one heartbeat link delivers within deadtime and no node "
                + "stalls for longer, or a side that is cut off sees no ping node: it gives up and does not take over",
            "one owner when only the link between the nodes is cut and both see a ping node: both sides serve, and "
                + "when it heals one gives way; service when neither sees a ping node"),
    };

    private static SafetyPromise OfMany(ImmutableArray<string> nodes, SafetySettings safety, NoQuorumPolicy noQuorum,
        TimeSpan deadtime, string[] unfenced)
    {
        var rule = NoQuorum.Of(noQuorum, safety, deadtime);
        var needed = (nodes.Length / 2) + 1;
        var fenced = unfenced.Length == 0;
        var enforced = rule.RecoverAfter > TimeSpan.Zero;
        var kept = rule.Demand == NoQuorumDemand.GoOn
            ? fenced
                ? "without regard to quorum, with fencing: a lost node is recovered only after it was fenced"
                : "without regard to quorum and without fencing: one owner as long as the network is not split"
            : $"with quorum: {needed} of {nodes.Length} votes may start and recover; {rule.Sentence}";
        var notKept = new List<string>();
        if (rule.Demand != NoQuorumDemand.GoOn)
            notKept.Add($"service with fewer than {needed} nodes"
                + (nodes.Length % 2 == 0 ? $", also when {nodes.Length / 2} face {nodes.Length / 2}" : ""));
        if (rule.Demand == NoQuorumDemand.GoOn)
            notKept.Add(fenced ? "that a split ends with more than one node alive" : "one owner in a split");
        else if (!fenced && !enforced)
            notKept.Add($"recovery of what ran on {string.Join(", ", unfenced)} before an operator confirms that it "
                + "is off");
        if (enforced) notKept.Add("one owner when a virtual machine is paused or a watchdog does not fire");
        if (fenced || (!enforced && rule.Demand != NoQuorumDemand.GoOn))
            notKept.Add("one owner if a device or an operator confirms what is not true");
        return new(PromiseMode.Quorum, kept, string.Join("; ", notKept));
    }
}
