namespace Ha.Core.Fencing;

/// <summary>
/// The inequality that makes it safe to take over from a node that must have fenced itself (RELIABILITY.md 6.3):
/// <c>D (1 - rho) &gt;= (A + J + W + epsilon) (1 + rho) + M</c>. Whole microseconds throughout; what is rounded is
/// rounded to the safe side.
/// </summary>
/// <remarks>
/// A holder acts for A after it sent the newest packet that the peer has echoed, then its watchdog is no longer petted
/// and resets the machine within J + W + epsilon. The peer heard that packet no earlier than it was sent; if it waits D
/// after the last one it heard, the holder is gone, whatever the network did and without a common clock.
/// </remarks>
public static class SelfFencing
{
    /// <summary>Greatest relative error of the rate of a node's monotonic clock, in millionths (rho).</summary>
    public const long DriftPpm = 500;

    private const long Million = 1_000_000;

    /// <summary>Greatest lateness with which the watchdog is petted (J).</summary>
    public static readonly TimeSpan KickJitter = TimeSpan.FromMilliseconds(100);

    /// <summary>What is added for certainty (M).</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// An arbiter's lease must leave at least that much for acting on it: time for three attempts to renew it.
    /// </summary>
    public static readonly TimeSpan LeastLeaseValidity = TimeSpan.FromSeconds(1);

    /// <summary>Whether the inequality holds.</summary>
    /// <param name="takeoverDelay">D, of the node that would take over.</param>
    /// <param name="authorityValidity">A, of the holder.</param>
    /// <param name="watchdog">W and epsilon, of the holder.</param>
    public static bool Holds(TimeSpan takeoverDelay, TimeSpan authorityValidity, WatchdogSettings watchdog) =>
        (Int128)Micros(takeoverDelay) * (Million - DriftPpm) >= Needed(authorityValidity, watchdog);

    /// <summary>The shortest D with which the inequality holds.</summary>
    /// <param name="authorityValidity">A, of the holder.</param>
    /// <param name="watchdog">W and epsilon, of the holder.</param>
    public static TimeSpan LeastTakeoverDelay(TimeSpan authorityValidity, WatchdogSettings watchdog) =>
        FromMicros(DivideUp(Needed(authorityValidity, watchdog), Million - DriftPpm));

    /// <summary>The longest time until a holder without authority is certainly gone, on any node's clock.</summary>
    /// <param name="authorityValidity">A, of the holder.</param>
    /// <param name="watchdog">W and epsilon, of the holder.</param>
    public static TimeSpan GoneWithin(TimeSpan authorityValidity, WatchdogSettings watchdog) =>
        FromMicros(DivideUp(Gone(authorityValidity, watchdog), Million));

    /// <summary>The longest W with which the inequality holds; zero or less when none does.</summary>
    /// <param name="takeoverDelay">D.</param>
    /// <param name="authorityValidity">A.</param>
    /// <param name="resetLatency">Epsilon.</param>
    public static TimeSpan LongestWatchdog(TimeSpan takeoverDelay, TimeSpan authorityValidity, TimeSpan resetLatency)
    {
        var left = ((Int128)Micros(takeoverDelay) * (Million - DriftPpm)) - ((Int128)Micros(Margin) * Million);
        var sum = left < 0 ? -1 : left / (Million + DriftPpm);
        return FromMicros(sum - Micros(authorityValidity) - Micros(KickJitter) - Micros(resetLatency));
    }

    /// <summary>
    /// How long a holder may act after it sent the newest renewal that the arbiter granted:
    /// L - W - epsilon - J - M, less the drift; zero or less when the lease is too short.
    /// </summary>
    /// <param name="lease">L.</param>
    /// <param name="watchdog">W and epsilon; null when the node does not fence itself: then L - J - M.</param>
    public static TimeSpan LeaseValidity(TimeSpan lease, WatchdogSettings? watchdog)
    {
        var after = Micros(KickJitter) + (watchdog is null
            ? 0 : Micros(watchdog.Timeout) + Micros(watchdog.ResetLatency));
        var left = ((Int128)Micros(lease) * (Million - DriftPpm)) - ((Int128)after * (Million + DriftPpm))
            - ((Int128)Micros(Margin) * Million);
        // Towards zero for what is left, away from zero for what is missing.
        return FromMicros(left >= 0 ? left / (Million + DriftPpm) : -DivideUp(-left, Million));
    }

