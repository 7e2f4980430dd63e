using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Fencing;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>What a document must fit: this cluster's ha.cf.</summary>
/// <param name="Nodes">Nodes of ha.cf, in its order.</param>
/// <param name="Deadtime">Silence after which a node is lost.</param>
/// <param name="Keepalive">Time between two heartbeats.</param>
/// <param name="HasWatchdog">Whether the nodes' agents pet a watchdog: a promise that counts on one is refused without.
/// </param>
public sealed record ClusterFacts(
    ImmutableArray<string> Nodes, TimeSpan Deadtime, TimeSpan Keepalive, bool HasWatchdog = true);

/// <summary>What reading a document gave.</summary>
/// <param name="Document">The document; null when it has an error.</param>
/// <param name="Active">What the engine runs; null when it has an error.</param>
/// <param name="Findings">Every error and warning, in the order of the checks.</param>
public sealed record ConfigurationReading(
    ConfigurationDocument? Document, ActiveConfiguration? Active, ImmutableArray<DocumentFinding> Findings);

/// <summary>Reads a cluster configuration: as a whole, all mistakes at once, or not at all. Never throws.</summary>
public static class ConfigurationReader
{
    /// <summary>Greatest size of a document, bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int MaxDepth = 32;

    /// <summary>Reads and checks a document.</summary>
    /// <param name="text">JSON, UTF-8.</param>
    /// <param name="facts">The cluster it is for.</param>
    public static ConfigurationReading Read(ReadOnlyMemory<byte> text, ClusterFacts facts)
    {
        var findings = new DocumentFindings();
        var document = Structure(text, findings);
        if (document is null) return new(null, null, findings.ToImmutable());
        Check(document, facts, findings);
        if (findings.HasErrors) return new(null, null, findings.ToImmutable());

        var active = DocumentCompiler.Compile(document, facts.Nodes);
        foreach (var finding in SelfFencing.Check(active.Safety, facts.Deadtime, facts.Keepalive))
            findings.Error(finding.Path, finding.Problem, finding.Advice);
        // The others would take over counting on a reset that never comes.
        if (active.Safety.Watchdog is not null && !facts.HasWatchdog)
            findings.Error("/fencing/watchdog", "the agents of this release pet no watchdog: nothing would reset a node",
                "leave it out, and fence nodes by devices or keep the promise without it");
        return findings.HasErrors ? new(null, null, findings.ToImmutable())
            : new(document, active, findings.ToImmutable());
    }

    /// <summary>Checks what the members of a document mean together.</summary>
    internal static void Check(ConfigurationDocument document, ClusterFacts facts, DocumentFindings findings)
    {
        var names = new DocumentNames(document, facts.Nodes, findings);
        OptionChecks.Run(document, names);
        ResourceChecks.Run(document, names);
        UnitChecks.Run(document, names);
        ConstraintChecks.Run(document, names);
        FencingChecks.Run(document, names);
        HealthChecks.Run(document, names);
    }

    // Null when there is nothing to look at. With errors it is what remains without them.
    private static ConfigurationDocument? Structure(ReadOnlyMemory<byte> text, DocumentFindings findings)
    {
        if (text.Length > MaxBytes)
        {
            findings.Error("", $"it has {text.Length} bytes, more than {MaxBytes >> 20} MiB",
                "check that this is a cluster configuration");
            return null;
        }

        if (text.Span.StartsWith("\uFEFF"u8)) text = text[3..];
        if (!Utf8.IsValid(text.Span))
        {
            findings.Error("", "it is not UTF-8", "save it as UTF-8");
            return null;
        }

        JsonNode? checkedText;
        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            checkedText = new StructureCheck(findings).Check("", json.RootElement, DocumentShapes.Document);
        }
        catch (JsonException e)
        {
            findings.Error("",
                $"it is not JSON: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: {Reason(e)}",
                "correct this place; comments and commas before a closing bracket are not allowed");
            return null;
        }

        return checkedText.Deserialize(ConfigurationText.TypeInfo);
    }

    // The message ends with the place once more.
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return Configuration.FileFindings.Printable((end < 0 ? e.Message : e.Message[..end]).TrimEnd('.', ' '));
    }
}
