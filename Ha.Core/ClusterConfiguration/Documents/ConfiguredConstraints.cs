using System.Text.Json.Serialization;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>How one resource likes one node, or the nodes that a rule holds on.</summary>
public sealed record ConfiguredLocation
{
    /// <summary>Id, unique among constraints.</summary>
    public required string Id { get; init; }

    /// <summary>The resource, group or clone.</summary>
    public required string Resource { get; init; }

    /// <summary>The node; null with a rule.</summary>
    public string? Node { get; init; }

    /// <summary>When and where it holds; null with a node.</summary>
    public ConfiguredRule? Rule { get; init; }

    /// <summary>Positive: preferred; negative: avoided; INFINITY: must; -INFINITY: must not.</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? Score { get; init; }

    /// <summary>Node attribute that holds the score instead; only with a rule.</summary>
    public string? ScoreAttribute { get; init; }

    /// <summary>Where it is probed. Default always.</summary>
    public ResourceDiscovery? Discovery { get; init; }
}

/// <summary>
/// A condition in exactly one of five forms: <see cref="All"/>, <see cref="Any"/>, a node attribute
/// (<see cref="Attribute"/>), a time (<see cref="From"/>, <see cref="To"/>), or a <see cref="Calendar"/>.
/// </summary>
public sealed record ConfiguredRule
{
    /// <summary>Conditions that must all hold.</summary>
    public ImmutableArray<ConfiguredRule> All { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Conditions one of which is enough.</summary>
    public ImmutableArray<ConfiguredRule> Any { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Name of a node attribute; <c>#uname</c> is the node's name.</summary>
    public string? Attribute { get; init; }

    /// <summary>How the attribute is compared. Default equal.</summary>
    public Comparison? Comparison { get; init; }

    /// <summary>What it is compared with; not for defined and notDefined.</summary>
    public string? Value { get; init; }

    /// <summary>As what it is compared. Default automatic.</summary>
    public ValueKind? ValueKind { get; init; }

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Not after this moment.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Which parts of the date and time must lie where.</summary>
    public ConfiguredCalendar? Calendar { get; init; }
}

/// <summary>Parts of the date and time in UTC, each <c>N</c>, <c>N-M</c> or <c>N-</c>; those not named do not
/// matter.</summary>
public sealed record ConfiguredCalendar
{
    /// <summary>0-59.</summary>
    public string? Seconds { get; init; }

    /// <summary>0-59.</summary>
    public string? Minutes { get; init; }

    /// <summary>0-23.</summary>
    public string? Hours { get; init; }

    /// <summary>1-31.</summary>
    public string? MonthDays { get; init; }

    /// <summary>1 (Monday) to 7.</summary>
    public string? WeekDays { get; init; }

    /// <summary>1-366.</summary>
    public string? YearDays { get; init; }

    /// <summary>1-12.</summary>
    public string? Months { get; init; }

    /// <summary>ISO week, 1-53.</summary>
    public string? Weeks { get; init; }

    /// <summary>Year.</summary>
    public string? Years { get; init; }

    /// <summary>Year of the ISO week.</summary>
    public string? WeekYears { get; init; }
}

/// <summary>Resources that run together or apart: one with another, or sets.</summary>
public sealed record ConfiguredColocation
{
    /// <summary>Id, unique among constraints.</summary>
    public required string Id { get; init; }

    /// <summary>The resource that follows; null with sets.</summary>
    public string? Resource { get; init; }

    /// <summary>The resource that is followed; null with sets.</summary>
    public string? With { get; init; }

    /// <summary>Sets: each follows the next one.</summary>
    public ImmutableArray<ColocationSet> Sets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Positive: together; negative: apart. Default INFINITY: must.</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? Score { get; init; }

    /// <summary>Node attribute whose equal values count as the same place. Default: the node itself.</summary>
    public string? NodeAttribute { get; init; }

    /// <summary>Whether what follows has a say in where the other goes. Default true.</summary>
    public bool? Influence { get; init; }
}

/// <summary>Resources of a colocation.</summary>
public sealed record ColocationSet
{
    /// <summary>Their ids. At least one.</summary>
    public required ImmutableArray<string> Resources { get; init; }

    /// <summary>Whether each follows the one before it. Default true.</summary>
    public bool? Sequential { get; init; }

    /// <summary>Score among its members. Default: that of the colocation.</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? Score { get; init; }
}

/// <summary>One action after another: of two resources, or of sets.</summary>
public sealed record ConfiguredOrder
{
    /// <summary>Id, unique among constraints.</summary>
    public required string Id { get; init; }

    /// <summary>What comes first; null with sets.</summary>
    public string? First { get; init; }

    /// <summary>What is done with it. Default start.</summary>
    public OrderedAction? FirstAction { get; init; }

    /// <summary>What comes after; null with sets.</summary>
    public string? Then { get; init; }

    /// <summary>What is done with it. Default: the same as with the first.</summary>
    public OrderedAction? ThenAction { get; init; }

    /// <summary>Sets, each after the one before it.</summary>
    public ImmutableArray<OrderSet> Sets { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>How strong. Default mandatory.</summary>
    public OrderKind? Kind { get; init; }

    /// <summary>Whether the opposite actions are ordered the other way round. Default true.</summary>
    public bool? Symmetrical { get; init; }

    /// <summary>Whether all instances of a clone that comes first are needed, or one is enough. Default true.</summary>
    public bool? RequireAll { get; init; }
}

/// <summary>Resources of an order.</summary>
public sealed record OrderSet
{
    /// <summary>Their ids. At least one.</summary>
    public required ImmutableArray<string> Resources { get; init; }

    /// <summary>What is done with them. Default start.</summary>
    public OrderedAction? Action { get; init; }

    /// <summary>Whether each comes after the one before it. Default true.</summary>
    public bool? Sequential { get; init; }

    /// <summary>Whether what comes after the set needs all of it, or one is enough. Default true.</summary>
    public bool? RequireAll { get; init; }
}
