using Ha.Core.Health;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>A health check. What is left out has the default of <see cref="CheckDefinition"/>.</summary>
public sealed record ConfiguredCheck
{
    /// <summary>Id, unique among checks.</summary>
    public required string Id { get; init; }

    /// <summary>What it looks at.</summary>
    public required CheckKind Type { get; init; }

    /// <summary>Parameters of the kind (<see cref="CheckParameters"/>).</summary>
    public ImmutableSortedDictionary<string, string> Parameters
    {
        get;
        init => field = value ?? SortedText.Empty;
    } = SortedText.Empty;

    /// <summary>Arguments of an <c>exec</c> program.</summary>
    public ImmutableArray<string> Arguments { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Time from the begin of one look to the begin of the next.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Longest time of one look. Default 2 s, or the interval when that is shorter.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Good looks in a row until it is healthy again.</summary>
    public int? Rise { get; init; }

    /// <summary>Bad looks in a row until it is unhealthy.</summary>
    public int? Fall { get; init; }

    /// <summary>What it counts as before it has looked.</summary>
    public CheckStart? StartAs { get; init; }

    /// <summary>How long it stays unhealthy at least when it flaps.</summary>
    public TimeSpan? HoldDown { get; init; }

    /// <summary>Nodes that look; none: all.</summary>
    public ImmutableArray<string> Nodes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>On which of them.</summary>
    public CheckPlace? Where { get; init; }

    /// <summary>What follows from it; null: events only.</summary>
    public ConfiguredEffect? Effect { get; init; }
}

/// <summary>What follows from a check: a node attribute, or the health of a group.</summary>
public sealed record ConfiguredEffect
{
    /// <summary>Node attribute that it sets.</summary>
    public string? Attribute { get; init; }

    /// <summary>Value of the attribute where it is healthy. Default 1.</summary>
    public string? Healthy { get; init; }

    /// <summary>Value of the attribute where it is unhealthy. Default 0.</summary>
    public string? Unhealthy { get; init; }

    /// <summary>Group that does not belong where it is unhealthy.</summary>
    public string? Group { get; init; }
}
