using System.Globalization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.ClusterConfiguration;

/// <summary>Compiles constraints; what sets mean is written out as single constraints.</summary>
internal static class ConstraintCompiler
{
    private const string NodeName = "#uname";

    public static ImmutableArray<LocationConstraint> Locations(ImmutableArray<ConfiguredLocation> locations) =>
    [
        .. locations.Select(location => new LocationConstraint
        {
            Id = location.Id,
            Resource = location.Resource,
            Node = location.Node,
            Score = location.Score ?? 0,
            ScoreAttribute = location.ScoreAttribute,
            Rule = location.Rule is { } rule ? Outermost(Condition(rule)) : null,
            Discovery = location.Discovery ?? ResourceDiscovery.Always,
            Why = location is { Node: not null, Score: > 0 } ? "is the preferred node" : null,
        }),
    ];

    public static ImmutableArray<ColocationConstraint> Colocations(ImmutableArray<ConfiguredColocation> colocations)
    {
        var all = ImmutableArray.CreateBuilder<ColocationConstraint>();
        foreach (var one in colocations)
        {
            var score = one.Score ?? Score.Infinity;
            void Together(string dependent, string primary, int worth) => all.Add(new ColocationConstraint
            {
                Id = one.Id, Dependent = dependent, Primary = primary, Score = worth,
                NodeAttribute = one.NodeAttribute ?? NodeName, Influence = one.Influence ?? true,
            });

            if (one is { Resource: { } resource, With: { } with }) Together(resource, with, score);
            foreach (var set in one.Sets) WithinSet(set, score, Together);
            for (var i = 1; i < one.Sets.Length; i++)
            {
                foreach (var dependent in Begin(one.Sets[i - 1].Resources, one.Sets[i - 1].Sequential))
                {
                    foreach (var primary in End(one.Sets[i].Resources, one.Sets[i].Sequential))
                        Together(dependent, primary, score);
                }
            }
        }

        return all.ToImmutable();
    }

    public static ImmutableArray<OrderConstraint> Orders(ImmutableArray<ConfiguredOrder> orders)
    {
        var all = ImmutableArray.CreateBuilder<OrderConstraint>();
        foreach (var one in orders)
        {
            var kind = one.Kind ?? OrderKind.Mandatory;
            var plain = new OrderConstraint
            {
                Id = one.Id, First = [], Then = "", Kind = kind,
                Symmetrical = (one.Symmetrical ?? true) && kind != OrderKind.Serialize,
                RequireAll = one.RequireAll ?? true,
            };
            if (one is { First: { } first, Then: { } then })
            {
                all.Add(plain with
                {
                    First = [first], FirstAction = one.FirstAction ?? OrderedAction.Start,
                    Then = then, ThenAction = one.ThenAction ?? one.FirstAction ?? OrderedAction.Start,
                });
            }

            for (var i = 0; i < one.Sets.Length; i++)
            {
                WithinSet(one.Sets[i], plain, all);
                if (i > 0) BetweenSets(one.Sets[i - 1], one.Sets[i], plain, all);
            }
        }

        return all.ToImmutable();
    }

    /// <summary>The parts of a calendar with their ranges as written; those not named are left out.</summary>
    internal static IEnumerable<(CalendarPart Part, string Range)> Parts(ConfiguredCalendar calendar) =>
        new (CalendarPart Part, string? Range)[]
        {
            (CalendarPart.Seconds, calendar.Seconds), (CalendarPart.Minutes, calendar.Minutes),
            (CalendarPart.Hours, calendar.Hours), (CalendarPart.MonthDays, calendar.MonthDays),
            (CalendarPart.WeekDays, calendar.WeekDays), (CalendarPart.YearDays, calendar.YearDays),
            (CalendarPart.Months, calendar.Months), (CalendarPart.Weeks, calendar.Weeks),
            (CalendarPart.Years, calendar.Years), (CalendarPart.WeekYears, calendar.WeekYears),
        }.Where(one => one.Range is not null).Select(one => (one.Part, one.Range!));

    /// <summary>Reads <c>N</c>, <c>N-M</c> or <c>N-</c>; null for anything else.</summary>
    internal static CalendarRange? Range(CalendarPart part, string text)
    {
        var bounds = text.Split('-');
        if (bounds.Length > 2 || Bound(bounds[0]) is not { } from) return null;
        if (bounds.Length == 1) return new CalendarRange(part, from, from);
        if (bounds[1].Length == 0) return new CalendarRange(part, from, null);
        return Bound(bounds[1]) is { } to ? new CalendarRange(part, from, to) : null;
    }

    private static int? Bound(string text) =>
        text.Length <= 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    private static void WithinSet(ColocationSet set, int score, Action<string, string, int> together)
    {
        if (set.Sequential == false) return;
        var own = set.Score ?? score;
        for (var i = 1; i < set.Resources.Length; i++)
        {
            // Members that repel each other repel every earlier one, not only their neighbour.
            for (var j = own < 0 ? 0 : i - 1; j < i; j++) together(set.Resources[i], set.Resources[j], own);
        }
    }

    private static void WithinSet(OrderSet set, OrderConstraint plain, ImmutableArray<OrderConstraint>.Builder all)
    {
        if (set.Sequential == false) return;
        var action = set.Action ?? OrderedAction.Start;
        for (var i = 1; i < set.Resources.Length; i++)
        {
            all.Add(plain with
            {
                First = [set.Resources[i - 1]], FirstAction = action, Then = set.Resources[i], ThenAction = action,
            });
        }
    }

    private static void BetweenSets(
        OrderSet first, OrderSet then, OrderConstraint plain, ImmutableArray<OrderConstraint>.Builder all)
    {
        var link = plain with
        {
            FirstAction = first.Action ?? OrderedAction.Start, ThenAction = then.Action ?? OrderedAction.Start,
        };
        foreach (var last in Begin(then.Resources, then.Sequential))
        {
            if (first.RequireAll == false)
            {
                all.Add(link with { First = first.Resources, Then = last, RequireAll = false });
                continue;
            }

            foreach (var one in End(first.Resources, first.Sequential))
                all.Add(link with { First = [one], Then = last });
        }
    }

    private static IEnumerable<string> Begin(ImmutableArray<string> resources, bool? sequential) =>
        sequential == false ? resources : resources.Take(1);

    private static IEnumerable<string> End(ImmutableArray<string> resources, bool? sequential) =>
        sequential == false ? resources : resources.TakeLast(1);

    private static Rule Outermost(Condition condition) => condition as Rule ?? new Rule(All: true, [condition]);

    private static Condition Condition(ConfiguredRule rule)
    {
        if (!rule.All.IsEmpty) return new Rule(All: true, [.. rule.All.Select(Condition)]);
        if (!rule.Any.IsEmpty) return new Rule(All: false, [.. rule.Any.Select(Condition)]);
        if (rule.Attribute is { } attribute)
        {
            return new NodeCondition(attribute, rule.Comparison ?? Comparison.Equal,
                rule.ValueKind ?? ValueKind.Automatic, rule.Value ?? "");
        }

        return rule.Calendar is { } calendar
            ? new CalendarCondition([.. Parts(calendar).Select(one => Range(one.Part, one.Range)!)])
            : new TimeRange(rule.From, rule.To, StartIncluded: true, EndIncluded: true);
    }
}
