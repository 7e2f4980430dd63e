using System.Xml.Linq;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Cib;

/// <summary>Collects findings; bounded, so that a hostile document cannot fill memory with complaints.</summary>
internal sealed class CibFindings
{
    private const int Limit = 1000;
    private readonly List<CibFinding> all = [];

    public void Add(XElement element, string message) => Add(Describe(element), message);

    public void Add(string where, string message)
    {
        if (all.Count < Limit) all.Add(new CibFinding(where, message));
    }

    public ImmutableArray<CibFinding> ToImmutable() => [.. all];

    private static string Describe(XElement element)
    {
        var id = (string?)element.Attribute("id");
        return id is null ? element.Name.LocalName : $"{element.Name.LocalName} '{id}'";
    }
}

/// <summary>A parsed CIB with what every part of it needs: references by id, attribute sets, numbers.</summary>
internal sealed class CibDocument
{
    private readonly Dictionary<string, XElement> byId = new(StringComparer.Ordinal);

    public CibDocument(XElement root, CibFindings findings)
    {
        Root = root;
        Findings = findings;
        foreach (var element in Section(root, "configuration").DescendantsAndSelf())
        {
            if ((string?)element.Attribute("id") is { } id) byId.TryAdd(id, element);
        }
    }

    public XElement Root { get; }

    public CibFindings Findings { get; }

    /// <summary>The first child of that name; an empty element when there is none.</summary>
    public static XElement Section(XElement parent, string name) =>
        Children(parent, name).FirstOrDefault() ?? new XElement(name);

    public static IEnumerable<XElement> Children(XElement parent, params string[] names) =>
        parent.Elements().Where(element => names.Contains(element.Name.LocalName));

    public void ReportUnknown(XElement parent, params string[] known)
    {
        foreach (var element in parent.Elements())
        {
            if (!known.Contains(element.Name.LocalName)) Findings.Add(element, "is not supported; it was left out");
        }
    }

    /// <summary>Attribute sets of one kind, with references resolved.</summary>
    public ImmutableArray<AttributeSet> Sets(XElement parent, string kind)
    {
        var sets = ImmutableArray.CreateBuilder<AttributeSet>();
        foreach (var element in Children(parent, kind))
        {
            if (Resolve(element) is { } set) sets.Add(Set(set));
        }

        return sets.ToImmutable();
    }

    /// <summary>The element itself, or the one its <c>id-ref</c> names; null (and a finding) when there is
    /// none.</summary>
    public XElement? Resolve(XElement element)
    {
        if ((string?)element.Attribute("id-ref") is not { } reference) return element;
        if (byId.TryGetValue(reference, out var found) && found.Name.LocalName == element.Name.LocalName) return found;
        Findings.Add(element, $"refers to '{reference}', which is no {element.Name.LocalName}; it was left out");
        return null;
    }

    /// <summary>The resources that an id in a constraint means: itself, all of a tag, or all made from a
    /// template.</summary>
    public ImmutableArray<string> Meant(string id)
    {
        var configuration = Section(Root, "configuration");
        foreach (var tag in Children(Section(configuration, "tags"), "tag"))
        {
            if ((string?)tag.Attribute("id") == id)
                return [.. Children(tag, "obj_ref").Select(one => (string?)one.Attribute("id")).OfType<string>()];
        }

        if (ById(id)?.Name.LocalName != "template") return [id];
        return [.. Section(configuration, "resources").Descendants()
            .Where(one => (string?)one.Attribute("template") == id)
            .Select(one => (string?)one.Attribute("id")).OfType<string>()];
    }

    public XElement? ById(string id) => byId.GetValueOrDefault(id);

    public AttributeSet Set(XElement element)
    {
        var values = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var pair in Children(element, "nvpair"))
        {
            if (Resolve(pair) is not { } source) continue;
            var name = (string?)pair.Attribute("name") ?? (string?)source.Attribute("name");
            // A pair without value unsets nothing and sets nothing.
            if (name is not null && (string?)source.Attribute("value") is { } value)
                values.Add(KeyValuePair.Create(name, value));
        }

        ReportUnknown(element, "nvpair", "rule");
        var rule = Children(element, "rule").Select(Resolve).FirstOrDefault(one => one is not null);
        return new AttributeSet((string?)element.Attribute("id") ?? "", Score(element, "score", 0),
            rule is null ? null : CibRules.Read(this, rule), values.ToImmutable());
    }

    public int Score(XElement element, string attribute, int preset)
    {
        if ((string?)element.Attribute(attribute) is not { } text) return preset;
        if (Policy.Score.TryParse(text) is { } score) return score;
        Findings.Add(element, $"has {attribute}='{text}', which is no score; 0 is used");
        return 0;
    }

    public bool Flag(XElement element, string attribute, bool preset)
    {
        if ((string?)element.Attribute(attribute) is not { } text) return preset;
        if (Values.Boolean(text) is { } flag) return flag;
        var used = preset ? "true" : "false";
        Findings.Add(element, $"has {attribute}='{text}', which is neither true nor false; {used} is used");
        return preset;
    }
}
