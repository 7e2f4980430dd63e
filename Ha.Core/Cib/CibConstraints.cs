using System.Xml.Linq;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib;

/// <summary>Reads constraints; what sets mean is written out as single constraints.</summary>
internal sealed class CibConstraints(CibDocument document)
{
    private readonly List<LocationConstraint> locations = [];
    private readonly List<ColocationConstraint> colocations = [];
    private readonly List<OrderConstraint> orders = [];

    public ImmutableArray<LocationConstraint> Locations => [.. locations];

    public ImmutableArray<ColocationConstraint> Colocations => [.. colocations];

    public ImmutableArray<OrderConstraint> Orders => [.. orders];

    public void ReadAll(XElement section)
    {
        foreach (var element in section.Elements())
        {
            switch (element.Name.LocalName)
            {
                case "rsc_location":
                    Location(element);
                    break;
                case "rsc_colocation":
                    if (ResourceSet.ReadAll(document, element) is { Count: > 0 } together)
                        ColocationSets(element, together);
                    else Colocation(element);
                    break;
                case "rsc_order":
                    if (ResourceSet.ReadAll(document, element) is { Count: > 0 } sequence) OrderSets(element, sequence);
                    else Order(element);
                    break;
                default:
                    document.Findings.Add(element, "is not supported; it was left out");
                    break;
            }
        }
    }

    private void Location(XElement element)
    {
        IEnumerable<string> resources = ResourceSet.ReadAll(document, element).SelectMany(set => set.Resources);
        if (Text(element, "rsc") is { } single) resources = document.Meant(single);
        if (Text(element, "rsc-pattern") is not null)
            document.Findings.Add(element, "has a pattern, which is not supported");
        if (IsPromoted(Text(element, "role")))
            document.Findings.Add(element, "speaks of a promoted role; it was left out");
        else foreach (var resource in resources) Location(element, resource);
    }

    private void Location(XElement element, string resource)
    {
        var discovery = Text(element, "resource-discovery") switch
        {
            "never" => ResourceDiscovery.Never,
            "exclusive" => ResourceDiscovery.Exclusive,
            _ => ResourceDiscovery.Always,
        };
        var constraint = new LocationConstraint { Id = Id(element), Resource = resource, Discovery = discovery };
        if (Text(element, "node") is { } node)
        {
            locations.Add(constraint with { Node = node, Score = document.Score(element, "score", 0) });
            return;
        }

        foreach (var child in CibDocument.Children(element, "rule"))
        {
            if (document.Resolve(child) is not { } rule || IsPromoted(Text(rule, "role"))) continue;
            locations.Add(constraint with
            {
                Rule = CibRules.Read(document, rule),
                Score = document.Score(rule, "score", 0),
                ScoreAttribute = Text(rule, "score-attribute"),
            });
        }
    }

    private void Colocation(XElement element)
    {
        if (Text(element, "rsc") is not { } dependent || Text(element, "with-rsc") is not { } primary)
        {
            document.Findings.Add(element, "lacks rsc or with-rsc; it was left out");
            return;
        }

        if (IsPromoted(Text(element, "rsc-role")) || IsPromoted(Text(element, "with-rsc-role")))
            document.Findings.Add(element, "speaks of a promoted role; it was left out");
        else
            TogetherAll(element, document.Meant(dependent), document.Meant(primary),
                document.Score(element, "score", 0));
    }

    private void ColocationSets(XElement element, List<ResourceSet> sets)
    {
        var score = document.Score(element, "score", 0);
        foreach (var set in sets)
        {
            if (!set.Sequential) continue;
            var own = document.Score(set.Element, "score", score);
            for (var i = 1; i < set.Resources.Count; i++)
            {
                // Members that repel each other repel every earlier one, not only their neighbour.
                if (own >= 0) Together(element, set.Resources[i], set.Resources[i - 1], own);
                else foreach (var earlier in set.Resources.Take(i)) Together(element, set.Resources[i], earlier, own);
            }
        }

        for (var i = 1; i < sets.Count; i++)
        {
            var (dependents, primaries) = (sets[i - 1], sets[i]);
            TogetherAll(element, dependents.Sequential ? dependents.Resources.Take(1) : dependents.Resources,
                primaries.Sequential ? primaries.Resources.TakeLast(1) : primaries.Resources, score);
        }
    }

    private void TogetherAll(
        XElement element, IEnumerable<string> dependents, IEnumerable<string> primaries, int score)
    {
        foreach (var dependent in dependents)
        {
            foreach (var primary in primaries) Together(element, dependent, primary, score);
        }
    }

    private void Together(XElement element, string dependent, string primary, int score) =>
        colocations.Add(new ColocationConstraint
        {
            Id = Id(element), Dependent = dependent, Primary = primary, Score = score,
            NodeAttribute = Text(element, "node-attribute") ?? "#uname",
            Influence = document.Flag(element, "influence", true),
        });