    /// <summary>
    /// How long a node without watchdogs waits after the arbiter has granted it, before it takes over (row 14): the
    /// whole lease of the former holder, and a margin. No bound on two owners follows from it.
    /// </summary>
    /// <param name="lease">L.</param>
    public static TimeSpan LeaseWait(TimeSpan lease) =>
        FromMicros(DivideUp((Int128)Micros(lease) * (Million + DriftPpm), Million - DriftPpm)) + Margin;

    /// <summary>
    /// Everything that forbids to run with this configuration. To be asked when a configuration is loaded; a finding
    /// refuses the whole document.
    /// </summary>
    /// <param name="safety">Settings of the cluster.</param>
    /// <param name="deadtime">Silence after which a peer is lost; it is D where none is set.</param>
    /// <param name="keepalive">Time between two heartbeats.</param>
    public static ImmutableArray<SafetyFinding> Check(SafetySettings safety, TimeSpan deadtime, TimeSpan keepalive)
    {
        var findings = ImmutableArray.CreateBuilder<SafetyFinding>();
        if (safety.Watchdog is not null) CheckWatchdog(safety, safety.Watchdog, deadtime, keepalive, findings);
        if (safety.HasArbiter) CheckLease(safety, findings);
        return findings.ToImmutable();
    }

    /// <summary>
    /// Whether this node and a peer that wants to join protect each other: each side's D against the other's A, W and
    /// epsilon. To be asked with what the peer announces, before it is taken into a view.
    /// </summary>
    /// <param name="own">What this node runs with.</param>
    /// <param name="peer">What the peer announced.</param>
    /// <param name="peerName">Name of the peer, for the finding.</param>
    public static PeerProtection AgainstPeer(SafetyTimes own, SafetyTimes peer, string peerName)
    {
        if (own.Watchdog is null || peer.Watchdog is null) return PeerProtection.None;
        if (!Holds(own.TakeoverDelay, peer.AuthorityValidity, peer.Watchdog))
            return Refused(peerName, "this node", own.TakeoverDelay, peerName, peer);
        return Holds(peer.TakeoverDelay, own.AuthorityValidity, own.Watchdog)
            ? PeerProtection.Full
            : Refused(peerName, peerName, peer.TakeoverDelay, "this node", own);
    }

    private static PeerProtection Refused(
        string peerName, string taker, TimeSpan delay, string holder, SafetyTimes holds) =>
        new(IsFull: false, new SafetyFinding($"/nodes/{peerName}",
            $"{taker} would take over {Text(delay)} after the last packet, when {holder} may still run "
                + $"(authority {Text(holds.AuthorityValidity)}, watchdog {Text(holds.Watchdog!.Timeout)} "
                + $"+ {Text(holds.Watchdog.ResetLatency)})",
            $"give all nodes the same deadtime and watchdog settings; {taker} needs a takeover delay of at least "
                + Text(LeastTakeoverDelay(holds.AuthorityValidity, holds.Watchdog))));

    private static void CheckWatchdog(SafetySettings safety, WatchdogSettings watchdog, TimeSpan deadtime,
        TimeSpan keepalive, ImmutableArray<SafetyFinding>.Builder findings)
    {
        if (watchdog.Timeout <= TimeSpan.Zero || watchdog.ResetLatency < TimeSpan.Zero)
        {
            findings.Add(new("/fencing/watchdog", "the watchdog's timeout must be above zero, its reset latency not "
                + $"below (now {Text(watchdog.Timeout)}, {Text(watchdog.ResetLatency)})",
                "set the timeout that the device really has, and how long a reset takes at most"));
            return;
        }

        // In a healthy cluster the newest echoed packet is up to two keepalives old.
        var leastValidity = keepalive + keepalive + KickJitter;
        if (safety.AuthorityValidity < leastValidity)
        {
            findings.Add(new("/fencing/authorityValidity",
                $"authority lasts {Text(safety.AuthorityValidity)}, but with a keepalive of {Text(keepalive)} its "
                    + $"proof is renewed only every {Text(leastValidity)}",
                $"set it to at least {Text(leastValidity)}, or keepalive to less"));
        }

        var delay = TakeoverDelayOf(safety, deadtime);
        if (Holds(delay, safety.AuthorityValidity, watchdog)) return;
        var longest = LongestWatchdog(delay, safety.AuthorityValidity, watchdog.ResetLatency);
        findings.Add(new("/fencing/watchdog/timeout",
            $"a node that lost its authority may run on for {Text(GoneWithin(safety.AuthorityValidity, watchdog))}, "
                + $"but its peer takes over after {Text(delay)}",
            "set the takeover delay (or deadtime) to at least "
                + Text(LeastTakeoverDelay(safety.AuthorityValidity, watchdog))
                + (longest > TimeSpan.Zero ? $", or the watchdog's timeout to at most {Text(longest)}" : "")));
    }

