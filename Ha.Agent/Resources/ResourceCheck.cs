using System.Collections.Immutable;
using Ha.Core.Configuration;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// Finds on this node, before anything is started, what would keep a resource from working: an agent that is not
/// installed, a parameter that is missing, unknown or odd, a timeout that the agent calls too short.
/// </summary>
/// <param name="environment">Where agents and scripts are.</param>
/// <param name="inventory">What OCF agents say about themselves.</param>
internal sealed class ResourceCheck(ScriptEnvironment environment, AgentInventory inventory)
{
    /// <summary>Checks one resource. May run its agent's <c>meta-data</c>: not for the loop thread.</summary>
    public ImmutableArray<ParameterFinding> Check(ResourceDefinition resource) => resource.Class switch
    {
        "ocf" => CheckOcf(resource),
        "heartbeat" => Installed(HeartbeatScript.Locate(environment, resource.Type) is not null,
            HeartbeatScript.Absent(environment, resource.Type)),
        "lsb" => Installed(LsbScript.Locate(environment, resource.Type) is not null,
            LsbScript.Absent(environment, resource.Type)),
        "exec" => ProgramFile.Refusal(resource.Type) is { } refusal ? Installed(false, refusal.Output) : [],
        // The service manager knows its units only while it runs; the first probe asks it.
        "systemd" or "builtin" => [],
        _ => Installed(false, AgentClasses.Unknown(resource)),
    };

    private ImmutableArray<ParameterFinding> CheckOcf(ResourceDefinition resource)
    {
        var reading = inventory.Read(resource.Provider, resource.Type);
        if (reading.MetaData is { } agent)
        {
            return
            [
                .. AgentParameterCheck.Check(agent, resource.Parameters),
                .. AgentParameterCheck.CheckTimes(agent, resource),
            ];
        }

        return Installed(false, reading.Problem!);
    }

    private static ImmutableArray<ParameterFinding> Installed(bool found, string sentence)
    {
        if (found) return [];
        // Sentences are "what: advice.", a finding has both apart.
        var cut = sentence.IndexOf(": ", StringComparison.Ordinal);
        return cut < 0
            ? [new(FindingSeverity.Error, "", sentence.TrimEnd('.'), "install it on this node, or correct the type")]
            : [new(FindingSeverity.Error, "", sentence[..cut], sentence[(cut + 2)..].TrimEnd('.'))];
    }
}
