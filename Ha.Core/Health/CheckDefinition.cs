namespace Ha.Core.Health;

/// <summary>What a health check looks at.</summary>
public enum CheckKind
{
    /// <summary>Whether an address answers ICMP echo requests.</summary>
    Ping,

    /// <summary>Whether a TCP port accepts a connection.</summary>
    Tcp,

    /// <summary>Whether an HTTP or HTTPS server gives the right answer.</summary>
    Http,

    /// <summary>Whether a DNS server answers a question.</summary>
    Dns,

    /// <summary>Whether a process runs.</summary>
    Process,

    /// <summary>Whether a systemd unit is active.</summary>
    Systemd,

    /// <summary>Whether a file is there, young enough, and contains what it should.</summary>
    File,

    /// <summary>Whether a program exits with 0.</summary>
    Exec,
}

/// <summary>What a check counts as before it has looked.</summary>
public enum CheckStart
{
    /// <summary>As nothing: one good look makes it healthy, as many bad ones as <c>fall</c> unhealthy.</summary>
    Unknown,

    /// <summary>As healthy until it has failed often enough.</summary>
    Healthy,

    /// <summary>As unhealthy until it has been well often enough.</summary>
    Unhealthy,
}

/// <summary>On which of its nodes a check looks.</summary>
public enum CheckPlace
{
    /// <summary>On all of them, also on those in standby: so it is known before a group comes.</summary>
    Everywhere,

    /// <summary>Only where its group runs: what it looks at exists nowhere else.</summary>
    Active,
}

/// <summary>The node attribute that a check sets.</summary>
/// <param name="Name">Name of the attribute.</param>
/// <param name="Healthy">Its value where the check is healthy.</param>
/// <param name="Unhealthy">Its value where the check is unhealthy.</param>
public sealed record CheckAttribute(string Name, string Healthy, string Unhealthy);

/// <summary>One health check as configured, every default filled in.</summary>
public sealed record CheckDefinition
{
    /// <summary>Id, unique among checks.</summary>
    public required string Id { get; init; }

    /// <summary>What it looks at.</summary>
    public required CheckKind Kind { get; init; }

    /// <summary>Parameters by name (docs/health.md).</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Arguments of an <c>exec</c> program.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Time from the begin of one look to the begin of the next. Default 5 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest time of one look; not longer than the interval. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Good looks in a row until an unhealthy check is healthy again. Default 2.</summary>
    public int Rise { get; init; } = 2;

    /// <summary>Bad looks in a row until a healthy check is unhealthy. Default 3.</summary>
    public int Fall { get; init; } = 3;

    /// <summary>What it counts as before it has looked.</summary>
    public CheckStart StartAs { get; init; }

    /// <summary>
    /// How long a check that flaps stays unhealthy at least; doubled with each further flap
    /// (<see cref="HealthCheck"/>). Zero: flapping is not damped. Default 30 s.
    /// </summary>
    public TimeSpan HoldDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Nodes that look; empty: all.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>On which of them.</summary>
    public CheckPlace Where { get; init; }

    /// <summary>The node attribute that it sets; null when it sets none.</summary>
    public CheckAttribute? Attribute { get; init; }

    /// <summary>The group that does not belong on a node where the check is unhealthy; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>Tells definitions apart: a check that is configured differently begins anew.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Whether a node looks.</summary>
    public bool IsFor(string node) => Nodes.IsEmpty || Nodes.Contains(node);

    /// <summary>What it looks at, for people; without secrets.</summary>
    public string Target => Kind switch
    {
        CheckKind.Ping => Parameter(CheckParameters.Address),
        CheckKind.Tcp => $"{Parameter(CheckParameters.Address)} port {Parameter(CheckParameters.Port)}",
        CheckKind.Http => Parameter(CheckParameters.Url),
        CheckKind.Dns => $"{Parameter(CheckParameters.Name)} at {Parameter(CheckParameters.Server)}",
        CheckKind.Process => Parameters.GetValueOrDefault(CheckParameters.Name) ?? Parameter(CheckParameters.PidFile),
        CheckKind.Systemd => Parameter(CheckParameters.Unit),
        CheckKind.File or CheckKind.Exec => Parameter(CheckParameters.Path),
    };

    /// <summary>A parameter; empty when it is not given.</summary>
    public string Parameter(string name) => Parameters.GetValueOrDefault(name, "");
}
