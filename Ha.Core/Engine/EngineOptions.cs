using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Heartbeat;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// What an engine must know before its first step. Everything is validated before: an engine trusts it.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>Name of this node, lower case; one of <see cref="Nodes"/>.</summary>
    public required string LocalNode { get; init; }

    /// <summary>UUID of this node, created once and kept.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>Heartbeat generation of this life: persisted, and greater than that of every life before.</summary>
    public required uint Generation { get; init; }

    /// <summary>All nodes, in the order of ha.cf. At most <see cref="MaxNodes"/>.</summary>
    public required ImmutableArray<string> Nodes { get; init; }

    /// <summary>Media in the order of ha.cf, as text for events and snapshots. At most 64.</summary>
    public required ImmutableArray<string> Media { get; init; }

    /// <summary>Keys of authkeys.</summary>
    public required AuthenticationKeys Keys { get; init; }

    /// <summary>The cluster configuration this life begins with.</summary>
    public required ActiveConfiguration Configuration { get; init; }

    /// <summary>
    /// The documents that this node has adopted; the last one is what <see cref="Configuration"/> was made from. Empty
    /// when there are none: then this node can follow the others, but has nothing to give them.
    /// </summary>
    public ConfigurationHistory History { get; init; } = ConfigurationHistory.Empty;

    /// <summary>What operators wanted when this node stopped last, from its disk.</summary>
    public ClusterIntents Intents { get; init; } = ClusterIntents.None;

    /// <summary>Whether an earlier life of the agent has met all nodes since the machine booted.</summary>
    public bool SeenFullView { get; init; }

    /// <summary>Whether the driver pets a watchdog by <see cref="RenewAuthority"/>; without, no configuration that
    /// counts on one is adopted.</summary>
    public bool HasWatchdog { get; init; } = true;

    /// <summary>Time between two heartbeats (<c>keepalive</c>).</summary>
    public required TimeSpan Keepalive { get; init; }

    /// <summary>
    /// Silence after which peers shall declare this node dead (<c>deadtime</c>); announced in every status.
    /// </summary>
    public required TimeSpan Deadtime { get; init; }

    /// <summary>Gap between two heartbeats that is worth a warning (<c>warntime</c>).</summary>
    public required TimeSpan Warntime { get; init; }

    /// <summary>How long to wait for peers at start before going on alone (<c>initdead</c>).</summary>
    public required TimeSpan Initdead { get; init; }

    /// <summary>Whether the inner <c>auth</c> field is added (<c>msgfmt classic</c>, the default).</summary>
    public bool InnerAuth { get; init; } = true;

    /// <summary>Time to live field: hopfudge + number of nodes.</summary>
    public int HopFudge { get; init; } = 1;

    /// <summary>Longest delay before a lost packet is requested again (<c>max_rexmit_delay</c>).</summary>
    public TimeSpan MaxRetransmitDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Cluster name (<c>cluster</c>).</summary>
    public string ClusterName { get; init; } = "linux-ha";

    /// <summary>Warnings of the configuration, for snapshot and events.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Seed of the delays that must differ between nodes.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many nodes a cluster has at most.</summary>
    public const int MaxNodes = 16;
}
