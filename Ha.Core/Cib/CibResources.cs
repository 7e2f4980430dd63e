using System.Xml.Linq;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib;

/// <summary>Reads resources; templates are merged into what uses them.</summary>
internal static class CibResources
{
    public static ImmutableArray<ResourceModel> Read(CibDocument document, XElement section)
    {
        var resources = ImmutableArray.CreateBuilder<ResourceModel>();
        foreach (var element in section.Elements())
        {
            if (element.Name.LocalName != "template" && Read(document, element, depth: 0) is { } resource)
                resources.Add(resource);
        }

        return resources.ToImmutable();
    }

    private static ResourceModel? Read(CibDocument document, XElement element, int depth)
    {
        ResourceKind? kind = element.Name.LocalName switch
        {
            "primitive" => ResourceKind.Primitive,
            "group" when depth < 2 => ResourceKind.Group,
            "clone" or "master" when depth == 0 => ResourceKind.Clone,
            _ => null,
        };
        var id = (string?)element.Attribute("id");
        if (kind is null || string.IsNullOrEmpty(id))
        {
            if (element.Name.LocalName
                is not ("meta_attributes" or "instance_attributes" or "operations" or "utilization"))
                document.Findings.Add(element, "is not supported here; it was left out");
            return null;
        }

        if (element.Name.LocalName == "master" || IsPromotable(element))
            document.Findings.Add(element, "is promotable, which is not supported; it is treated as a plain clone");
        var meta = document.Sets(element, "meta_attributes");
        if (kind != ResourceKind.Primitive)
        {
            ImmutableArray<ResourceModel> members =
                [.. element.Elements().Select(child => Read(document, child, depth + 1)).OfType<ResourceModel>()];
            return new ResourceModel
            {
                Id = id, Kind = kind.Value, Meta = meta, Members = members,
                Parameters = document.Sets(element, "instance_attributes"),
            };
        }

        document.ReportUnknown(element, "meta_attributes", "instance_attributes", "operations", "utilization");
        return Primitive(document, element, id, meta);
    }

    private static ResourceModel Primitive(
        CibDocument document, XElement element, string id, ImmutableArray<AttributeSet> meta)
    {
        XElement[] sources = [element];
        if ((string?)element.Attribute("template") is { } reference)
        {
            if (document.ById(reference) is { } template && template.Name.LocalName == "template")
                sources = [element, template];
            else document.Findings.Add(element, $"uses template '{reference}', which does not exist");
        }

        var agent = sources[^1];
        var operations = new List<OperationModel>();
        foreach (var source in sources)
        {
            foreach (var operation in Operations(document, source))
            {
                // What the primitive says itself wins over its template.
                var known = operations.Exists(
                    one => one.Name == operation.Name && one.IntervalMs == operation.IntervalMs);
                if (source == element || !known)
                    operations.Add(operation);
            }
        }

        return new ResourceModel
        {
            Id = id,
            Kind = ResourceKind.Primitive,
            Agent = new AgentName((string?)agent.Attribute("class") ?? "", (string?)agent.Attribute("provider") ?? "",
                (string?)agent.Attribute("type") ?? ""),
            Meta = sources.Length == 1 ? meta : [.. meta, .. document.Sets(sources[1], "meta_attributes")],
            Parameters = [.. sources.SelectMany(source => document.Sets(source, "instance_attributes"))],
            Operations = [.. operations],
        };
    }

    private static IEnumerable<OperationModel> Operations(CibDocument document, XElement source)
    {
        foreach (var list in CibDocument.Children(source, "operations"))
        {
            if (document.Resolve(list) is not { } operations) continue;
            document.ReportUnknown(operations, "op");
            foreach (var element in CibDocument.Children(operations, "op"))
            {
                if (document.Resolve(element) is not { } operation) continue;
                if (Operation(document, operation) is { } read) yield return read;
            }
        }
    }

    private static OperationModel? Operation(CibDocument document, XElement element)
    {
        if ((string?)element.Attribute("name") is not { } name)
        {
            document.Findings.Add(element, "has no name; it was left out");
            return null;
        }

        var interval = (string?)element.Attribute("interval") ?? "0";
        if (Values.Duration(interval) is not { } milliseconds)
        {
            document.Findings.Add(element, $"has interval='{interval}', which is no duration; it was left out");
            return null;
        }

        // Attributes of the element itself win over its attribute sets.
        var own = element.Attributes().Where(one => one.Name.LocalName is not ("id" or "name" or "interval"))
            .Select(one => KeyValuePair.Create(one.Name.LocalName, one.Value));
        return new OperationModel
        {
            Id = (string?)element.Attribute("id") ?? "", Name = name, IntervalMs = milliseconds,
            Settings =
            [
                new AttributeSet("", int.MaxValue, null, [.. own]), .. document.Sets(element, "meta_attributes"),
            ],
            Parameters = document.Sets(element, "instance_attributes"),
        };
    }

    private static bool IsPromotable(XElement clone) =>
        clone.Name.LocalName == "clone" && CibDocument.Children(clone, "meta_attributes")
            .SelectMany(set => CibDocument.Children(set, "nvpair"))
            .Any(pair => (string?)pair.Attribute("name") == "promotable" && (string?)pair.Attribute("value") == "true");
}
