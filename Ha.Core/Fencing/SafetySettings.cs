namespace Ha.Core.Fencing;

/// <summary>What keeps two sides of a split from acting at once (RELIABILITY.md 1.3 to 1.5 and 5).</summary>
public sealed record SafetySettings
{
    /// <summary>Fence devices; empty when nodes cannot be fenced.</summary>
    public ImmutableArray<FenceDevice> Devices { get; init; } = [];

    /// <summary>Levels per node, tried in order; a level passes when all its devices do.</summary>
    public ImmutableArray<FenceLevel> Levels { get; init; } = [];

    /// <summary>The watchdog of each node; null when nodes do not fence themselves.</summary>
    public WatchdogSettings? Watchdog { get; init; }

    /// <summary>Whether an arbiter is asked who may act.</summary>
    public bool HasArbiter { get; init; }

    /// <summary>Addresses of the arbiter (etcd); empty without one.</summary>
    public ImmutableArray<string> ArbiterEndpoints { get; init; } = [];

    /// <summary>How long the arbiter's grant lasts. Default 10 s.</summary>
    public TimeSpan ArbiterLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a node may act on its last proof of authority (A of RELIABILITY.md 6.3). Default 1 s.
    /// </summary>
    public TimeSpan AuthorityValidity { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long after the last packet of a lost node it counts as fenced by its own watchdog (D of RELIABILITY.md 6.3).
    /// Null or less than deadtime: deadtime.
    /// </summary>
    public TimeSpan? TakeoverDelay { get; init; }

    /// <summary>Whether a cluster that boots alone waits until it has seen all nodes once.</summary>
    public bool WaitForAll { get; init; }

    /// <summary>Without fencing and arbiter: what a lost peer means.</summary>
    public UnprotectedTakeover Unprotected { get; init; } = UnprotectedTakeover.Classic;
}

/// <summary>One level of fencing a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Index">1 to 9, tried in ascending order.</param>
/// <param name="Devices">Ids of the devices; all must succeed.</param>
public sealed record FenceLevel(string Node, int Index, ImmutableArray<string> Devices);

/// <summary>A watchdog that resets its node when nobody pets it.</summary>
/// <param name="Timeout">Time after the last petting (W of RELIABILITY.md 6.3).</param>
/// <param name="ResetLatency">Longest time until the reset has taken effect (epsilon). Default 1 s.</param>
public sealed record WatchdogSettings(TimeSpan Timeout, TimeSpan ResetLatency);

/// <summary>What is done about a lost peer when nothing protects against a split.</summary>
public enum UnprotectedTakeover
{
    /// <summary>As Heartbeat does: take over after deadtime; a split has two owners.</summary>
    Classic = 0,

    /// <summary>As Classic, but a side that sees no ping node gives up and waits.</summary>
    Veto = 1,
}
