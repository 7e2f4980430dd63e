using System.Globalization;
using System.IO;
using System.Xml;
using System.Xml.Linq;

namespace Ha.Core.Resources;

/// <summary>What was read of an agent's meta-data.</summary>
/// <param name="MetaData">Null when it cannot be read.</param>
/// <param name="Problem">Why not, a sentence for the operator; null when it was read.</param>
public sealed record AgentMetaDataReading(AgentMetaData? MetaData, string? Problem);

/// <summary>
/// Reads the XML that an agent prints for <c>meta-data</c>. A DTD that it names is neither read nor fetched, entities
/// are not expanded, and size, depth and counts are bounded: agents come from anywhere.
/// </summary>
public static class AgentMetaDataReader
{
    /// <summary>Greatest size that is read, characters.</summary>
    public const int MaxCharacters = 1024 * 1024;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 16;

    /// <summary>Most parameters, and most actions, that are read.</summary>
    public const int MaxEntries = 500;

    private const string Root = "resource-agent";

    /// <summary>Reads meta-data.</summary>
    /// <param name="output">What the agent printed; words before and after the document are passed over.</param>
    public static AgentMetaDataReading Read(string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.Length > MaxCharacters)
            return Refused($"it is longer than {MaxCharacters} characters");
        var begin = output.IndexOf('<' + Root, StringComparison.Ordinal);
        var end = output.LastIndexOf($"</{Root}>", StringComparison.Ordinal);
        if (begin < 0 || end < begin) return Refused($"it holds no element '{Root}'");
        // The prologue is left out with the words before: it holds nothing but the encoding and a DTD.
        var document = output[begin..(end + Root.Length + 3)];
        try
        {
            return Read(Parse(document));
        }
        catch (XmlException bad)
        {
            return Refused($"line {bad.LineNumber} of it is no XML: {bad.Message}");
        }
    }

    private static XElement Parse(string document)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true,
            IgnoreProcessingInstructions = true, MaxCharactersInDocument = MaxCharacters,
        };
        using (var depth = XmlReader.Create(new StringReader(document), settings))
        {
            while (depth.Read())
            {
                if (depth.Depth > MaxDepth) throw new XmlException($"nested deeper than {MaxDepth} elements");
            }
        }

        using var reader = XmlReader.Create(new StringReader(document), settings);
        return XElement.Load(reader);
    }

    private static AgentMetaDataReading Read(XElement root)
    {
        var parameters = root.Elements("parameters").Elements("parameter").Take(MaxEntries + 1).ToList();
        var actions = root.Elements("actions").Elements("action").Take(MaxEntries + 1).ToList();
        if (parameters.Count > MaxEntries || actions.Count > MaxEntries)
            return Refused($"it has more than {MaxEntries} parameters or actions");
        if (Word(root, "name") is not { Length: > 0 } name) return Refused($"'{Root}' has no name");
        return new(new AgentMetaData
        {
            Name = name,
            Version = Word(root, "version") ?? Text(root, "version"),
            ShortDescription = OneLine(Text(root, "shortdesc")),
            LongDescription = Text(root, "longdesc"),
            Parameters = [.. parameters.Where(static p => Word(p, "name") is { Length: > 0 }).Select(Parameter)
                .DistinctBy(static p => p.Name, StringComparer.Ordinal)],
            Actions = [.. actions.Where(static a => Word(a, "name") is { Length: > 0 }).Select(Action)],
        }, Problem: null);
    }

    private static AgentParameter Parameter(XElement element)
    {
        var content = element.Element("content");
        ImmutableArray<string> choices = content is null
            ? []
            : [.. content.Elements("option").Select(static option => Word(option, "value") ?? "")];
        return new AgentParameter
        {
            Name = Word(element, "name")!,
            IsRequired = IsTrue(Word(element, "required")),
            IsUnique = IsTrue(Word(element, "unique")) || Word(element, "unique-group") is { Length: > 0 },
            IsDeprecated = element.Element("deprecated") is not null || IsTrue(Word(element, "deprecated")),
            Kind = Kind(content is null ? "" : Word(content, "type") ?? ""),
            Default = content is null ? null : Word(content, "default"),
            Choices = choices,
            ShortDescription = OneLine(Text(element, "shortdesc")),
            LongDescription = Text(element, "longdesc"),
        };
    }

    private static AgentAction Action(XElement element) => new(
        Word(element, "name")!,
        Duration(Word(element, "timeout")),
        Duration(Word(element, "interval")),
        int.TryParse(Word(element, "depth"), CultureInfo.InvariantCulture, out var depth) && depth > 0 ? depth : 0,
        Word(element, "role"));

    private static AgentParameterKind Kind(string type) => type switch
    {
        "integer" or "second" => AgentParameterKind.Integer,
        "boolean" => AgentParameterKind.Boolean,
        "select" or "enum" => AgentParameterKind.Choice,
        "time" or "duration" => AgentParameterKind.Duration,
        "percentage" => AgentParameterKind.Percentage,
        _ => AgentParameterKind.Text,
    };

    /// <summary><c>20</c>, <c>20s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>; null for anything else.</summary>
    internal static TimeSpan? Duration(string? text)
    {
        if (text is null) return null;
        var digits = text.Length - text.AsSpan().TrimStart("0123456789").Length;
        if (!int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        TimeSpan? unit = text.AsSpan(digits).Trim() switch
        {
            "" or "s" or "sec" => TimeSpan.FromSeconds(1),
            "ms" or "msec" => TimeSpan.FromMilliseconds(1),
            "m" or "min" => TimeSpan.FromMinutes(1),
            "h" or "hr" => TimeSpan.FromHours(1),
            _ => null,
        };
        return unit is { } one ? TimeSpan.FromTicks(one.Ticks * number) : null;
    }

    private static string? Word(XElement element, string attribute) => element.Attribute(attribute)?.Value.Trim();

    /// <summary>The text of a child element, English when there are several languages, without margins.</summary>
    private static string Text(XElement element, string name)
    {
        var all = element.Elements(name).ToList();
        var english = all.Find(static e =>
            e.Attribute("lang")?.Value.StartsWith("en", StringComparison.Ordinal) == true);
        return ((english ?? all.FirstOrDefault())?.Value ?? "").Trim();
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool IsTrue(string? word) => word is "1" or "true" or "yes";

    private static AgentMetaDataReading Refused(string problem) => new(null, problem);
}
