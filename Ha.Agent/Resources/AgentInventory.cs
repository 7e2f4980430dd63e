using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ha.Agent.Interop;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// What the OCF agents of this node say about themselves. An agent is asked once, and again when its file has changed.
/// </summary>
/// <param name="environment">Where agents are.</param>
/// <param name="groups">Control groups; null when there are none here.</param>
internal sealed class AgentInventory(ScriptEnvironment environment, ControlGroup? groups)
{
    private const int LongestMetaData = 512 * 1024;

    // Many start slowly: interpreters, and tools that they ask for defaults.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    /// <summary>All installed agents, as <c>ocf:PROVIDER:TYPE</c>, in order.</summary>
    public ImmutableArray<string> Types => [.. OcfAgents.All(environment.OcfRoot).Select(static agent => agent.Type)];

    /// <summary>Meta-data of one agent. Runs it when it is not known yet: not for the loop thread.</summary>
    /// <param name="provider">Provider, for example <c>heartbeat</c>.</param>
    /// <param name="type">Type, for example <c>Filesystem</c>.</param>
    /// <returns>The meta-data, or a sentence about why there is none.</returns>
    public AgentMetaDataReading Read(string provider, string type)
    {
        if (OcfAgents.Locate(environment.OcfRoot, provider, type) is not { } path)
        {
            var wanted = new ResourceDefinition { Id = type, Class = "ocf", Provider = provider, Type = type };
            return new(null, OcfAgents.Advice(environment.OcfRoot, wanted));
        }

        // 1601 for a file that is gone by now: Ask then says that it cannot be executed.
        var changed = File.GetLastWriteTimeUtc(path);
        if (known.TryGetValue(path, out var cached) && cached.Changed == changed) return cached.Reading;
        var reading = Ask(path, provider, type);
        // A failure is not kept: what it lacked may be there the next time.
        if (reading.MetaData is not null) known[path] = new Known(changed, reading);
        return reading;
    }

    private AgentMetaDataReading Ask(string path, string provider, string type)
    {
        using var scope = new OperationScope(groups);
        string[] variables =
        [
            .. environment.OcfVariables, scope.Entry, "OCF_RA_VERSION_MAJOR=1", "OCF_RA_VERSION_MINOR=1",
            $"OCF_RESOURCE_INSTANCE={type}", $"OCF_RESOURCE_TYPE={type}", $"OCF_RESOURCE_PROVIDER={provider}",
        ];
        var errno = ChildProcess.Start(
            path, ["meta-data"], variables, out var child, scope, new OutputExcerpt(LongestMetaData));
        if (child is null) return new(null, $"{path} cannot be executed: {Errno.Text(errno)}.");
        using (child)
        {
            var exit = child.Wait(Limit);
            if (exit is not { End: ChildEnd.Exited, Code: 0 })
                return new(null, $"{path} meta-data failed ({exit.End}, {exit.Code}).");
            var reading = AgentMetaDataReader.Read(exit.Output);
            return reading.Problem is { } problem
                ? new(null, $"{path} meta-data cannot be understood: {problem}.")
                : reading;
        }
    }

    private sealed record Known(DateTime Changed, AgentMetaDataReading Reading);
}
