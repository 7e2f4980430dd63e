namespace Ha.Core.Configuration;

/// <summary>ha.cf as this product acts on it (docs/configuration.md). Defaults are Heartbeat's.</summary>
public sealed record HaCf
{
    /// <summary>Time between two heartbeats. Greater than 0; default 1 s.</summary>
    public TimeSpan Keepalive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a node is dead. Greater than 2 x keepalive; default 30 s.</summary>
    public TimeSpan Deadtime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gap worth a warning. Default deadtime / 2.</summary>
    public TimeSpan Warntime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Replaces deadtime until communication is up. At least deadtime; default depends on it.</summary>
    public TimeSpan Initdead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Nodes in the order of the file, lower case.</summary>
    public required ImmutableArray<string> Nodes { get; init; }

    /// <summary>Media in the order of the file, ping media not among them. At least one.</summary>
    public required ImmutableArray<MediumDefinition> Media { get; init; }

    /// <summary>Whether groups return to the node they prefer. Default legacy.</summary>
    public AutoFailback AutoFailback { get; init; } = AutoFailback.Legacy;

    /// <summary>File for all messages but debug ones; null: none.</summary>
    public string? LogFile { get; init; }

    /// <summary>File for all messages; null: none.</summary>
    public string? DebugFile { get; init; }

    /// <summary>Syslog facility name; null: none.</summary>
    public string? LogFacility { get; init; }

    /// <summary>Log file line format (<c>syslogmsgfmt</c>). Default true.</summary>
    public bool SyslogMessageFormat { get; init; } = true;

    /// <summary>Whether unreadable and unauthentic packets are reported. Default true.</summary>
    public bool LogBadPackets { get; init; } = true;

    /// <summary>How much the debug log says (<c>debug</c>), 0 to 255. Default 0.</summary>
    public int DebugLevel { get; init; }

    /// <summary>Whether to run with real-time priority and locked memory. Default true.</summary>
    public bool Realtime { get; init; } = true;

    /// <summary>SCHED_RR priority. Default 1.</summary>
    public int RealtimePriority { get; init; } = 1;

    /// <summary>Added to the number of nodes for the ttl field. Default 1.</summary>
    public int HopFudge { get; init; } = 1;

    /// <summary>False with <c>msgfmt netstring</c>: the inner auth field is left out. Default true.</summary>
    public bool InnerAuth { get; init; } = true;

    /// <summary>Longest delay before a lost packet is requested again. Default 250 ms.</summary>
    public TimeSpan MaxRetransmitDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>True with <c>hbgenmethod time</c>: the generation is the start time, not a file.</summary>
    public bool GenerationFromTime { get; init; }

    /// <summary>True with <c>uuidfrom nodename</c>: the UUID is derived from the node name.</summary>
    public bool UuidFromNodeName { get; init; }

    /// <summary>Cluster name. Default <c>linux-ha</c>.</summary>
    public string ClusterName { get; init; } = "linux-ha";
}
