using System.Collections.Immutable;
using System.Text.Json;
using Ha.Agent.Control;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Transitions;
using Ha.Core.WhatIf;

namespace Ha.Agent.Commands;

/// <summary>What <c>ha-agent simulate</c> was asked, besides <c>--cib</c>.</summary>
internal sealed record SimulateOptions
{
    public required ImmutableArray<string> FailedNodes { get; init; }

    public required ImmutableArray<string> FailedResources { get; init; }

    public required ImmutableArray<string> Standby { get; init; }

    public required ImmutableArray<string> Online { get; init; }

    /// <summary>File with another configuration; null: the one that is active.</summary>
    public string? Configuration { get; init; }

    /// <summary>File with a saved state; null: the agent is asked.</summary>
    public string? State { get; init; }

    /// <summary>File to save the state to; null: nowhere.</summary>
    public string? SaveState { get; init; }

    public bool Json { get; init; }

    public bool Scores { get; init; }
}

/// <summary>
/// The verb <c>simulate</c>: what the cluster would do if something happened, by the very code that decides. Changes
/// nothing.
/// </summary>
internal sealed class SimulateCommand(SimulateOptions options, TextWriter output, TextWriter errors)
{
    private const int MaxStateBytes = 16 * 1024 * 1024;

    /// <summary>Runs the verb; the result is the exit code.</summary>
    public int Run(AgentPaths paths)
    {
        if (Begin(paths) is not { } situation) return ExitCode.Failed;
        if (options.SaveState is { } file && !Save(file, situation)) return ExitCode.Failed;
        if (situation.Coordinator is not { } coordinator)
        {
            return Fail($"no node decides at this moment, as {situation.Node} sees it: "
                + "ask again when 'ha-agent status' shows a coordinator");
        }

        var facts = new ClusterFacts([.. situation.State.Nodes.Select(static node => node.Name)],
            TimeSpan.FromMilliseconds(situation.DeadtimeMs), TimeSpan.FromMilliseconds(situation.KeepaliveMs));
        if (!Read("the active configuration", Text(situation.Configuration), facts, out var active))
            return ExitCode.Configuration;
        var configuration = active;
        if (options.Configuration is { } name)
        {
            if (ReadFile(name, ConfigurationReader.MaxBytes) is not { } text) return ExitCode.Failed;
            if (!Read(name, text, facts, out configuration)) return ExitCode.Configuration;
        }

        var suppositions = new List<string>();
        if (options.Configuration is not null) suppositions.Add($"{options.Configuration} is the configuration");
        if (Suppose(configuration, situation.State, suppositions) is not { } supposed) return ExitCode.Usage;
        var walk = SimulatedWalk.Run(configuration, situation.State, supposed);
        if (options.Json) SimulationJson.Write(configuration, walk, suppositions, situation, output);
        else output.Write(WalkText.Of(
            configuration, walk, suppositions, Origin(situation, coordinator), options.Scores));
        return walk.Settles ? ExitCode.Done : ExitCode.Failed;
    }

    private string Origin(ClusterSituation situation, string coordinator)
    {
        var from = options.State is { } file ? $"From {file}: the state" : "From the state";
        var who = situation.Node == coordinator ? $"{coordinator}, which decides, has"
            : $"{situation.Node} has from the members' reports; {coordinator} decides, from the same reports";
        return $"{from} that {who}, at {Words.LocalTime(situation.State.At)}";
    }

    private ClusterSituation? Begin(AgentPaths paths)
    {
        if (options.State is { } file) return ReadState(file);
        using var agent = ControlClient.Connect(paths.RuntimeDirectory);
        return agent.Ask(new ControlRequest { Id = 0, Method = ControlMethod.Situation }).Situation ??
            throw new RequestFailedException("the agent answered without its state; it may be of an older version");
    }

    private ClusterSituation? ReadState(string file)
    {
        if (ReadFile(file, MaxStateBytes) is not { } text) return null;
        try
        {
            if (JsonSerializer.Deserialize(text, HaJson.Default.ClusterSituation) is { } situation
                && IsPossible(situation.State)) return situation;
            errors.WriteLine($"ha-agent: {file} is no saved state: it has no node, too many, or one of them twice");
        }
        catch (JsonException e)
        {
            errors.WriteLine($"ha-agent: {file} is no state that --save-state wrote: {e.Message}");
        }

        return null;
    }

    private static bool IsPossible(ClusterState state) =>
        !state.Nodes.IsDefaultOrEmpty && state.Nodes.Length <= EngineOptions.MaxNodes
        && state.Nodes.DistinctBy(static node => node.Name).Count() == state.Nodes.Length;

    private bool Save(string file, ClusterSituation situation)
    {
        try
        {
            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(situation, HaJson.Default.ClusterSituation));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"ha-agent: {file} cannot be written: {e.Message}");
            return false;
        }
    }

    private byte[]? ReadFile(string file, int limit)
    {
        try
        {
            if (new FileInfo(file).Length <= limit) return File.ReadAllBytes(file);
            errors.WriteLine($"ha-agent: {file} is larger than {limit >> 20} MiB; nothing was read");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"ha-agent: {file} cannot be read: {e.Message}");
        }

        return null;
    }

    private bool Read(string name, byte[] text, ClusterFacts facts, out ActiveConfiguration configuration)
    {
        var reading = ConfigurationReader.Read(text, facts);
        foreach (var finding in reading.Findings)
        {
            // What the cluster runs already was read with its warnings before.
            if (finding.Severity == FindingSeverity.Warning && options.Configuration != name) continue;
            var word = finding.Severity == FindingSeverity.Error ? "error" : "warning";
            errors.WriteLine($"{word}: {name}: {finding}");
        }

        configuration = reading.Active!;
        if (reading.Active is not null) return true;
        errors.WriteLine($"ha-agent: {name} is refused; nothing was simulated");
        return false;
    }

    private ClusterState? Suppose(ActiveConfiguration configuration, ClusterState state, List<string> words)
    {
        var wanted = options.FailedNodes.Select<string, Func<ClusterState, Supposition>>(
                node => now => Supposition.NodeFails(configuration, now, node))
            .Concat(options.Standby.Select<string, Func<ClusterState, Supposition>>(
                node => now => Supposition.NodeInStandby(now, node)))
            .Concat(options.Online.Select<string, Func<ClusterState, Supposition>>(
                node => now => Supposition.NodeOnline(configuration, now, node)))
            .Concat(options.FailedResources.Select<string, Func<ClusterState, Supposition>>(
                resource => now => Fail(configuration, now, resource)));
        foreach (var suppose in wanted)
        {
            var supposition = suppose(state);
            if (supposition.State is not { } changed)
            {
                errors.WriteLine($"ha-agent: {supposition.Words}");
                return null;
            }

            state = changed;
            words.Add(supposition.Words);
        }

        return state;
    }

    // An id may have an @ of its own: only what follows the last one can be a node.
    private static Supposition Fail(ActiveConfiguration configuration, ClusterState state, string words)
    {
        var at = words.LastIndexOf('@');
        return at < 0 || configuration.Find(words) is not null
            ? Supposition.ResourceFails(configuration, state, words, node: null)
            : Supposition.ResourceFails(configuration, state, words[..at], words[(at + 1)..]);
    }

    private static byte[] Text(JsonElement document) => System.Text.Encoding.UTF8.GetBytes(document.GetRawText());

    private int Fail(string why)
    {
        errors.WriteLine($"ha-agent: {why}");
        return ExitCode.Failed;
    }
}
