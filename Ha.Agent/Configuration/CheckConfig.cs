using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Agent.State;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Agent.Configuration;

/// <summary>What <c>ha-agent check-config</c> was asked.</summary>
internal sealed record CheckConfigOptions
{
    /// <summary>Configuration directory.</summary>
    public string ConfigDirectory { get; init; } = BootstrapFiles.DefaultDirectory;

    /// <summary>Name of this node; null: from <c>nodeinfo</c>, else <c>uname -n</c>.</summary>
    public string? Node { get; init; }

    /// <summary>State directory with the cluster configuration; null: it is not checked.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Whether one JSON document is printed instead of lines.</summary>
    public bool Json { get; init; }
}

/// <summary>The result of <c>check-config --json</c>.</summary>
/// <param name="Node">Name that this node was checked under.</param>
/// <param name="Valid">Whether the daemon would start.</param>
/// <param name="Findings">Every finding, by file and line.</param>
internal sealed record CheckConfigReport(string Node, bool Valid, ImmutableArray<ConfigurationFinding> Findings);

/// <summary>JSON of the report.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    Converters = [typeof(CamelCaseEnumConverter<FindingSeverity>)])]
[JsonSerializable(typeof(CheckConfigReport))]
internal sealed partial class CheckConfigJson : JsonSerializerContext;

/// <summary>The verb <c>check-config</c>: every mistake in the bootstrap files at once. Touches nothing.</summary>
internal static class CheckConfig
{
    /// <summary>Exit code of a configuration that keeps the daemon from starting, as Heartbeat's.</summary>
    public const int InvalidExitCode = 6;

    /// <summary>Checks the files and prints the findings.</summary>
    /// <param name="options">What to check, and how to print.</param>
    /// <param name="output">Findings, and the summary of a valid configuration.</param>
    /// <param name="errors">The summary of an invalid configuration.</param>
    /// <returns>Exit code: 0, or <see cref="InvalidExitCode"/>.</returns>
    public static int Run(CheckConfigOptions options, TextWriter output, TextWriter errors)
    {
        var reading = WithCluster(BootstrapFiles.Read(options.ConfigDirectory, options.Node), options.StateDirectory);
        if (options.Json)
        {
            var report = new CheckConfigReport(reading.LocalNode, reading.Configuration is not null, reading.Findings);
            output.WriteLine(JsonSerializer.Serialize(report, CheckConfigJson.Default.CheckConfigReport));
        }
        else
        {
            WriteFindings(reading.Findings, output);
            if (reading.Configuration is { } valid) output.WriteLine(Summary(reading, valid));
        }

        if (reading.Configuration is not null) return 0;
        errors.WriteLine(Refusal(reading));
        return InvalidExitCode;
    }

    // Only with the nodes of ha.cf can it be said what is wrong with the cluster configuration.
    private static BootstrapReading WithCluster(BootstrapReading reading, string? stateDirectory)
    {
        if (reading.Configuration is not { } bootstrap || stateDirectory is null) return reading;
        try
        {
            var start = ConfigurationFiles.Read(stateDirectory, bootstrap, TimeProvider.System);
            return reading with
            {
                Configuration = start.Active is null ? null : bootstrap,
                Findings = [.. reading.Findings, .. start.Findings],
            };
        }
        catch (StateException e)
        {
            return reading with
            {
                Findings = [.. reading.Findings, new(FindingSeverity.Warning, stateDirectory, 0, "", e.Message,
                    "check it as a user who may read it")],
            };
        }
    }

    /// <summary>One line for each finding, as <c>run</c> prints them too.</summary>
    public static void WriteFindings(ImmutableArray<ConfigurationFinding> findings, TextWriter writer)
    {
        foreach (var finding in findings)
        {
            var severity = finding.Severity switch
            {
                FindingSeverity.Warning => "warning",
                FindingSeverity.Error => "error",
            };
            writer.WriteLine($"{severity}: {finding}");
        }
    }

    /// <summary>Why the daemon does not start, in one line.</summary>
    public static string Refusal(BootstrapReading reading)
    {
        var wrong = reading.Findings.Count(f => f.Severity == FindingSeverity.Error);
        return $"configuration of node {reading.LocalNode} refused: {Count(wrong, "error")}, "
            + Count(reading.Findings.Length - wrong, "warning");
    }

    private static string Summary(BootstrapReading reading, BootstrapConfiguration valid) =>
        $"configuration of node {reading.LocalNode} is valid: {Count(valid.HaCf.Nodes.Length, "node")}, "
        + $"{Count(valid.HaCf.Media.Length, "medium", "media")}, {Count(valid.Groups.Length, "group")}, "
        + Count(reading.Findings.Length, "warning");

    private static string Count(int number, string one, string? many = null) =>
        $"{number} {(number == 1 ? one : many ?? one + "s")}";
}
