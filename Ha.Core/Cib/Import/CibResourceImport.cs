using System.Xml.Linq;
using Ha.Core.ClusterConfiguration.Documents;

namespace Ha.Core.Cib.Import;

/// <summary>Imports resources: primitives with their templates, groups, clones.</summary>
internal sealed class CibResourceImport(CibDocument cib, CibImportReport report)
{
    private static readonly string[] Classes = ["ocf", "systemd", "lsb", "heartbeat"];
    private readonly CibMetaImport meta = new(report);

    public List<ConfiguredResource> Resources { get; } = [];

    public List<ConfiguredGroup> Groups { get; } = [];

    public List<ConfiguredClone> Clones { get; } = [];

    /// <summary>Primitives that are fence devices.</summary>
    public List<XElement> Devices { get; } = [];

    /// <summary>Everything that constraints may name.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    public void ReadAll(XElement section)
    {
        foreach (var element in section.Elements()) Read(element, depth: 0);
        foreach (var template in CibDocument.Children(section, "template"))
            report.Translated(template, "written out in each resource that uses it");
    }

    /// <summary>Meta attributes of an element; null when there are none.</summary>
    public ResourceMeta? Meta(XElement element, CloneSettings? clone)
    {
        var values = new ResourceMeta();
        foreach (var pair in Sources(element).SelectMany(
            source => CibPairs.Read(cib, source, "meta_attributes", report)).DistinctBy(pair => pair.Name))
            values = meta.Read(pair, values, clone);
        return values == new ResourceMeta() ? null : values;
    }

    /// <summary>Defaults of operations; null when there are none.</summary>
    public OperationDefaults? Defaults(XElement section)
    {
        var defaults = new OperationDefaults();
        foreach (var pair in CibPairs.Read(cib, section, "meta_attributes", report))
        {
            switch (pair.Name)
            {
                case "timeout" when CibOperationImport.Timeout(pair.Value) is { } timeout:
                    defaults = defaults with { Timeout = timeout };
                    report.Translated(pair.Element, "operationDefaults");
                    break;
                case "on-fail" when CibOperationImport.OnFail(pair.Value) is { } onFail:
                    defaults = defaults with { OnFail = onFail };
                    report.Translated(pair.Element, "operationDefaults");
                    break;
                default:
                    report.NotSupported(pair.Element, $"'{pair.Value}' has no counterpart among operation defaults");
                    break;
            }
        }

        return defaults == new OperationDefaults() ? null : defaults;
    }

    // The id of what was read; null when it was left out.
    private string? Read(XElement element, int depth)
    {
        if ((string?)element.Attribute("id") is not { Length: > 0 } id) return null;
        switch (element.Name.LocalName)
        {
            case "primitive":
                return Primitive(element, id);
            case "group" when depth < 2:
                return Group(element, id, depth);
            case "clone" or "master" when depth == 0:
                return Clone(element, id);
            case "template" or "meta_attributes" or "instance_attributes" or "operations":
                return null;
            default:
                report.NotSupportedAll(element, "this kind of resource is not supported");
                return null;
        }
    }

    private string? Primitive(XElement element, string id)
    {
        var sources = Sources(element);
        var agent = sources[^1];
        var (agentClass, provider, type) = ((string?)agent.Attribute("class") ?? "",
            (string?)agent.Attribute("provider"), (string?)agent.Attribute("type") ?? "");
        if (agentClass == "stonith")
        {
            Devices.Add(element);
            return null;
        }

        if (!Classes.Contains(agentClass))
        {
            report.NotSupportedAll(element, $"there is no agent class '{agentClass}' here");
            return null;
        }

        var (parameters, arguments) = Parameters(element, agentClass);
        var operations = new CibOperationImport(cib, report);
        foreach (var source in sources) operations.ReadAll(source);
        Resources.Add(new ConfiguredResource
        {
            Id = id,
            Type = provider is null ? $"{agentClass}:{type}" : $"{agentClass}:{provider}:{type}",
            Parameters = parameters,
            Arguments = arguments,
            Meta = Meta(element, clone: null),
            Operations = operations.Finish(element),
        });
        report.Translated(element, "a resource");
        Names.Add(id);
        return id;
    }

    private (ImmutableSortedDictionary<string, string>, ImmutableArray<string>) Parameters(
        XElement element, string agentClass)
    {
        var pairs = Sources(element).Concat(element.Ancestors().Where(one => one.Name.LocalName is "group" or "clone"))
            .SelectMany(source => CibPairs.Read(cib, source, "instance_attributes", report))
            .DistinctBy(pair => pair.Name).ToList();
        switch (agentClass)
        {
            case "ocf":
                foreach (var pair in pairs) report.Translated(pair.Element, "a parameter");
                return (SortedText.Empty.AddRange(
                    pairs.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))), []);
            case "heartbeat":
                // Pacemaker numbers the arguments of such scripts.
                var numbered = pairs.Where(pair => int.TryParse(pair.Name, out _)).OrderBy(pair => int.Parse(pair.Name))
                    .ToList();
                foreach (var pair in numbered) report.Translated(pair.Element, "an argument");
                foreach (var pair in pairs.Except(numbered))
                    report.NotSupported(pair.Element, "scripts take numbered arguments only");
                return (SortedText.Empty, [.. numbered.Select(pair => pair.Value)]);
            default:
                foreach (var pair in pairs)
                    report.NotSupported(pair.Element, $"an agent of class {agentClass} takes no parameters");
                return (SortedText.Empty, []);
        }
    }

    private string? Group(XElement element, string id, int depth)
    {
        ImmutableArray<string> members =
            [.. element.Elements().Select(child => Read(child, depth + 1)).OfType<string>()];
        if (members.IsEmpty)
        {
            report.NotSupported(element, "none of its members is a resource here");
            return null;
        }

        report.Translated(element, "a group");
        Groups.Add(new ConfiguredGroup { Id = id, Members = members, Meta = Meta(element, clone: null) });
        Names.Add(id);
        return id;
    }

    private string? Clone(XElement element, string id)
    {
        if (element.Elements().Select(child => Read(child, 1)).OfType<string>().FirstOrDefault() is not { } repeated)
        {
            report.NotSupported(element, "what it repeats is no resource here");
            return null;
        }

        if (element.Name.LocalName == "master")
            report.NotSupported(element, "promotion is not supported; it is a plain clone here");
        else
            report.Translated(element, "a clone");
        var settings = new CloneSettings();
        var values = Meta(element, settings);
        Clones.Add(new ConfiguredClone
        {
            Id = id, Resource = repeated, CloneMax = settings.Max, GloballyUnique = settings.Unique,
            // Copies that do not differ run once on a node, whatever is asked for.
            CloneNodeMax = settings.Unique == true ? settings.NodeMax : null,
            Interleave = settings.Interleave, Meta = values,
        });
        Names.Add(id);
        return id;
    }

    // The element itself, and the template that it is made from.
    private List<XElement> Sources(XElement element) =>
        (string?)element.Attribute("template") is { } id && cib.ById(id) is { Name.LocalName: "template" } template
            ? [element, template] : [element];
}

/// <summary>What a clone's meta attributes say of its copies.</summary>
internal sealed class CloneSettings
{
    public int? Max { get; set; }

    public int? NodeMax { get; set; }

    public bool? Unique { get; set; }

    public bool? Interleave { get; set; }
}
