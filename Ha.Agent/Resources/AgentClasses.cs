using System.Collections.Immutable;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>The agent classes of this node, by the word before the first colon of a type.</summary>
internal sealed class AgentClasses
{
    private readonly ImmutableSortedDictionary<string, IAgentClass> byName;

    /// <summary>All classes whose resources are controlled by programs.</summary>
    /// <param name="scripts">Where Heartbeat's scripts are, and the environment of programs.</param>
    /// <param name="programs">Runs the programs.</param>
    /// <param name="builtin">Controls what this agent knows itself, but for addresses; null: nothing.</param>
    public AgentClasses(ScriptEnvironment scripts, ProgramRun programs, IAgentClass? builtin = null)
        : this(builtin, new Dictionary<string, IAgentClass>
        {
            ["exec"] = new ExecProgram(scripts, programs),
            ["heartbeat"] = new HeartbeatScript(scripts, programs),
            ["lsb"] = new LsbScript(scripts, programs),
            ["ocf"] = new OcfAgent(scripts, programs),
            ["systemd"] = new SystemdUnit(scripts, programs),
        })
    {
    }

    private AgentClasses(IAgentClass? builtin, Dictionary<string, IAgentClass> classes)
    {
        if (builtin is not null) classes.Add("builtin", builtin);
        byName = classes.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Carries out one operation.</summary>
    public OperationResult Run(AgentCall call)
    {
        if (call.Kind == OperationKind.Announce) return OperationResult.Succeeded();
        return byName.TryGetValue(call.Resource.Class, out var agentClass)
            ? agentClass.Run(call)
            : new(OperationOutcome.NotInstalled, Unknown(call.Resource));
    }

    /// <summary>What is wrong with a class that does not exist.</summary>
    public static string Unknown(ResourceDefinition resource) =>
        $"This agent knows no resource of type {resource.FullType}: write builtin:vip, builtin:haproxy or a class of "
            + "exec, heartbeat, lsb, ocf, systemd.";
}
