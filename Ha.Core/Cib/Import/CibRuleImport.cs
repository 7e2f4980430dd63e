using System.Globalization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Cib.Import;

/// <summary>Writes conditions of rules as the document does.</summary>
internal static class CibRuleImport
{
    /// <summary>Converts a condition; null when a part of it has no counterpart.</summary>
    public static ConfiguredRule? Convert(Condition condition)
    {
        switch (condition)
        {
            case Rule rule:
                var parts = rule.Conditions.Select(Convert).ToList();
                if (parts.Count == 0 || parts.Contains(null)) return null;
                return rule.All ? new ConfiguredRule { All = [.. parts.OfType<ConfiguredRule>()] }
                    : new ConfiguredRule { Any = [.. parts.OfType<ConfiguredRule>()] };
            case NodeCondition node:
                var isPresence = node.Comparison is Comparison.Defined or Comparison.NotDefined;
                return new ConfiguredRule
                {
                    Attribute = node.Attribute,
                    Comparison = node.Comparison == Comparison.Equal ? null : node.Comparison,
                    Value = isPresence ? null : node.Value,
                    // What is no number is compared as text in any case.
                    ValueKind = node.Type == ValueKind.Automatic ? null
                        : node.Type is ValueKind.Integer or ValueKind.Number && !isPresence && !IsNumber(node.Value)
                            ? ValueKind.Text : node.Type,
                };
            // Here both ends belong to the time; where they do not, a second makes the difference.
            case TimeRange range:
                return new ConfiguredRule
                {
                    From = range.StartIncluded ? range.Start : range.Start?.AddSeconds(1),
                    To = range.EndIncluded ? range.End : range.End?.AddSeconds(-1),
                };
            case CalendarCondition { Parts.IsEmpty: false } calendar:
                return new ConfiguredRule { Calendar = Calendar(calendar) };
            default:
                return null;
        }
    }

    private static ConfiguredCalendar Calendar(CalendarCondition condition)
    {
        var texts = condition.Parts.DistinctBy(part => part.Part).ToDictionary(part => part.Part, Text);
        return new ConfiguredCalendar
        {
            Seconds = texts.GetValueOrDefault(CalendarPart.Seconds),
            Minutes = texts.GetValueOrDefault(CalendarPart.Minutes),
            Hours = texts.GetValueOrDefault(CalendarPart.Hours),
            MonthDays = texts.GetValueOrDefault(CalendarPart.MonthDays),
            WeekDays = texts.GetValueOrDefault(CalendarPart.WeekDays),
            YearDays = texts.GetValueOrDefault(CalendarPart.YearDays),
            Months = texts.GetValueOrDefault(CalendarPart.Months),
            Weeks = texts.GetValueOrDefault(CalendarPart.Weeks),
            Years = texts.GetValueOrDefault(CalendarPart.Years),
            WeekYears = texts.GetValueOrDefault(CalendarPart.WeekYears),
        };
    }

    private static bool IsNumber(string text) =>
        decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _);

    private static string Text(CalendarRange range) => range.To is not { } to ? $"{range.From}-"
        : to == range.From ? range.From.ToString(CultureInfo.InvariantCulture) : $"{range.From}-{to}";
}
