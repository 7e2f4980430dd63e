using System.Globalization;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Rules;

/// <summary>What a rule is judged against.</summary>
public sealed record RuleContext
{
    /// <summary>The moment.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Finds a node attribute by name; null where no node is meant.</summary>
    public Func<string, string?>? Attribute { get; init; }

    /// <summary>The resource's agent; null where no resource is meant.</summary>
    public AgentName? Agent { get; init; }

    /// <summary>The operation's name; null where no operation is meant.</summary>
    public string? Operation { get; init; }

    /// <summary>The operation's interval, ms.</summary>
    public long IntervalMs { get; init; }
}

/// <summary>Judges rules. A condition about something that the context does not have never holds.</summary>
public static class RuleEvaluation
{
    /// <summary>Whether a condition holds.</summary>
    public static bool Holds(Condition condition, RuleContext context) => condition switch
    {
        Rule { All: true } rule => rule.Conditions.All(one => Holds(one, context)),
        Rule rule => rule.Conditions.Any(one => Holds(one, context)),
        NodeCondition node => context.Attribute is { } attribute && Compare(node, attribute(node.Attribute)),
        TimeRange range => IsIn(range, context.Now),
        CalendarCondition calendar => calendar.Parts.All(part => IsIn(part, context.Now)),
        AgentCondition agent => context.Agent is { } actual && Matches(agent, actual),
        OperationCondition operation => context.Operation == operation.Name
            && (operation.IntervalMs is not { } interval || interval == context.IntervalMs),
        UnknownCondition => false,
        _ => throw new InvalidOperationException($"No evaluation for {condition.GetType().Name}."),
    };

    private static bool Matches(AgentCondition condition, AgentName actual) =>
        (condition.Class.Length == 0 || condition.Class == actual.Class)
        && (condition.Provider.Length == 0 || condition.Provider == actual.Provider)
        && (condition.Type.Length == 0 || condition.Type == actual.Type);

    private static bool IsIn(TimeRange range, DateTimeOffset now) =>
        (range.Start is not { } start || (range.StartIncluded ? now >= start : now > start))
        && (range.End is not { } end || (range.EndIncluded ? now <= end : now < end));

    private static bool IsIn(CalendarRange range, DateTimeOffset now)
    {
        var value = range.Part switch
        {
            CalendarPart.Seconds => now.Second,
            CalendarPart.Minutes => now.Minute,
            CalendarPart.Hours => now.Hour,
            CalendarPart.MonthDays => now.Day,
            CalendarPart.WeekDays => now.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)now.DayOfWeek,
            CalendarPart.YearDays => now.DayOfYear,
            CalendarPart.Months => now.Month,
            CalendarPart.Weeks => ISOWeek.GetWeekOfYear(now.DateTime),
            CalendarPart.Years => now.Year,
            CalendarPart.WeekYears => ISOWeek.GetYear(now.DateTime),
        };
        return value >= range.From && (range.To is not { } to || value <= to);
    }

    private static bool Compare(NodeCondition condition, string? actual)
    {
        switch (condition.Comparison)
        {
            case Comparison.Defined:
                return actual is not null;
            case Comparison.NotDefined:
                return actual is null;
            case Comparison.Equal when actual is null:
                return false;
            case Comparison.NotEqual when actual is null:
                return true;
            case Comparison.Less or Comparison.LessOrEqual or Comparison.Greater or Comparison.GreaterOrEqual
                when actual is null:
                return false;
        }

        var order = Order(condition, actual!);
        return condition.Comparison switch
        {
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            Comparison.GreaterOrEqual => order >= 0,
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.Defined or Comparison.NotDefined => false,
        };
    }

    // A value that is no number is compared as text, as Pacemaker does.
    private static int Order(NodeCondition condition, string actual)
    {
        var equality = condition.Comparison is Comparison.Equal or Comparison.NotEqual;
        switch (condition.Type)
        {
            case ValueKind.Integer when WholeNumber(actual, out var a) && WholeNumber(condition.Value, out var b):
                return a.CompareTo(b);
            case ValueKind.Number when Number(actual, out var a) && Number(condition.Value, out var b):
                return a.CompareTo(b);
            case ValueKind.Automatic when !equality:
                var pointed = actual.Contains('.') || condition.Value.Contains('.');
                var automatic = pointed ? ValueKind.Number : ValueKind.Integer;
                return Order(condition with { Type = automatic }, actual);
            case ValueKind.Version:
                return CompareVersions(actual, condition.Value);
            case ValueKind.Automatic or ValueKind.Text or ValueKind.Integer or ValueKind.Number:
            default:
                return string.Compare(actual, condition.Value, StringComparison.OrdinalIgnoreCase);
        }
    }

    // Whole numbers may be written with a fraction, which is cut off.
    private static bool WholeNumber(string text, out decimal value)
    {
        if (!Number(text, out value)) return false;
        value = decimal.Truncate(value);
        return true;
    }

    private static bool Number(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out value);

    private static int CompareVersions(string a, string b)
    {
        var left = a.Split('.');
        var right = b.Split('.');
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            _ = Number(i < left.Length ? left[i] : "0", out var x);
            _ = Number(i < right.Length ? right[i] : "0", out var y);
            if (x != y) return x.CompareTo(y);
        }

        return 0;
    }
}
