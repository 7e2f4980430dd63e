using System.Collections.Immutable;
using System.Text.Json;
using Ha.Agent.Configuration;
using Ha.Agent.Control;
using Ha.Agent.Resources;
using Ha.Agent.State;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>The verbs <c>config show</c>, <c>history</c>, <c>diff</c>, <c>check</c> and <c>set</c>.</summary>
internal static class ConfigurationCommands
{
    /// <summary>Prints one version: its text, or with JSON all that is known of it.</summary>
    public static int Show(AgentPaths paths, string? version, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var shown = Ask(agent, version);
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(shown, HaJson.Default.ConfigurationView));
            return ExitCode.Done;
        }

        using var output = Console.OpenStandardOutput();
        output.Write(shown.Document!.Value.Span);
        output.Write("\n"u8);
        return ExitCode.Done;
    }

    /// <summary>The versions, newest first.</summary>
    public static int History(AgentPaths paths, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var history = agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.ConfigurationHistory }).History ??
            throw new RequestFailedException("the agent answered without a history");
        if (json)
        {
            Console.Out.WriteLine(
                JsonSerializer.Serialize(history, HaJson.Default.ImmutableArrayConfigurationView));
            return ExitCode.Done;
        }

        foreach (var one in history)
            Console.Out.WriteLine($"{one.Version,-8} {Words.LocalTime(one.At)}  {one.Hash[..8]}  {one.Actor}: {one.Reason}");
        return ExitCode.Done;
    }

    /// <summary>What differs between two versions.</summary>
    public static int Diff(AgentPaths paths, string from, string? to, bool json)
    {
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        var reply = agent.Ask(new ControlRequest
        {
            Id = 0, Method = ControlMethod.ConfigurationDifferences, Version = from, ToVersion = to,
        });
        var changes = reply.Differences ??
            throw new RequestFailedException("the agent answered without differences");
        if (json)
        {
            Console.Out.WriteLine(
                JsonSerializer.Serialize(changes, HaJson.Default.ImmutableArrayConfigurationDifference));
            return ExitCode.Done;
        }

        foreach (var one in changes)
            Console.Out.WriteLine($"{one.Pointer}: {one.Old ?? "nothing"} -> {one.New ?? "nothing"}");
        if (changes.IsEmpty) Console.Out.WriteLine("no difference");
        return ExitCode.Done;
    }

    /// <summary>Every mistake in a file, checked against this node's ha.cf.</summary>
    public static int Check(AgentPaths paths, string file, bool json, TextWriter output, TextWriter errors)
    {
        var bootstrap = BootstrapFiles.Read(paths.ConfigDirectory, paths.Node);
        if (bootstrap.Configuration is not { } known)
        {
            CheckConfig.WriteFindings(bootstrap.Findings, errors);
            errors.WriteLine($"ha-agent: {file} is not checked: ha.cf, which names the nodes, has mistakes itself");
            return ExitCode.Configuration;
        }

        if (ReadFile(file, errors) is not { } text) return ExitCode.Failed;
        var reading = ConfigurationReader.Read(text, FactsOf(known));
        ImmutableArray<ConfigurationFinding> findings = [.. reading.Findings
            .Concat(AgentFindings(paths, bootstrap, text))
            .Select(finding => ConfigurationFiles.Located(file, finding))];
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(
                new CheckConfigReport(
                    bootstrap.LocalNode, findings.All(one => one.Severity != FindingSeverity.Error), findings),
                CheckConfigJson.Default.CheckConfigReport));
        }
        else
        {
            CheckConfig.WriteFindings(findings, output);
        }

        var wrong = findings.Count(finding => finding.Severity == FindingSeverity.Error);
        if (wrong > 0) errors.WriteLine($"{file} has {wrong} {(wrong == 1 ? "mistake" : "mistakes")}");
        else if (!json) output.WriteLine($"{file} is valid");
        return wrong > 0 ? ExitCode.Configuration : ExitCode.Done;
    }

    private static ClusterFacts FactsOf(BootstrapConfiguration known) =>
        new(known.HaCf.Nodes, known.HaCf.Deadtime, known.HaCf.Keepalive, HasWatchdog: false);

    // What the agents that are installed here say about their resources.
    private static ImmutableArray<DocumentFinding> AgentFindings(
        AgentPaths paths, BootstrapReading bootstrap, ReadOnlyMemory<byte> text)
    {
        var known = bootstrap.Configuration!;
        var environment = ScriptEnvironment.Create(paths, bootstrap.LocalNode, known.HaCf);
        var check = new ResourceCheck(environment, new AgentInventory(environment, ControlGroup.Open()));
        return new DocumentCheck(FactsOf(known), check, static () => null).Find(text);
    }

    /// <summary>Lets a file take the place of the present configuration.</summary>
    public static int Set(AgentPaths paths, string file, string? expected, string reason, bool force, TimeSpan? wait)
    {
        if (ReadFile(file, Console.Error) is not { } text) return ExitCode.Failed;
        var command = OperatorCommands.New(CommandKind.Configure) with
        {
            Document = text, Reason = reason, Force = force, ExpectedVersion = expected ?? VersionIn(text),
        };
        if (command.ExpectedVersion is null)
        {
            Console.Error.WriteLine($"ha-agent: {file} does not say which version it was made from; begin with what " +
                "'ha-agent config show' prints, or name the version with --expect");
            return ExitCode.Usage;
        }

        return OperatorCommands.Run(paths, command, wait);
    }

    private static ConfigurationView Ask(ControlClient agent, string? version) =>
        agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Configuration, Version = version })
            .Configuration ?? throw new RequestFailedException("the agent answered without a configuration");

    private static byte[]? ReadFile(string file, TextWriter errors)
    {
        try
        {
            // One byte more than allowed: the reader says what is wrong with that.
            if (DurableFile.Read(file, ConfigurationReader.MaxBytes) is { } text) return text;
            errors.WriteLine($"ha-agent: {file} does not exist");
        }
        catch (StateException e)
        {
            errors.WriteLine($"ha-agent: {e.Message}");
        }

        return null;
    }

    // Null when it says none, or is no JSON: that is told by whoever reads it as a whole.
    private static string? VersionIn(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("version", out var version)
                && version.ValueKind == JsonValueKind.Object
                && version.TryGetProperty("epoch", out var epoch) && epoch.TryGetInt64(out var major)
                ? new ConfigurationVersion(major,
                    version.TryGetProperty("update", out var update) && update.TryGetInt64(out var minor) ? minor : 0)
                    .ToString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ConfigurationVersion.None.ToString();
        }
    }
}
