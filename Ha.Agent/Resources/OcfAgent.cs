using System.Globalization;
using Ha.Agent.Interop;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary><c>ocf:PROVIDER:TYPE</c>: a resource agent of the OCF API 1.1.</summary>
/// <param name="environment">Where agents are and what every program gets.</param>
/// <param name="programs">Runs them.</param>
internal sealed class OcfAgent(ScriptEnvironment environment, ProgramRun programs) : IAgentClass
{
    /// <inheritdoc/>
    public OperationResult Run(AgentCall call) => Run(call, ScriptVerb.Of(call.Kind, "monitor"));

    /// <summary>Lets the agent itself judge a resource's parameters on this node; starts nothing.</summary>
    public OperationResult Validate(ResourceDefinition resource, TimeSpan limit) =>
        Run(new AgentCall(resource, OperationKind.Probe, limit, 0, static _ => { }), "validate-all");

    private OperationResult Run(AgentCall call, string verb)
    {
        var resource = call.Resource;
        if (OcfAgents.Locate(environment.OcfRoot, resource.Provider, resource.Type) is not { } path)
            return new(OperationOutcome.NotInstalled, OcfAgents.Advice(environment.OcfRoot, resource));
        if (environment.ResourceTemporaryDirectory is { } directory) MakeReady(directory);
        var end = programs.Run(call, path, [verb], Variables(environment, call, verb), verb);
        return end.Failure ?? OcfExitCode.Judge(call, end);
    }

    private static void MakeReady(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk: the agents that need the directory say so in their own result.
        }
    }

    /// <summary>The whole environment of one operation.</summary>
    public static IReadOnlyList<string> Variables(ScriptEnvironment environment, AgentCall call, string verb)
    {
        var resource = call.Resource;
        var variables = new List<string>(environment.OcfVariables)
        {
            "OCF_RA_VERSION_MAJOR=1",
            "OCF_RA_VERSION_MINOR=1",
            $"OCF_RESOURCE_INSTANCE={resource.Id}",
            $"OCF_RESOURCE_TYPE={resource.Type}",
            $"OCF_RESOURCE_PROVIDER={resource.Provider}",
            $"OCF_RESKEY_CRM_meta_name={verb}",
            $"OCF_RESKEY_CRM_meta_timeout={Milliseconds(call.Limit)}",
            $"OCF_RESKEY_CRM_meta_interval={Milliseconds(Interval(call))}",
            $"OCF_RESKEY_CRM_meta_on_node={environment.Node}",
        };
        if (call.Asks)
            variables.Add(string.Create(CultureInfo.InvariantCulture, $"OCF_CHECK_LEVEL={call.Depth}"));
        foreach (var (name, value) in resource.Parameters) variables.Add($"OCF_RESKEY_{name}={value}");
        return variables;
    }

    /// <summary>A probe has the interval 0: agents look at less then (<c>ocf_is_probe</c>).</summary>
    private static TimeSpan Interval(AgentCall call) => call.Kind == OperationKind.Monitor
        ? call.Resource.Monitors.FirstOrDefault(monitor => monitor.Depth == call.Depth)?.Interval ?? TimeSpan.Zero
        : TimeSpan.Zero;

    private static string Milliseconds(TimeSpan duration) =>
        ((long)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}

/// <summary>The files of OCF agents.</summary>
internal static class OcfAgents
{
    private const int MaxSimilar = 3;

    /// <summary>Path of an agent; null when there is no executable file of that name.</summary>
    /// <param name="root"><c>OCF_ROOT</c>.</param>
    /// <param name="provider">Provider, a plain name.</param>
    /// <param name="type">Type, a plain name.</param>
    public static string? Locate(string root, string provider, string type)
    {
        if (!IsPlain(provider) || !IsPlain(type)) return null;
        var path = Path.Combine(root, "resource.d", provider, type);
        return File.Exists(path) && Libc.Access(path, Libc.Executable) == 0 ? path : null;
    }

    /// <summary>What to do about an agent that cannot be found.</summary>
    public static string Advice(string root, ResourceDefinition resource)
    {
        if (!IsPlain(resource.Provider) || !IsPlain(resource.Type))
        {
            return $"'{resource.FullType}' names no agent: write ocf:PROVIDER:TYPE, "
                + "for example ocf:heartbeat:Filesystem.";
        }

        var path = Path.Combine(root, "resource.d", resource.Provider, resource.Type);
        if (File.Exists(path)) return $"{path} is not executable: chmod 755 {path}.";
        var similar = Similar(root, resource.Type);
        var advice = similar.Count > 0
            ? $"did you mean {string.Join(" or ", similar)}?"
            : "install the package that brings it (Debian: resource-agents) on this node, or correct the type.";
        return $"There is no agent {path} for {resource.FullType}: {advice}";
    }

    /// <summary>All agents as <c>ocf:PROVIDER:TYPE</c> with their paths, in order.</summary>
    public static IEnumerable<(string Type, string Path)> All(string root)
    {
        var directory = Path.Combine(root, "resource.d");
        if (!Directory.Exists(directory)) return [];
        return Directory.EnumerateDirectories(directory)
            .SelectMany(static provider => Directory.EnumerateFiles(provider))
            .Select(static path => (Type: TypeOf(path), Path: path))
            .Where(agent => IsPlain(Path.GetFileName(agent.Path)) && Libc.Access(agent.Path, Libc.Executable) == 0)
            .OrderBy(static agent => agent.Type, StringComparer.Ordinal);
    }

    private static string TypeOf(string path) =>
        $"ocf:{Path.GetFileName(Path.GetDirectoryName(path))}:{Path.GetFileName(path)}";

    private static List<string> Similar(string root, string type) =>
        [.. All(root).Select(static agent => agent.Type).Where(known => IsSimilar(known, type)).Take(MaxSimilar)];

    private static bool IsSimilar(string known, string type)
    {
        var name = known[(known.LastIndexOf(':') + 1)..];
        if (string.Equals(name, type, StringComparison.OrdinalIgnoreCase)) return true;
        return type.Length >= 3 && (name.Contains(type, StringComparison.OrdinalIgnoreCase)
            || (name.Length >= 4 && type.Contains(name, StringComparison.OrdinalIgnoreCase)));
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name[0] != '.' && !name.Contains('/', StringComparison.Ordinal);
}
