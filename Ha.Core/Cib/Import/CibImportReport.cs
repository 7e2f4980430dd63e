using System.Xml;
using System.Xml.Linq;

namespace Ha.Core.Cib.Import;

/// <summary>What became of a line of a CIB.</summary>
public enum CibImportOutcome
{
    /// <summary>It stands in the document.</summary>
    Translated,

    /// <summary>It says what holds here anyway, so that it need not stand in the document.</summary>
    EqualByDefault,

    /// <summary>It has no counterpart and was left out.</summary>
    NotSupported,
}

/// <summary>What became of one element of a CIB.</summary>
/// <param name="Line">Line of the file, from 1; 0 when it concerns the file as a whole.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Element">The element, for example <c>nvpair 'priority'</c>.</param>
/// <param name="Message">Where it is now, or why it is not.</param>
public sealed record CibImportLine(int Line, CibImportOutcome Outcome, string Element, string Message);

/// <summary>Collects what became of each element: the first word on it counts.</summary>
internal sealed class CibImportReport
{
    /// <summary>Elements that only hold others, and say nothing themselves.</summary>
    private static readonly string[] Containers =
    [
        "cib", "configuration", "crm_config", "cluster_property_set", "nodes", "resources", "constraints",
        "rsc_defaults", "op_defaults", "operations", "meta_attributes", "instance_attributes", "fencing-topology",
        "tags", "resource_set", "alerts", "acls",
    ];

    private readonly Dictionary<XElement, CibImportLine> lines = [];

    public void Translated(XElement element, string message) => Add(element, CibImportOutcome.Translated, message);

    public void EqualByDefault(XElement element, string message) =>
        Add(element, CibImportOutcome.EqualByDefault, message);

    public void NotSupported(XElement element, string message) => Add(element, CibImportOutcome.NotSupported, message);

    /// <summary>Leaves out an element with all that is in it.</summary>
    public void NotSupportedAll(XElement element, string message)
    {
        foreach (var inner in element.DescendantsAndSelf()) NotSupported(inner, message);
    }

    /// <summary>The lines, by their number; an element that nobody spoke of was not known.</summary>
    public ImmutableArray<CibImportLine> Finish(XElement configuration)
    {
        foreach (var element in configuration.Descendants())
        {
            if (!Containers.Contains(element.Name.LocalName)) NotSupported(element, "is not known here");
        }

        return [.. lines.Values.OrderBy(line => line.Line)];
    }

    private void Add(XElement element, CibImportOutcome outcome, string message) =>
        lines.TryAdd(element, new CibImportLine(
            ((IXmlLineInfo)element).HasLineInfo() ? ((IXmlLineInfo)element).LineNumber : 0, outcome,
            Describe(element), message));

    private static string Describe(XElement element)
    {
        var name = (string?)element.Attribute("name") ?? (string?)element.Attribute("id")
            ?? (string?)element.Attribute("id-ref");
        return name is null ? element.Name.LocalName
            : $"{element.Name.LocalName} '{Configuration.FileFindings.Printable(name)}'";
    }
}
