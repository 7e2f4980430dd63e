using System.Xml.Linq;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib.Import;

/// <summary>Imports constraints. Tags and templates in them are written out.</summary>
internal sealed class CibConstraintImport(
    CibDocument cib, HashSet<string> resources, ImmutableArray<string> nodes, CibImportReport report)
{
    private static readonly string[] References = ["rsc", "with-rsc", "first", "then"];
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);

    public List<ConfiguredLocation> Locations { get; } = [];

    public List<ConfiguredColocation> Colocations { get; } = [];

    public List<ConfiguredOrder> Orders { get; } = [];

    public void ReadAll(XElement section)
    {
        foreach (var element in section.Elements())
        {
            var sets = ResourceSet.ReadAll(cib, element);
            var problem = Problem(element, sets) ?? element.Name.LocalName switch
            {
                "rsc_location" => Location(element, sets),
                "rsc_colocation" => Colocation(element, sets),
                "rsc_order" => Order(element, sets),
                _ => "this kind of constraint is not supported",
            };
            foreach (var inner in element.DescendantsAndSelf())
            {
                if (problem is not null) report.NotSupported(inner, problem);
                else report.Translated(inner, inner == element ? "a constraint" : "of the constraint");
            }
        }
    }

    private string? Problem(XElement element, List<ResourceSet> sets)
    {
        if (element.DescendantsAndSelf().Any(one => IsPromoted(one)))
            return "it speaks of promotion, which is not supported";
        if (Text(element, "rsc-pattern") is not null) return "patterns are not supported";
        if (CibDocument.Children(element, "lifetime").Any())
            return "lifetimes are not supported; use a location's rule";
        IEnumerable<string> named =
        [
            .. References.Select(name => Text(element, name)).OfType<string>()
                .SelectMany(id => cib.Meant(id)),
            .. sets.SelectMany(set => set.Resources),
        ];
        return named.FirstOrDefault(id => !resources.Contains(id)) is { } missing
            ? $"'{missing}' is no resource of the imported configuration (fence devices are none here)" : null;
    }

    private string? Location(XElement element, List<ResourceSet> sets)
    {
        IEnumerable<string> named = Text(element, "rsc") is { } single ? cib.Meant(single)
            : sets.SelectMany(set => set.Resources);
        ResourceDiscovery? discovery = Text(element, "resource-discovery") switch
        {
            "never" => ResourceDiscovery.Never,
            "exclusive" => ResourceDiscovery.Exclusive,
            _ => null,
        };
        var node = Text(element, "node")?.ToLowerInvariant();
        if (node is not null && !nodes.Contains(node)) return $"'{node}' is no node of this CIB";
        var rules = CibDocument.Children(element, "rule").Select(cib.Resolve).OfType<XElement>().ToList();
        var added = new List<ConfiguredLocation>();
        foreach (var resource in named)
        {
            var plain = new ConfiguredLocation { Id = "", Resource = resource };
            if (node is not null)
            {
                if (ScoreOf(element, 0) is not { } score) return "its score cannot be read";
                added.Add(plain with { Node = node, Score = score, Discovery = discovery });
                continue;
            }

            foreach (var rule in rules)
            {
                var condition = CibRuleImport.Convert(CibRules.Read(cib, rule));
                if (condition is null) return "its rule has a condition that is not supported";
                var attribute = Text(rule, "score-attribute");
                if (ScoreOf(rule, 0) is not { } score) return "its score cannot be read";
                if (discovery is not null) return "resource-discovery is supported only for fixed nodes";
                added.Add(plain with
                {
                    Rule = condition, ScoreAttribute = attribute, Score = attribute is null ? score : null,
                });
            }
        }

        if (added.Count == 0) return "it says nothing";
        Locations.AddRange(added.Select(location => location with { Id = Id(element) }));
        return null;
    }

    private string? Colocation(XElement element, List<ResourceSet> sets)
    {
        if (ScoreOf(element, 0) is not { } score) return "its score cannot be read";
        var plain = new ConfiguredColocation
        {
            Id = "", Score = score, NodeAttribute = Text(element, "node-attribute") is "#uname" or null
                ? null : Text(element, "node-attribute"),
            Influence = Values.Boolean(Text(element, "influence") ?? "true") == false ? false : null,
        };
        if (sets.Count > 0)
        {
            if (SaysNothing(sets)) return "one set of one resource says nothing";
            Colocations.Add(plain with
            {
                Id = Id(element),
                Sets =
                [
                    .. sets.Select(set => new ColocationSet
                    {
                        Resources = [.. set.Resources], Sequential = set.Sequential ? null : false,
                        Score = set.Element.Attribute("score") is null ? null : ScoreOf(set.Element, 0),
                    }),
                ],
            });
            return null;
        }

        if (Text(element, "rsc") is not { } dependent || Text(element, "with-rsc") is not { } primary)
            return "it lacks rsc or with-rsc";
        foreach (var one in cib.Meant(dependent))
        {
            foreach (var other in cib.Meant(primary))
                Colocations.Add(plain with { Id = Id(element), Resource = one, With = other });
        }

        return null;
    }

    private string? Order(XElement element, List<ResourceSet> sets)
    {
        if (Kind(element) is not { } kind) return "its kind is not known";
        if (sets.Exists(set => set.Element.Attribute("kind") is not null))
            return "kinds of single sets are not supported";
        var symmetrical = Values.Boolean(Text(element, "symmetrical") ?? "true") == false ? false : (bool?)null;
        var plain = new ConfiguredOrder
        {
            Id = "", Kind = kind == OrderKind.Mandatory ? null : kind, Symmetrical = symmetrical,
        };
        if (sets.Count > 0)
        {
            if (SaysNothing(sets)) return "one set of one resource says nothing";
            var any = Text(element, "action");
            if (sets.Exists(set => Action(Text(set.Element, "action") ?? any) is null && Text(set.Element, "action")
                is not null)) return "only start and stop can be ordered";
            Orders.Add(plain with
            {
                Id = Id(element),
                Sets =
                [
                    .. sets.Select(set => new OrderSet
                    {
                        Resources = [.. set.Resources], Action = Action(Text(set.Element, "action") ?? any),
                        Sequential = set.Sequential ? null : false, RequireAll = set.RequireAll ? null : false,
                    }),
                ],
            });
            return null;
        }

        if (Text(element, "first") is not { } first || Text(element, "then") is not { } then)
            return "it lacks first or then";
        var (firstAction, thenAction) = (Text(element, "first-action"), Text(element, "then-action"));
        if ((firstAction is not null && Action(firstAction) is null)
            || (thenAction is not null && Action(thenAction) is null))
            return "only start and stop can be ordered";
        foreach (var one in cib.Meant(first))
        {
            foreach (var other in cib.Meant(then))
            {
                Orders.Add(plain with
                {
                    Id = Id(element), First = one, Then = other, FirstAction = Action(firstAction),
                    ThenAction = Action(thenAction),
                    RequireAll = Values.Boolean(Text(element, "require-all") ?? "true") == false ? false : null,
                });
            }
        }

        return null;
    }

    // Before kinds there were scores: zero meant optional.
    private static OrderKind? Kind(XElement element) => Text(element, "kind") switch
    {
        "Mandatory" => OrderKind.Mandatory,
        "Optional" => OrderKind.Optional,
        "Serialize" => OrderKind.Serialize,
        null => element.Attribute("score") is not null && ScoreOf(element, 0) == 0 ? OrderKind.Optional
            : OrderKind.Mandatory,
        _ => null,
    };

    private static OrderedAction? Action(string? text) => text switch
    {
        "start" => OrderedAction.Start,
        "stop" => OrderedAction.Stop,
        _ => null,
    };

    private static bool SaysNothing(List<ResourceSet> sets) => sets is [{ Resources.Count: 1 }];

    private static bool IsPromoted(XElement element) => element.Attributes().Any(one =>
        one.Name.LocalName is "role" or "rsc-role" or "with-rsc-role" && one.Value is "Promoted" or "Master");

    private static int? ScoreOf(XElement element, int preset) =>
        Text(element, "score") is { } text ? Score.TryParse(text) : preset;

    // What one constraint of the CIB says of several resources gets several ids here.
    private string Id(XElement element)
    {
        var id = Text(element, "id") ?? element.Name.LocalName;
        if (ids.Add(id)) return id;
        for (var number = 2; ; number++)
            if (ids.Add($"{id}-{number}")) return $"{id}-{number}";
    }

    private static string? Text(XElement element, string attribute) => (string?)element.Attribute(attribute);
}
