using System.Collections.Immutable;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>systemd:UNIT</c>: a unit of the host's service manager, through <c>systemctl</c>, which waits for the end of the
/// job. A unit in the cluster's hands must not be enabled: the cluster decides where it runs.
/// </summary>
/// <param name="environment">What every program gets.</param>
/// <param name="programs">Runs them.</param>
internal sealed class SystemdUnit(ScriptEnvironment environment, ProgramRun programs) : IAgentClass
{
    private const string Properties = "--property=LoadState,ActiveState,SubState,Result";

    /// <inheritdoc/>
    public OperationResult Run(AgentCall call)
    {
        var name = call.Resource.Type;
        if (name.Length == 0 || name[0] == '-' || name.Contains('/', StringComparison.Ordinal))
        {
            return new(OperationOutcome.NotConfigured,
                $"'{name}' is no name of a unit: write systemd:NAME, for example systemd:nginx.");
        }

        var unit = name.Contains('.', StringComparison.Ordinal) ? name : name + ".service";
        return call.Asks ? Ask(call, unit) : Change(call, unit);
    }

    private OperationResult Change(AgentCall call, string unit)
    {
        var verb = ScriptVerb.Of(call.Kind);
        if (call.Kind == OperationKind.Start && Ordering(call, unit) is { } refused) return refused;
        var end = Call(call, verb, unit);
        if (end.Failure is { } failure) return failure;
        if (end.Code == 0) return OperationResult.Succeeded(end.Output);
        var state = Ask(call, unit);
        if (state.Outcome == OperationOutcome.NotInstalled)
        {
            // What is not there does not run: a stop has reached what it was to reach.
            return call.Kind == OperationKind.Stop ? OperationResult.Succeeded(state.Output) : state;
        }

        return OperationResult.Failed(ProgramEnd.WithOutput(
            $"systemctl {verb} {unit} exited with {end.Code}; look at: journalctl -u {unit}", end.Output));
    }

    private OperationResult Ask(AgentCall call, string unit)
    {
        var end = Call(call, "show", Properties, unit);
        if (end.Failure is { } failure) return failure;
        if (end.Code != 0) return OperationResult.Failed(end.Sentence);
        var properties = end.Output.Split('\n').Select(static line => line.Split('=', 2))
            .Where(static pair => pair.Length == 2)
            .DistinctBy(static pair => pair[0])
            .ToImmutableSortedDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);
        return Judge(unit, properties);
    }

    private static OperationResult Judge(string unit, ImmutableSortedDictionary<string, string> properties)
    {
        var load = properties.GetValueOrDefault("LoadState", "");
        var active = properties.GetValueOrDefault("ActiveState", "");
        var text = $"{unit} is {active} ({properties.GetValueOrDefault("SubState", "")}).";
        return (load, active) switch
        {
            (_, "active" or "reloading" or "refreshing") => OperationResult.Succeeded(text),
            ("not-found", _) => new(OperationOutcome.NotInstalled,
                $"There is no unit {unit} on this node: install the service, or correct the name."),
            ("masked", _) => new(OperationOutcome.NotInstalled, $"{unit} is masked: systemctl unmask {unit}."),
            ("bad-setting" or "error", _) => new(OperationOutcome.NotInstalled,
                $"{unit} cannot be loaded ({load}): systemd-analyze verify {unit} shows why."),
            (_, "inactive") => new(OperationOutcome.NotRunning, text),
            (_, "failed") => new(OperationOutcome.NotRunning,
                $"{unit} has failed ({properties.GetValueOrDefault("Result", "")}): journalctl -u {unit} shows why."),
            // Activating: not there yet. Deactivating: not gone yet. Neither is an answer to build on.
            _ => OperationResult.Failed(text),
        };
    }

    /// <summary>
    /// At the host's shutdown systemd stops everything at once; this agent must leave the cluster before the services
    /// that it controls are taken from under it, and must be the only one that starts them again.
    /// </summary>
    private OperationResult? Ordering(AgentCall call, string unit)
    {
        const string text = "# Written by ha-agent: the cluster controls this unit.\n[Unit]\nBefore=ha-agent.service\n"
            + "[Service]\nRestart=no\n";
        var directory = Path.Combine(environment.UnitDirectory, unit + ".d");
        var file = Path.Combine(directory, "50-ha-appliance.conf");
        if (!unit.EndsWith(".service", StringComparison.Ordinal) || File.Exists(file)) return null;
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(file, text);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return OperationResult.Failed($"{file} could not be written: {refused.Message}");
        }

        var end = Call(call, "daemon-reload");
        if (end.Failure is null && end.Code == 0) return null;
        File.Delete(file);
        return end.Failure ?? OperationResult.Failed(end.Sentence);
    }

    private ProgramEnd Call(AgentCall call, params string[] words)
    {
        string[] all = ["--no-pager", "--no-ask-password", .. words];
        return programs.Run(call, environment.Systemctl, all, environment.Variables, string.Join(' ', words));
    }
}