    private static void CheckLease(SafetySettings safety, ImmutableArray<SafetyFinding>.Builder findings)
    {
        var validity = LeaseValidity(safety.ArbiterLease, safety.Watchdog);
        if (validity >= LeastLeaseValidity) return;
        findings.Add(new("/fencing/arbiter/lease",
            $"of a lease of {Text(safety.ArbiterLease)} a holder may use {Text(validity)}: it must have given up, "
                + "watchdog included, before another is granted",
            $"set it to at least {Text(LeastLease(safety.Watchdog))}"));
    }

    /// <summary>The shortest lease that leaves <see cref="LeastLeaseValidity"/>.</summary>
    /// <param name="watchdog">W and epsilon; null when nodes do not fence themselves.</param>
    public static TimeSpan LeastLease(WatchdogSettings? watchdog)
    {
        var used = Micros(LeastLeaseValidity) + Micros(KickJitter)
            + (watchdog is null ? 0 : Micros(watchdog.Timeout) + Micros(watchdog.ResetLatency));
        return FromMicros(DivideUp(
            ((Int128)used * (Million + DriftPpm)) + ((Int128)Micros(Margin) * Million), Million - DriftPpm));
    }

    /// <summary>D: the takeover delay that is set, at least deadtime.</summary>
    /// <param name="safety">Settings of the cluster.</param>
    /// <param name="deadtime">Silence after which a peer is lost.</param>
    public static TimeSpan TakeoverDelayOf(SafetySettings safety, TimeSpan deadtime) =>
        safety.TakeoverDelay is { } set && set > deadtime ? set : deadtime;

    private static Int128 Gone(TimeSpan authorityValidity, WatchdogSettings watchdog) =>
        ((Int128)Micros(authorityValidity) + Micros(KickJitter) + Micros(watchdog.Timeout)
            + Micros(watchdog.ResetLatency)) * (Million + DriftPpm);

    private static Int128 Needed(TimeSpan authorityValidity, WatchdogSettings watchdog) =>
        Gone(authorityValidity, watchdog) + ((Int128)Micros(Margin) * Million);

    private static Int128 DivideUp(Int128 value, long by) => (value + by - 1) / by;

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;

    private static TimeSpan FromMicros(Int128 micros) =>
        TimeSpan.FromTicks((long)micros * TimeSpan.TicksPerMicrosecond);

    internal static string Text(TimeSpan time)
    {
        var micros = Micros(time);
        return micros % 1000 == 0 && Math.Abs(micros) < Million ? $"{micros / 1000} ms"
            : $"{micros / Million}.{Math.Abs(micros % Million):D6}".TrimEnd('0').TrimEnd('.') + " s";
    }
}

/// <summary>What a node announces to its peers so that they can check the inequality with it.</summary>
/// <param name="TakeoverDelay">D: <see cref="SelfFencing.TakeoverDelayOf"/>.</param>
/// <param name="AuthorityValidity">A.</param>
/// <param name="Watchdog">Its armed watchdog; null when it has none or could not arm it.</param>
public sealed record SafetyTimes(TimeSpan TakeoverDelay, TimeSpan AuthorityValidity, WatchdogSettings? Watchdog);

/// <summary>Whether two nodes can rely on each other's watchdogs.</summary>
/// <param name="IsFull">Both are armed and the inequality holds both ways: the table's watchdog column.</param>
/// <param name="Refusal">Why the peer must not join; null when it may.</param>
public sealed record PeerProtection(bool IsFull, SafetyFinding? Refusal)
{
    /// <summary>Both watchdogs protect.</summary>
    public static readonly PeerProtection Full = new(IsFull: true, Refusal: null);

    /// <summary>A watchdog is missing: the peer may join, nobody takes over on the strength of one.</summary>
    public static readonly PeerProtection None = new(IsFull: false, Refusal: null);
}

/// <summary>A setting that is refused because it is not safe.</summary>
/// <param name="Path">JSON pointer of the setting in the cluster configuration.</param>
/// <param name="Problem">What is wrong, without a final stop.</param>
/// <param name="Advice">What to set instead, without a final stop.</param>
public sealed record SafetyFinding(string Path, string Problem, string Advice)
{
    /// <summary><c>PATH: problem; advice</c>.</summary>
    public override string ToString() => $"{Path}: {Problem}; {Advice}";
}
