namespace Ha.Simulation;

/// <summary>What a cluster has against two owners, and so what it must promise.</summary>
public enum SafetyMode
{
    /// <summary>Nothing, as Heartbeat: a split has two owners, bounded and explained (RELIABILITY.md 1.4 b0).</summary>
    Classic = 0,

    /// <summary>Fence devices: never two owners, as long as no device lies (1.3).</summary>
    Fencing = 1,

    /// <summary>Three and more nodes with majority and watchdogs (1.5).</summary>
    Quorum = 2,

    /// <summary>Two nodes with an arbiter and watchdogs (1.4 b2).</summary>
    Arbiter = 3,
}
