using System.Globalization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Rules;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks rules: one form each, and values that can be compared.</summary>
internal static class RuleChecks
{
    public static void Run(string at, ConfiguredRule rule, DocumentFindings findings)
    {
        string?[] all =
        [
            rule.All.IsEmpty ? null : "all", rule.Any.IsEmpty ? null : "any",
            rule.Attribute is null && rule.Comparison is null && rule.Value is null && rule.ValueKind is null
                ? null : "attribute",
            rule.From is null && rule.To is null ? null : "from and to", rule.Calendar is null ? null : "calendar",
        ];
        var forms = all.OfType<string>().ToList();
        if (forms.Count != 1)
        {
            findings.Missing(at, forms.Count == 0 ? "the rule says nothing"
                : $"the rule has more than one form: {string.Join(", ", forms)}",
                "write one of `all`, `any`, `attribute`, `from`/`to` and `calendar`; join several with `all` or `any`");
        }

        for (var i = 0; i < rule.All.Length; i++) Run(Pointer.To(at + "/all", i), rule.All[i], findings);
        for (var i = 0; i < rule.Any.Length; i++) Run(Pointer.To(at + "/any", i), rule.Any[i], findings);
        if (forms.Contains("attribute")) Attribute(at, rule, findings);
        if (rule is { From: { } from, To: { } to } && from > to)
            findings.Error(at + "/to", "the time ends before it begins", "exchange `from` and `to`");
        if (rule.Calendar is { } calendar) Calendar(at + "/calendar", calendar, findings);
    }

    private static void Attribute(string at, ConfiguredRule rule, DocumentFindings findings)
    {
        if (rule.Attribute is null)
        {
            findings.Missing(at, "no attribute is named that could be compared", "add `\"attribute\"`");
            return;
        }

        var isPresence = rule.Comparison is Comparison.Defined or Comparison.NotDefined;
        if (isPresence && rule.Value is not null)
            findings.Error(at + "/value", "whether an attribute is there needs no value", "remove it");
        if (!isPresence && rule.Value is null)
            findings.Missing(at, $"attribute {Quote(rule.Attribute)} is compared with nothing",
                "add `\"value\"`, or write `\"comparison\": \"defined\"`");
        if (rule.Value is { } value && rule.ValueKind is ValueKind.Integer or ValueKind.Number
            && !decimal.TryParse(rule.Value, NumberStyles.Number, CultureInfo.InvariantCulture, out _))
            findings.Error(at + "/value", $"{Quote(value)} is not a number",
                "write a number, or `\"valueKind\": \"text\"`");
    }

    private static void Calendar(string at, ConfiguredCalendar calendar, DocumentFindings findings)
    {
        var any = false;
        foreach (var (part, text) in ConstraintCompiler.Parts(calendar))
        {
            any = true;
            if (ConstraintCompiler.Range(part, text) is not { } range) continue;
            var here = Pointer.To(at, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(part.ToString()));
            var (least, most) = Bounds(part);
            if (range.From < least || range.From > most || range.To < least || range.To > most)
                findings.Error(here, $"\"{text}\" is not between {least} and {most}",
                    $"write for example `\"{least}-{most}\"`");
            else if (range.To < range.From)
                findings.Error(here, $"\"{text}\" ends before it begins",
                    "write the smaller number first; join two ranges with `any`");
        }

        if (!any) findings.Missing(at, "the calendar names no part", "write for example `\"weekDays\": \"1-5\"`");
    }

    private static (int Least, int Most) Bounds(CalendarPart part) => part switch
    {
        CalendarPart.Seconds or CalendarPart.Minutes => (0, 59),
        CalendarPart.Hours => (0, 23),
        CalendarPart.MonthDays => (1, 31),
        CalendarPart.WeekDays => (1, 7),
        CalendarPart.YearDays => (1, 366),
        CalendarPart.Months => (1, 12),
        CalendarPart.Weeks => (1, 53),
        CalendarPart.Years or CalendarPart.WeekYears => (1, 9999),
    };
}
