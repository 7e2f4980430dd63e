using System.Collections.Immutable;
using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Transitions;

namespace Ha.Agent.State;

/// <summary>What a life begins with.</summary>
/// <param name="Active">What the engine runs; null when <c>cluster.json</c> cannot be used.</param>
/// <param name="History">The documents that were adopted, this one last.</param>
/// <param name="Intents">What operators want.</param>
/// <param name="Findings">Mistakes and warnings, each with file and JSON pointer.</param>
internal sealed record ConfigurationStart(ActiveConfiguration? Active, ConfigurationHistory History,
    ClusterIntents Intents, ImmutableArray<ConfigurationFinding> Findings);

/// <summary>
/// The cluster configuration in the state directory: <c>cluster.json</c> is what holds, <c>cluster-history</c> what
/// held before and who changed it, <c>intents.json</c> what operators want besides.
/// </summary>
internal static class ConfigurationFiles
{
    private const int MaxBytes = ConfigurationReader.MaxBytes * 2;
    private const int MaxIntentBytes = 1024 * 1024;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The document that holds.</summary>
    public static string DocumentPath(string directory) => Path.Combine(directory, "cluster.json");

    /// <summary>Versions, one file each.</summary>
    public static string HistoryPath(string directory) => Path.Combine(directory, "cluster-history");

    /// <summary>What operators want.</summary>
    public static string IntentsPath(string directory) => Path.Combine(directory, "intents.json");

    /// <summary>Reads what is there; changes nothing. Without a document haresources is version 1.0.</summary>
    /// <param name="directory">State directory; need not exist.</param>
    /// <param name="bootstrap">ha.cf and haresources of this node.</param>
    /// <param name="clock">When haresources was imported.</param>
    /// <exception cref="StateException">A file is there and cannot be read.</exception>
    public static ConfigurationStart Read(string directory, BootstrapConfiguration bootstrap, TimeProvider clock)
    {
        var findings = ImmutableArray.CreateBuilder<ConfigurationFinding>();
        var intents = ReadIntents(directory, findings);
        var path = DocumentPath(directory);
        if (DurableFile.Read(path, MaxBytes) is not { } content)
        {
            var imported = HaresourcesImport.Import(
                bootstrap.Groups, bootstrap.HaCf.Nodes, bootstrap.HaCf.AutoFailback);
            return new(DocumentCompiler.Compile(imported, bootstrap.HaCf.Nodes),
                ConfigurationHistory.Empty.Adopt(imported, "haresources", clock.GetUtcNow(), "imported at the start"),
                intents, findings.ToImmutable());
        }

        var reading = ConfigurationReader.Read(content,
            new ClusterFacts(
                bootstrap.HaCf.Nodes, bootstrap.HaCf.Deadtime, bootstrap.HaCf.Keepalive, HasWatchdog: false));
        findings.AddRange(reading.Findings.Select(finding => Located(path, finding)));
        if (reading.Document is not { } document)
            return new(null, ConfigurationHistory.Empty, intents, findings.ToImmutable());
        var edited = new DateTimeOffset(File.GetLastWriteTimeUtc(path));
        return new(reading.Active, ReadHistory(directory, document, edited, findings), intents, findings.ToImmutable());
    }

    /// <summary>A finding of a document, with its file.</summary>
    public static ConfigurationFinding Located(string path, DocumentFinding finding) => new(finding.Severity, path, 0,
        finding.Pointer.Length == 0 ? "document" : finding.Pointer, finding.Problem, finding.Advice);

    /// <summary>Writes what is new: versions first, then the one that holds, then what is no longer kept goes.</summary>
    /// <exception cref="StateException">It could not be made durable.</exception>
    public static void Write(string directory, ConfigurationHistory history)
    {
        var folder = HistoryPath(directory);
        try
        {
            Directory.CreateDirectory(folder);
            var kept = new HashSet<string>(StringComparer.Ordinal);
            foreach (var record in history.Records)
            {
                var file = Path.Combine(folder, FileName(record));
                kept.Add(file);
                if (!File.Exists(file)) DurableFile.Replace(file, StoredConfiguration.Write(record), Mode);
            }

            if (history.Current is { } current)
                DurableFile.Replace(DocumentPath(directory), ConfigurationText.Write(current.Document), Mode);
            foreach (var file in Directory.GetFiles(folder, "*.json"))
                if (!kept.Contains(file)) File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"{folder} cannot be written: {e.Message}; free space on its file system, or make "
                + "the directory writable for this agent", e);
        }
    }

    /// <summary>Writes what operators want.</summary>
    /// <exception cref="StateException">It could not be made durable.</exception>
    public static void Write(string directory, ClusterIntents intents) => DurableFile.Replace(IntentsPath(directory),
        JsonSerializer.SerializeToUtf8Bytes(intents, HaJson.Default.ClusterIntents), Mode);

    // Two documents of one version may both have been here: each keeps its own file.
    private static string FileName(ConfigurationRecord record) => $"{record.Version}-{record.Hash[..12]}.json";

    private static ConfigurationHistory ReadHistory(string directory, ConfigurationDocument document,
        DateTimeOffset edited, ImmutableArray<ConfigurationFinding>.Builder findings)
    {
        var known = new List<(StoredConfiguration Stored, ConfigurationDocument Document)>();
        var folder = HistoryPath(directory);
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : [];
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            if (DurableFile.Read(path, MaxBytes) is { } content && StoredConfiguration.Read(content) is { } record)
            {
                known.Add(record);
                continue;
            }

            findings.Add(new(FindingSeverity.Warning, path, 0, "", "it cannot be read as a version of the configuration",
                "restore it from a copy, or remove it: this version cannot be rolled back to"));
        }

        var history = ConfigurationHistory.Empty;
        foreach (var (stored, old) in known.Where(one => one.Document.Version < document.Version)
            .OrderBy(one => one.Document.Version).DistinctBy(one => one.Document.Version))
            history = history.Adopt(old, stored.Actor, stored.At, stored.Reason, stored.Ancestors);
        var hash = ConfigurationText.Hash(document);
        var own = known.Where(one => ConfigurationText.Hash(one.Document) == hash).Select(one => one.Stored)
            .FirstOrDefault();
        return own is not null
            ? history.Adopt(document, own.Actor, own.At, own.Reason, own.Ancestors)
            : history.Adopt(document, "cluster.json", edited, "the file was changed by hand");
    }

    private static ClusterIntents ReadIntents(
        string directory, ImmutableArray<ConfigurationFinding>.Builder findings)
    {
        var path = IntentsPath(directory);
        if (DurableFile.Read(path, MaxIntentBytes) is not { } content) return ClusterIntents.None;
        try
        {
            if (JsonSerializer.Deserialize(content, HaJson.Default.ClusterIntents) is { } intents) return intents;
        }
        catch (JsonException)
        {
            // Told below: a node that does not start is worth less than one that has forgotten a standby.
        }

        findings.Add(new(FindingSeverity.Warning, path, 0, "", "it cannot be read: standby, maintenance and moves of "
            + "operators are taken from the other nodes, or forgotten", "set them anew where they are needed"));
        return ClusterIntents.None;
    }
}
