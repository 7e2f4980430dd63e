using System.Collections.Immutable;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Haproxy;

/// <summary>
/// The agent class <c>builtin</c> for what is not a virtual IP: every HAProxy of this node, from when it is configured
/// on, also where it only could run.
/// </summary>
/// <param name="surroundings">What they share.</param>
internal sealed class HaproxyInstances(HaproxySurroundings surroundings) : IAgentClass, IDisposable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, HaproxyInstance> byId = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, ImmutableArray<ServerIntent>> intents =
        ImmutableSortedDictionary.Create<string, ImmutableArray<ServerIntent>>(StringComparer.Ordinal);

    private bool closed;

    /// <inheritdoc/>
    public OperationResult Run(AgentCall call)
    {
        if (!HaproxySettings.Knows(call.Resource))
            return new(OperationOutcome.NotInstalled, AgentClasses.Unknown(call.Resource));
        if (HaproxySettings.Read(call.Resource, surroundings.SocketDirectory, out var problem) is not { } settings)
            return new(OperationOutcome.NotConfigured, $"{problem}.");
        return Instance(call.Resource.Id, settings) is { } instance ? instance.Run(call, settings)
            : new(OperationOutcome.Cancelled, "The agent ends.");
    }

    /// <summary>
    /// These are all resources from now on. What runs and is configured no more is watched until it was stopped.
    /// </summary>
    public void Configure(IEnumerable<ResourceDefinition> definitions)
    {
        var configured = new HashSet<string>(StringComparer.Ordinal);
        foreach (var definition in definitions.Where(HaproxySettings.Knows))
        {
            configured.Add(definition.Id);
            if (HaproxySettings.Read(definition, surroundings.SocketDirectory, out _) is { } settings)
                Instance(definition.Id, settings)?.Configure(settings);
        }

        List<HaproxyInstance> gone = [];
        lock (gate)
        {
            foreach (var (id, instance) in byId.Where(one => !configured.Contains(one.Key) && !one.Value.IsRunning)
                .ToList())
            {
                byId.Remove(id);
                gone.Add(instance);
            }
        }

        foreach (var instance in gone) instance.Retire();
    }

    /// <summary>Operators want this of the servers of one HAProxy; kept for when it runs.</summary>
    public void Want(ApplyServerIntents effect)
    {
        HaproxyInstance? instance;
        lock (gate)
        {
            intents = intents.SetItem(effect.Resource, effect.Intents);
            instance = byId.GetValueOrDefault(effect.Resource);
        }

        instance?.Want(effect.Intents);
    }

    /// <summary>The state of each, asked now.</summary>
    public ImmutableArray<HaproxyStatus> Status()
    {
        List<HaproxyInstance> all;
        lock (gate) all = [.. byId.Values];
        return [.. all.Select(static one => one.Status())];
    }

    /// <summary>Has one read its configuration anew.</summary>
    /// <returns>What went wrong; null when it was done.</returns>
    public string? Reload(string resource)
    {
        HaproxyInstance? instance;
        lock (gate) instance = byId.GetValueOrDefault(resource);
        return instance is null ? $"this node has no HAProxy resource {resource}" : instance.Reload();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        List<HaproxyInstance> all;
        lock (gate)
        {
            closed = true;
            all = [.. byId.Values];
        }

        foreach (var instance in all) instance.Dispose();
    }

    private HaproxyInstance? Instance(string id, HaproxySettings settings)
    {
        lock (gate)
        {
            if (closed) return null;
            if (byId.TryGetValue(id, out var known)) return known;
            var instance = new HaproxyInstance(id, settings, surroundings);
            byId.Add(id, instance);
            if (intents.TryGetValue(id, out var wanted)) instance.Want(wanted);
            return instance;
        }
    }
}
