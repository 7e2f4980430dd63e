using Ha.Core.Cib;
using Ha.Core.Cib.Import;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;

namespace Ha.Agent.Commands;

/// <summary>
/// <c>ha-agent import --cib FILE</c>: a Pacemaker CIB as a cluster configuration, with a report of what became of each
/// of its lines (docs/cluster-configuration.md).
/// </summary>
internal static class ImportCib
{
    // What times are checked against where there is no ha.cf yet: Heartbeat's defaults.
    private static readonly TimeSpan Deadtime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Keepalive = TimeSpan.FromSeconds(1);

    /// <summary>Imports a file.</summary>
    /// <param name="file">The CIB.</param>
    /// <param name="target">The file to write; null: the document is printed.</param>
    /// <param name="output">Receives the document, or with a target the report.</param>
    /// <param name="errors">Receives the report, or with a target what went wrong.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string file, string? target, TextWriter output, TextWriter errors)
    {
        if (ReadFile(file, errors) is not { } text) return ExitCode.Failed;
        var importing = CibImport.Import(text);
        // The document alone on stdout can be piped on.
        var report = target is null ? errors : output;
        foreach (var line in importing.Lines) report.WriteLine(Describe(file, line));
        if (importing.Document is null) return ExitCode.Failed;

        var written = ConfigurationText.Write(importing.Document);
        var reading = ConfigurationReader.Read(written, new ClusterFacts(importing.Nodes, Deadtime, Keepalive));
        if (target is null)
        {
            output.WriteLine(System.Text.Encoding.UTF8.GetString(written));
        }
        else if (!WriteFile(target, [.. written, (byte)'\n'], errors))
        {
            return ExitCode.Failed;
        }

        report.WriteLine(Summary(importing, target ?? "the document"));
        foreach (var finding in reading.Findings)
        {
            var severity = finding.Severity == FindingSeverity.Error ? "error" : "warning";
            errors.WriteLine($"{severity}: {target ?? "document"}: {finding}");
        }

        if (reading.Document is not null) return ExitCode.Done;
        errors.WriteLine("ha-agent: the imported configuration is not valid yet: correct what is listed above in "
            + (target ?? "the document"));
        return ExitCode.Configuration;
    }

    private static string? ReadFile(string file, TextWriter errors)
    {
        try
        {
            if (new FileInfo(file).Length <= CibReader.MaxCharacters) return File.ReadAllText(file);
            errors.WriteLine($"ha-agent: {file} is larger than {CibReader.MaxCharacters >> 20} MiB; nothing was read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"ha-agent: {file} cannot be read: {e.Message}");
        }

        return null;
    }

    // Fence devices have passwords: only the owner may read the file. What exists is never overwritten.
    private static bool WriteFile(string target, byte[] text, TextWriter errors)
    {
        try
        {
            using var stream = new FileStream(target, new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            stream.Write(text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"ha-agent: {target} cannot be written: {e.Message}");
            return false;
        }
    }

    private static string Describe(string file, CibImportLine line)
    {
        var outcome = line.Outcome switch
        {
            CibImportOutcome.Translated => "translated",
            CibImportOutcome.EqualByDefault => "default",
            CibImportOutcome.NotSupported => "left out",
        };
        var place = line.Line > 0 ? $"{file}:{line.Line}" : file;
        return $"{place}: {outcome}: {line.Element}: {line.Message}";
    }

    private static string Summary(CibImporting importing, string target)
    {
        int Count(CibImportOutcome outcome) => importing.Lines.Count(line => line.Outcome == outcome);
        return $"{target}: {importing.Document!.Resources.Length} resources for nodes "
            + $"{string.Join(", ", importing.Nodes)}; of the CIB, {Count(CibImportOutcome.Translated)} elements were "
            + $"translated, {Count(CibImportOutcome.EqualByDefault)} hold by default, "
            + $"{Count(CibImportOutcome.NotSupported)} were left out";
    }
}
