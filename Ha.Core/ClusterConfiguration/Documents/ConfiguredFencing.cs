using Ha.Core.Fencing;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>What keeps two sides of a split from acting at once.</summary>
public sealed record ConfiguredFencing
{
    /// <summary>Whether nodes are fenced. Default: true with devices, else false.</summary>
    public bool? Enabled { get; init; }

    /// <summary>What is done to a node. Default reboot.</summary>
    public FencingGoal? Action { get; init; }

    /// <summary>Whether nodes that were never seen are fenced before their resources are started. Default
    /// true.</summary>
    public bool? StartupFencing { get; init; }

    /// <summary>Devices.</summary>
    public ImmutableArray<ConfiguredDevice> Devices { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Levels. A node without any is fenced by each device that has a plug for it.</summary>
    public ImmutableArray<ConfiguredLevel> Levels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The watchdog of each node; null when nodes do not fence themselves.</summary>
    public ConfiguredWatchdog? Watchdog { get; init; }

    /// <summary>The arbiter; null when there is none.</summary>
    public ConfiguredArbiter? Arbiter { get; init; }

    /// <summary>How long a node may act on its last proof of authority. Default 1 s.</summary>
    public TimeSpan? AuthorityValidity { get; init; }

    /// <summary>
    /// How long after its last packet a lost node counts as fenced by its own watchdog. Default and least: deadtime.
    /// </summary>
    public TimeSpan? TakeoverDelay { get; init; }

    /// <summary>Whether a cluster that boots alone waits until it has seen all nodes once. Default: with fencing
    /// of two nodes true, else false.</summary>
    public bool? WaitForAll { get; init; }

    /// <summary>Without fencing and arbiter: what a lost peer means. Default classic.</summary>
    public UnprotectedTakeover? UnprotectedTakeover { get; init; }
}

/// <summary>What fencing does to a node.</summary>
public enum FencingGoal
{
    /// <summary>It boots anew.</summary>
    Reboot,

    /// <summary>It stays off.</summary>
    Off,
}

/// <summary>A fence device.</summary>
public sealed record ConfiguredDevice
{
    /// <summary>Id, unique among devices.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the fence agent, for example <c>fence_ipmilan</c>.</summary>
    public required string Agent { get; init; }

    /// <summary>Parameters of the agent.</summary>
    public ImmutableSortedDictionary<string, string> Parameters
    {
        get;
        init => field = value ?? SortedText.Empty;
    } = SortedText.Empty;

    /// <summary>Nodes it can fence, each with the name or number of its plug. At least one.</summary>
    public required ImmutableSortedDictionary<string, string> Plugs { get; init; }

    /// <summary>How long one call may take. Default 60 s.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long to wait before it fires. Default 0.</summary>
    public TimeSpan? Delay { get; init; }
}

/// <summary>One level of fencing a node.</summary>
public sealed record ConfiguredLevel
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>1 to 9, tried in ascending order.</summary>
    public required int Index { get; init; }

    /// <summary>Ids of the devices; all must succeed. At least one.</summary>
    public required ImmutableArray<string> Devices { get; init; }
}

/// <summary>A watchdog that resets its node when nobody pets it.</summary>
public sealed record ConfiguredWatchdog
{
    /// <summary>Time after the last petting.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Longest time until the reset has taken effect. Default 1 s.</summary>
    public TimeSpan? ResetLatency { get; init; }
}

/// <summary>An arbiter that is asked who may act: an etcd lease.</summary>
public sealed record ConfiguredArbiter
{
    /// <summary>Addresses of etcd, for example <c>https://192.168.1.9:2379</c>. At least one.</summary>
    public required ImmutableArray<string> Endpoints { get; init; }

    /// <summary>How long a grant lasts. Default 10 s.</summary>
    public TimeSpan? Lease { get; init; }
}
