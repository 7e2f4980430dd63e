using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Agent.Configuration;
using Ha.Agent.Resources;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Commands;

/// <summary>Meta-data of one agent, as <c>agents TYPE --json</c> prints it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    Converters = [typeof(CamelCaseEnumConverter<AgentParameterKind>)])]
[JsonSerializable(typeof(AgentMetaData))]
[JsonSerializable(typeof(ImmutableArray<string>))]
internal sealed partial class AgentsJson : JsonSerializerContext;

/// <summary>
/// The verb <c>agents</c>: which OCF agents this node has, what one of them can be told, and whether given parameters
/// fit it. Needs no running agent and changes nothing.
/// </summary>
internal static class AgentsCommand
{
    private const int TextWidth = 100;

    private static readonly TimeSpan ValidationLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs the verb.</summary>
    /// <param name="paths">Where this agent lives.</param>
    /// <param name="type"><c>ocf:PROVIDER:TYPE</c>; null: list all.</param>
    /// <param name="settings">Parameters to check, each NAME=VALUE; empty: describe the agent.</param>
    /// <param name="json">Whether to print JSON for programs.</param>
    /// <param name="output">Gets the answer.</param>
    /// <param name="errors">Gets refusals.</param>
    /// <returns>Exit code.</returns>
    public static int Run(
        AgentPaths paths, string? type, IReadOnlyList<string> settings, bool json, TextWriter output, TextWriter errors)
    {
        var none = new HaCf { Nodes = [], Media = [] };
        var environment = ScriptEnvironment.Create(paths, paths.Node ?? Environment.MachineName, none);
        var groups = ControlGroup.Open();
        var inventory = new AgentInventory(environment, groups);
        if (type is null) return List(inventory, json, output);
        if (type.Split(':') is not ["ocf", var provider, var name])
        {
            errors.WriteLine(
                $"ha-agent: '{type}' is no OCF agent: write ocf:PROVIDER:TYPE, as 'ha-agent agents' lists them");
            return ExitCode.Usage;
        }

        if (settings.Count > 0)
        {
            if (Resource(provider, name, settings, errors) is not { } resource) return ExitCode.Usage;
            var agent = new OcfAgent(environment, new ProgramRun(running: null, groups));
            return Check(resource, new ResourceCheck(environment, inventory), agent, output);
        }

        var reading = inventory.Read(provider, name);
        if (reading.MetaData is not { } described)
        {
            errors.WriteLine($"ha-agent: {reading.Problem}");
            return ExitCode.Failed;
        }

        if (json) output.WriteLine(JsonSerializer.Serialize(described, AgentsJson.Default.AgentMetaData));
        else Describe(type, described, output);
        return ExitCode.Done;
    }

    private static int List(AgentInventory inventory, bool json, TextWriter output)
    {
        var types = inventory.Types;
        if (json) output.WriteLine(JsonSerializer.Serialize(types, AgentsJson.Default.ImmutableArrayString));
        else foreach (var known in types) output.WriteLine(known);
        return ExitCode.Done;
    }

    private static ResourceDefinition? Resource(
        string provider, string name, IReadOnlyList<string> settings, TextWriter errors)
    {
        var parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                errors.WriteLine($"ha-agent: '{setting}' is no parameter: write NAME=VALUE");
                return null;
            }

            parameters[setting[..equals]] = setting[(equals + 1)..];
        }

        return new ResourceDefinition
        {
            Id = name, Class = "ocf", Provider = provider, Type = name, Parameters = parameters.ToImmutable(),
        };
    }

    private static int Check(ResourceDefinition resource, ResourceCheck check, OcfAgent agent, TextWriter output)
    {
        var findings = check.Check(resource);
        foreach (var finding in findings)
            output.WriteLine($"{(finding.Severity == FindingSeverity.Error ? "error" : "warning")}: {finding}");
        if (findings.Any(static finding => finding.Severity == FindingSeverity.Error))
            return CheckConfig.InvalidExitCode;
        var judged = agent.Validate(resource, ValidationLimit);
        if (judged.Outcome != OperationOutcome.Succeeded)
        {
            output.WriteLine($"error: {judged.Output}");
            return CheckConfig.InvalidExitCode;
        }

        output.WriteLine($"{resource.FullType} accepts these parameters on this node");
        return ExitCode.Done;
    }

    private static void Describe(string type, AgentMetaData agent, TextWriter output)
    {
        output.WriteLine($"{type} - {agent.ShortDescription}");
        Fold(agent.LongDescription, "  ", output);
        output.WriteLine("parameters (* required):");
        foreach (var parameter in agent.Parameters)
        {
            var preset = parameter.Default is { Length: > 0 } value ? $", default {value}" : "";
            var mark = parameter.IsRequired ? "*" : " ";
            output.WriteLine($" {mark}{parameter.Name} ({Kind(parameter)}{preset}): {parameter.ShortDescription}");
        }

        output.WriteLine("advised times:");
        foreach (var action in agent.Actions.Where(static a => a.Name is "start" or "stop" or "monitor"))
        {
            var interval = action.Interval is { } each ? $", every {each.TotalSeconds:0.###} s" : "";
            var depth = action.Depth > 0 ? $", depth {action.Depth}" : "";
            output.WriteLine($"  {action.Name}: timeout {action.Timeout?.TotalSeconds:0.###} s{interval}{depth}");
        }
    }

    private static string Kind(AgentParameter parameter) => parameter.Kind switch
    {
        AgentParameterKind.Text => "text",
        AgentParameterKind.Integer => "number",
        AgentParameterKind.Boolean => "true or false",
        AgentParameterKind.Choice => string.Join(" or ", parameter.Choices),
        AgentParameterKind.Duration => "time",
        AgentParameterKind.Percentage => "percentage",
    };

    private static void Fold(string text, string margin, TextWriter output)
    {
        var line = margin;
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > margin.Length && line.Length + word.Length >= TextWidth)
            {
                output.WriteLine(line.TrimEnd());
                line = margin;
            }

            line += word + " ";
        }

        if (line.Length > margin.Length) output.WriteLine(line.TrimEnd());
    }
}
