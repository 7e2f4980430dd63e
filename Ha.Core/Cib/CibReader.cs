using System.IO;
using System.Xml;
using System.Xml.Linq;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib;

/// <summary>Something in a CIB that was not understood, or not taken over.</summary>
/// <param name="Where">The element, for example <c>primitive 'web'</c>.</param>
/// <param name="Message">What it is and what became of it.</param>
public sealed record CibFinding(string Where, string Message);

/// <summary>What was read.</summary>
/// <param name="Model">The model; null when the text is no CIB at all, which the findings then explain.</param>
/// <param name="Findings">Everything that was left out or guessed.</param>
public sealed record CibReading(ClusterModel? Model, ImmutableArray<CibFinding> Findings);

/// <summary>
/// Reads a Pacemaker CIB: configuration, node states and operation history. Namespaces are ignored, DTDs refused.
/// What is not known is reported and left out.
/// </summary>
public static class CibReader
{
    /// <summary>Greatest size that is read, characters.</summary>
    public const int MaxCharacters = 64 * 1024 * 1024;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 64;

    /// <summary>Reads a CIB.</summary>
    /// <param name="text">The XML.</param>
    /// <param name="now">The moment to plan for, unless the CIB itself names one (<c>execution-date</c>).</param>
    public static CibReading Read(string text, DateTimeOffset now)
    {
        var findings = new CibFindings();
        if (Open(text, findings) is not { } document) return new CibReading(null, findings.ToImmutable());
        if (document.Root.Attribute("execution-date") is { } date && long.TryParse(date.Value, out var seconds)
            && seconds is > 0 and < 253_402_300_800)
        {
            now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        return new CibReading(Assemble(document, now), findings.ToImmutable());
    }

    /// <summary>Opens a CIB; null when the text is none, which the findings then explain.</summary>
    internal static CibDocument? Open(string text, CibFindings findings)
    {
        if (Parse(text, findings) is not { } root) return null;
        if (root.Name.LocalName == "cib") return new CibDocument(root, findings);
        findings.Add(root, "is not a CIB: the outermost element must be 'cib'");
        return null;
    }

    private static ClusterModel Assemble(CibDocument document, DateTimeOffset now)
    {
        var configuration = CibDocument.Section(document.Root, "configuration");
        var status = CibDocument.Section(document.Root, "status");
        document.ReportUnknown(document.Root, "configuration", "status");
        document.ReportUnknown(configuration, "crm_config", "nodes", "resources", "constraints", "op_defaults",
            "rsc_defaults", "alerts", "acls", "tags");
        var states = CibStatus.NodeStates(document, status);
        var constraints = new CibConstraints(document);
        constraints.ReadAll(CibDocument.Section(configuration, "constraints"));
        return new ClusterModel
        {
            Now = now,
            Options = CibOptions.Read(document, CibDocument.Section(configuration, "crm_config")),
            Nodes = CibNodes.Read(document, CibDocument.Section(configuration, "nodes"), states),
            Resources = CibResources.Read(document, CibDocument.Section(configuration, "resources")),
            Locations = constraints.Locations,
            Colocations = constraints.Colocations,
            Orders = constraints.Orders,
            History = CibStatus.History(document, states),
            FailCounts = CibStatus.FailCounts(states),
            ResourceDefaults = document.Sets(CibDocument.Section(configuration, "rsc_defaults"), "meta_attributes"),
            OperationDefaults = document.Sets(CibDocument.Section(configuration, "op_defaults"), "meta_attributes"),
        };
    }

    private static XElement? Parse(string text, CibFindings findings)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true,
            IgnoreProcessingInstructions = true, IgnoreWhitespace = true, MaxCharactersInDocument = MaxCharacters,
        };
        try
        {
            using (var depth = XmlReader.Create(new StringReader(text), settings))
            {
                while (depth.Read())
                {
                    if (depth.Depth <= MaxDepth) continue;
                    findings.Add("document", $"is nested deeper than {MaxDepth} elements; nothing was read");
                    return null;
                }
            }

            using var reader = XmlReader.Create(new StringReader(text), settings);
            return XDocument.Load(reader, LoadOptions.SetLineInfo).Root;
        }
        catch (XmlException e)
        {
            findings.Add("document", $"is not well-formed XML, nothing was read: {e.Message}");
            return null;
        }
    }
}
