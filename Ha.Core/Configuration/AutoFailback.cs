namespace Ha.Core.Configuration;

/// <summary>Whether a group returns to the node it prefers when that is back (<c>auto_failback</c> in ha.cf).</summary>
public enum AutoFailback
{
    /// <summary>It stays where it is.</summary>
    Off = 0,

    /// <summary>It returns.</summary>
    On = 1,

    /// <summary>Heartbeat's old default: as on, with a warning.</summary>
    Legacy = 2,
}