    private void Order(XElement element)
    {
        if (Text(element, "first") is not { } first || Text(element, "then") is not { } then)
        {
            document.Findings.Add(element, "lacks first or then; it was left out");
            return;
        }

        var kind = Kind(element, null);
        var firstAction = Action(Text(element, "first-action"), OrderedAction.Start);
        var thenAction = Action(Text(element, "then-action"), firstAction ?? OrderedAction.Start);
        if (firstAction is null || thenAction is null)
        {
            document.Findings.Add(element, "orders promotion or demotion, which is not supported; it was left out");
            return;
        }

        foreach (var one in document.Meant(first))
        {
            foreach (var other in document.Meant(then)) orders.Add(Between(one, other));
        }

        OrderConstraint Between(string before, string after) => new()
        {
            Id = Id(element), First = [before], Then = after, Kind = kind,
            FirstAction = firstAction.Value, ThenAction = thenAction.Value,
            Symmetrical = document.Flag(element, "symmetrical", true) && kind != OrderKind.Serialize,
            CountsCopies = true,
            // Of a single resource all is required, whatever is said; of a clone, one copy may be enough.
            RequireAll = document.Flag(element, "require-all", true)
                || document.ById(before)?.Name.LocalName is not ("clone" or "master"),
        };
    }

    private void OrderSets(XElement element, List<ResourceSet> sets)
    {
        var kind = Kind(element, null);
        var symmetrical = document.Flag(element, "symmetrical", true);
        var any = Action(Text(element, "action"), OrderedAction.Start) ?? OrderedAction.Start;
        OrderConstraint Between(OrderKind strength, ResourceSet first, ResourceSet then) => new()
        {
            Id = Id(element), First = [], Then = "", Kind = strength,
            FirstAction = Action(Text(first.Element, "action"), any) ?? any,
            ThenAction = Action(Text(then.Element, "action"), any) ?? any,
            Symmetrical = symmetrical && strength != OrderKind.Serialize,
        };
        for (var i = 0; i < sets.Count; i++)
        {
            var set = sets[i];
            var own = Between(Kind(set.Element, kind), set, set);
            for (var j = 1; set.Sequential && j < set.Resources.Count; j++)
                orders.Add(own with { First = [set.Resources[j - 1]], Then = set.Resources[j] });
            if (i == 0 || set.Resources.Count == 0) continue;
            var previous = sets[i - 1];
            var link = Between(kind, previous, set);
            foreach (var then in set.Sequential ? set.Resources.Take(1) : set.Resources)
            {
                if (!previous.RequireAll)
                {
                    orders.Add(link with { First = [.. previous.Resources], Then = then, RequireAll = false });
                    continue;
                }

                foreach (var first in previous.Sequential ? previous.Resources.TakeLast(1) : previous.Resources)
                    orders.Add(link with { First = [first], Then = then });
            }
        }
    }

    private OrderKind Kind(XElement element, OrderKind? preset)
    {
        switch (Text(element, "kind"))
        {
            case "Optional":
                return OrderKind.Optional;
            case "Serialize":
                return OrderKind.Serialize;
            case "Mandatory":
                return OrderKind.Mandatory;
            case null:
                // Before kinds there were scores: zero meant optional.
                if (element.Attribute("score") is not null)
                    return document.Score(element, "score", 0) == 0 ? OrderKind.Optional : OrderKind.Mandatory;
                return preset ?? OrderKind.Mandatory;
            case var other:
                document.Findings.Add(element, $"has kind='{other}', which is not known; Mandatory is used");
                return OrderKind.Mandatory;
        }
    }

    private static OrderedAction? Action(string? text, OrderedAction preset) => text switch
    {
        null => preset,
        "start" => OrderedAction.Start,
        "stop" => OrderedAction.Stop,
        _ => null,
    };

    private static bool IsPromoted(string? role) => role is "Promoted" or "Master";

    private static string Id(XElement element) => Text(element, "id") ?? "";

    private static string? Text(XElement element, string attribute) => (string?)element.Attribute(attribute);
}

/// <summary>A set inside a constraint.</summary>
internal sealed record ResourceSet(XElement Element, List<string> Resources, bool Sequential, bool RequireAll)
{
    public static List<ResourceSet> ReadAll(CibDocument document, XElement constraint)
    {
        var sets = new List<ResourceSet>();
        foreach (var element in CibDocument.Children(constraint, "resource_set"))
        {
            if (document.Resolve(element) is not { } set) continue;
            List<string> resources = [.. CibDocument.Children(set, "resource_ref")
                .Select(one => (string?)one.Attribute("id")).OfType<string>().SelectMany(one => document.Meant(one))];
            sets.Add(new ResourceSet(set, resources, document.Flag(set, "sequential", true),
                document.Flag(set, "require-all", true)));
        }

        return sets;
    }
}
