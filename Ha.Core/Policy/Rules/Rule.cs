namespace Ha.Core.Policy.Rules;

/// <summary>A condition on time, node or resource.</summary>
public abstract record Condition;

/// <summary>Several conditions, joined.</summary>
/// <param name="All">True: all must hold; false: one is enough.</param>
/// <param name="Conditions">The conditions.</param>
public sealed record Rule(bool All, ImmutableArray<Condition> Conditions) : Condition;

/// <summary>How values are compared.</summary>
public enum Comparison
{
    /// <summary>Less than.</summary>
    Less,

    /// <summary>Less than or equal.</summary>
    LessOrEqual,

    /// <summary>Greater than.</summary>
    Greater,

    /// <summary>Greater than or equal.</summary>
    GreaterOrEqual,

    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Not equal.</summary>
    NotEqual,

    /// <summary>The attribute has a value.</summary>
    Defined,

    /// <summary>The attribute has no value.</summary>
    NotDefined,
}

/// <summary>As what values are compared.</summary>
public enum ValueKind
{
    /// <summary>As integers when ordered, if both look like numbers; as text for equality.</summary>
    Automatic,

    /// <summary>As text.</summary>
    Text,

    /// <summary>As whole numbers.</summary>
    Integer,

    /// <summary>As decimal numbers.</summary>
    Number,

    /// <summary>As versions (1.10 after 1.9).</summary>
    Version,
}

/// <summary>Compares a node attribute.</summary>
/// <param name="Attribute">Its name; <c>#uname</c>, <c>#id</c>, <c>#kind</c> and <c>#is_dc</c> are the node's
/// own.</param>
/// <param name="Comparison">How.</param>
/// <param name="Type">As what.</param>
/// <param name="Value">With what.</param>
public sealed record NodeCondition(string Attribute, Comparison Comparison, ValueKind Type, string Value) : Condition;

/// <summary>Compares the time with a range.</summary>
/// <param name="Start">Not before; null for no limit.</param>
/// <param name="End">Not after; null for no limit.</param>
/// <param name="StartIncluded">Whether the start itself is in.</param>
/// <param name="EndIncluded">Whether the end itself is in.</param>
public sealed record TimeRange(DateTimeOffset? Start, DateTimeOffset? End, bool StartIncluded, bool EndIncluded)
    : Condition;

/// <summary>Matches parts of the time like a calendar entry.</summary>
/// <param name="Parts">Which part lies in which range.</param>
public sealed record CalendarCondition(ImmutableArray<CalendarRange> Parts) : Condition;

/// <summary>A part of a date or time.</summary>
public enum CalendarPart
{
    /// <summary>0-59.</summary>
    Seconds,

    /// <summary>0-59.</summary>
    Minutes,

    /// <summary>0-23.</summary>
    Hours,

    /// <summary>Day of the month, 1-31.</summary>
    MonthDays,

    /// <summary>Day of the week, 1 (Monday) to 7.</summary>
    WeekDays,

    /// <summary>Day of the year, 1-366.</summary>
    YearDays,

    /// <summary>1-12.</summary>
    Months,

    /// <summary>ISO week, 1-53.</summary>
    Weeks,

    /// <summary>Year.</summary>
    Years,

    /// <summary>Year of the ISO week.</summary>
    WeekYears,
}

/// <summary>A range of a calendar part.</summary>
/// <param name="Part">Which part.</param>
/// <param name="From">First value.</param>
/// <param name="To">Last value; null for no limit.</param>
public sealed record CalendarRange(CalendarPart Part, int From, int? To);

/// <summary>Matches resources by their agent; an empty part matches any.</summary>
/// <param name="Class">Class.</param>
/// <param name="Provider">Provider.</param>
/// <param name="Type">Type.</param>
public sealed record AgentCondition(string Class, string Provider, string Type) : Condition;

/// <summary>Matches operations.</summary>
/// <param name="Name">Operation.</param>
/// <param name="IntervalMs">Interval, ms; null for any.</param>
public sealed record OperationCondition(string Name, long? IntervalMs) : Condition;

/// <summary>A condition that this engine does not know: never holds.</summary>
/// <param name="What">What it was.</param>
public sealed record UnknownCondition(string What) : Condition;
