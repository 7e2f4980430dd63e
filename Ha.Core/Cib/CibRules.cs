using System.Globalization;
using System.Xml.Linq;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Cib;

/// <summary>Reads rules.</summary>
internal static class CibRules
{
    public static Rule Read(CibDocument document, XElement element)
    {
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        foreach (var child in element.Elements())
        {
            conditions.Add(child.Name.LocalName switch
            {
                "rule" when document.Resolve(child) is { } rule => Read(document, rule),
                "expression" => Expression(document, child),
                "date_expression" => Date(document, child),
                "rsc_expression" =>
                    new AgentCondition(Text(child, "class"), Text(child, "provider"), Text(child, "type")),
                "op_expression" => new OperationCondition(Text(child, "name"),
                    (string?)child.Attribute("interval") is { } interval ? Values.Duration(interval) : null),
                _ => Unknown(document, child),
            });
        }

        return new Rule((string?)element.Attribute("boolean-op") != "or", conditions.ToImmutable());
    }

    private static UnknownCondition Unknown(CibDocument document, XElement element)
    {
        document.Findings.Add(element, "is a condition that is not supported; it never holds");
        return new UnknownCondition(element.Name.LocalName);
    }

    private static Condition Expression(CibDocument document, XElement element)
    {
        Comparison? comparison = Text(element, "operation") switch
        {
            "lt" => Comparison.Less,
            "lte" => Comparison.LessOrEqual,
            "gt" => Comparison.Greater,
            "gte" => Comparison.GreaterOrEqual,
            "eq" => Comparison.Equal,
            "ne" => Comparison.NotEqual,
            "defined" => Comparison.Defined,
            "not_defined" => Comparison.NotDefined,
            _ => null,
        };
        if (comparison is null || (string?)element.Attribute("value-source") is not (null or "literal"))
            return Unknown(document, element);
        var type = Text(element, "type") switch
        {
            "string" => ValueKind.Text,
            "integer" => ValueKind.Integer,
            "number" => ValueKind.Number,
            "version" => ValueKind.Version,
            _ => ValueKind.Automatic,
        };
        return new NodeCondition(Text(element, "attribute"), comparison.Value, type, Text(element, "value"));
    }

    private static Condition Date(CibDocument document, XElement element)
    {
        switch (Text(element, "operation"))
        {
            case "lt" when Moment(document, element, "end") is { } end:
                return new TimeRange(null, end, StartIncluded: true, EndIncluded: false);
            case "gt" when Moment(document, element, "start") is { } start:
                return new TimeRange(start, null, StartIncluded: false, EndIncluded: true);
            case "date_spec" when CibDocument.Section(element, "date_spec") is { } specification:
                return new CalendarCondition(Calendar(document, specification));
            case "in_range" or "":
                var from = Moment(document, element, "start");
                var to = Moment(document, element, "end");
                if (to is null && from is { } begin
                    && CibDocument.Children(element, "duration").FirstOrDefault() is { } length)
                    to = Add(begin, length);
                if (from is null && to is null) return Unknown(document, element);
                return new TimeRange(from, to, StartIncluded: true, EndIncluded: true);
            default:
                return Unknown(document, element);
        }
    }

    private static DateTimeOffset Add(DateTimeOffset start, XElement duration)
    {
        start = start.AddYears(Number(duration, "years")).AddMonths(Number(duration, "months"));
        return start.AddDays((7L * Number(duration, "weeks")) + Number(duration, "days"))
            .AddHours(Number(duration, "hours")).AddMinutes(Number(duration, "minutes"))
            .AddSeconds(Number(duration, "seconds"));
    }

    // Bounded so that no sum of them leaves the calendar.
    private static int Number(XElement element, string attribute) =>
        int.TryParse(Text(element, attribute), out var value) ? Math.Clamp(value, -1000, 1000) : 0;

    private static ImmutableArray<CalendarRange> Calendar(CibDocument document, XElement element)
    {
        var parts = ImmutableArray.CreateBuilder<CalendarRange>();
        foreach (var attribute in element.Attributes())
        {
            CalendarPart? part = attribute.Name.LocalName switch
            {
                "seconds" => CalendarPart.Seconds,
                "minutes" => CalendarPart.Minutes,
                "hours" => CalendarPart.Hours,
                "monthdays" => CalendarPart.MonthDays,
                "weekdays" => CalendarPart.WeekDays,
                "yeardays" or "yearsdays" => CalendarPart.YearDays,
                "months" => CalendarPart.Months,
                "weeks" => CalendarPart.Weeks,
                "years" => CalendarPart.Years,
                "weekyears" => CalendarPart.WeekYears,
                _ => null,
            };
            if (part is null)
            {
                if (attribute.Name.LocalName != "id")
                    document.Findings.Add(element, $"has '{attribute.Name.LocalName}', which is not supported");
                continue;
            }

            var bounds = attribute.Value.Split('-', 2);
            if (!int.TryParse(bounds[0], out var from)) continue;
            int? to = bounds.Length == 1 ? from : int.TryParse(bounds[1], out var last) ? last : null;
            parts.Add(new CalendarRange(part.Value, from, to));
        }

        return parts.ToImmutable();
    }

    private static DateTimeOffset? Moment(CibDocument document, XElement element, string attribute)
    {
        if ((string?)element.Attribute(attribute) is not { } text) return null;
        var plain = CalendarDate(text);
        if (DateTimeOffset.TryParse(plain, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var moment))
            return moment;
        document.Findings.Add(element, $"has {attribute}='{text}', which is no date this reader knows");
        return null;
    }

    // ISO 8601 also knows the day of the year (2005-032) and of a week (2005-W05-2), and dates without dashes.
    private static string CalendarDate(string text)
    {
        var end = text.IndexOfAny(['T', ' ']);
        var (date, time) = end < 0 ? (text, "") : (text[..end], text[end..]);
        if (date.Split("-W") is [var year, var week] && int.TryParse(year, out var y) && y is > 0 and < 9999
            && int.TryParse(week.Split('-')[0], out var w) && w is > 0 and < 54)
        {
            var day = week.Split('-') is [_, var last] && int.TryParse(last, out var d) && d is > 0 and < 8 ? d : 1;
            return $"{ISOWeek.ToDateTime(y, w, (DayOfWeek)(day % 7)):yyyy-MM-dd}{time}";
        }

        if (date.Split('-') is [{ Length: 4 } of, { Length: 3 } number]
            && int.TryParse(of, out var inYear) && inYear is > 0 and < 9999 && int.TryParse(number, out var dayOfYear))
            return $"{new DateTime(inYear, 1, 1).AddDays(dayOfYear - 1):yyyy-MM-dd}{time}";
        return date.Length == 8 && int.TryParse(date, out _) ? $"{date[..4]}-{date[4..6]}-{date[6..]}{time}" : text;
    }

    private static string Text(XElement element, string attribute) => (string?)element.Attribute(attribute) ?? "";
}
