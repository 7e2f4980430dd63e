namespace Ha.Simulation;

/// <summary>Which clusters a batch draws.</summary>
public enum ClusterMix
{
    /// <summary>Timers, media, signatures and groups are drawn per seed.</summary>
    Drawn = 0,

    /// <summary>
    /// The profile in which speed is measured: two nodes, two media, 250 ms between heartbeats, signed with crc.
    /// </summary>
    Lan250 = 1,
}

/// <summary>What stands beside the seed: equal options and seeds give equal runs.</summary>
public sealed record SeedOptions
{
    /// <summary>About how long a run is, in simulated microseconds.</summary>
    public long Length { get; init; } = Micros.Hour;

    /// <summary>A fixed number of nodes; null: drawn.</summary>
    public int? Nodes { get; init; }

    /// <summary>What all clusters have against two owners; null: drawn.</summary>
    public SafetyMode? Mode { get; init; }

    /// <summary>Which clusters are drawn.</summary>
    public ClusterMix Mix { get; init; }

    /// <summary>The options as they stand on a command line, after the seed.</summary>
    public override string ToString()
    {
        var text = $"--hours {Length / (double)Micros.Hour:0.##}";
        if (Nodes is { } nodes) text += $" --nodes {nodes}";
        if (Mode is { } mode) text += $" --mode {mode.ToString().ToLowerInvariant()}";
        if (Mix == ClusterMix.Lan250) text += " --profile lan250";
        return text;
    }
}
