namespace Ha.Lab.Clusters;

/// <summary>The four times of ha.cf, as written there.</summary>
/// <param name="Name">What tables and commands call it.</param>
/// <param name="Keepalive">Time between two heartbeats.</param>
/// <param name="Deadtime">Silence after which a node is dead.</param>
/// <param name="Warntime">Silence worth a warning.</param>
/// <param name="Initdead">How long a node waits for the other at start.</param>
public sealed record TimerProfile(string Name, string Keepalive, string Deadtime, string Warntime, string Initdead)
{
    /// <summary>As the reference cluster's own files say.</summary>
    public static readonly TimerProfile Seed = new("seed", "2", "30", "10", "60");

    /// <summary>For tests and comparisons: a dead node is declared after 400 ms.</summary>
    public static readonly TimerProfile Fast = new("fast", "100ms", "400ms", "250ms", "1000ms");

    /// <summary>As fast, with the longer wait at start that Heartbeat needs on a busy machine.</summary>
    public static readonly TimerProfile FastPatient = new("fast", "100ms", "400ms", "250ms", "5000ms");

    /// <summary>A node is dead a second after the lease of 3 s of its addresses has run out.</summary>
    public static readonly TimerProfile BeyondLease = new("beyond lease", "200ms", "4000ms", "1500ms", "5000ms");

    /// <summary>Silence after which a node is dead.</summary>
    public TimeSpan DeadtimeSpan => Deadtime.EndsWith("ms", StringComparison.Ordinal)
        ? TimeSpan.FromMilliseconds(int.Parse(Deadtime[..^2]))
        : TimeSpan.FromSeconds(int.Parse(Deadtime));

    /// <summary>The ha.cf text with these times in place of its own.</summary>
    internal string In(string haCf) => string.Join('\n', haCf.Split('\n').Select(line => line.Split(' ')[0] switch
    {
        "keepalive" => "keepalive " + Keepalive,
        "deadtime" => "deadtime " + Deadtime,
        "warntime" => "warntime " + Warntime,
        "initdead" => "initdead " + Initdead,
        _ => line,
    }));
}
