using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration;

/// <summary>
/// Makes version 1.0 of the cluster configuration from haresources, where there is no document yet (RELIABILITY.md
/// section 7, last rows). Every node makes the same one from the same files.
/// </summary>
public static class HaresourcesImport
{
    // What fails again and again is tried three times in place, then elsewhere, and again after a while.
    private const int MigrationThreshold = 3;
    private static readonly TimeSpan FailureTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MonitorInterval = TimeSpan.FromSeconds(10);

    /// <summary>Makes the document.</summary>
    /// <param name="groups">Groups of haresources, in its order.</param>
    /// <param name="nodes">Nodes of ha.cf.</param>
    /// <param name="failback">auto_failback of ha.cf; legacy counts as on.</param>
    public static ConfigurationDocument Import(
        ImmutableArray<ResourceGroup> groups, ImmutableArray<string> nodes, AutoFailback failback) => new()
    {
        Version = new ConfigurationVersion(1, 0),
        Options = new ConfiguredOptions
        {
            // Two nodes of Heartbeat know no quorum: the survivor goes on.
            NoQuorumPolicy = nodes.Length > 2 ? NoQuorumPolicy.Stop : NoQuorumPolicy.Ignore,
            Failback = failback != AutoFailback.Off,
        },
        Nodes = [.. nodes.Select(node => new ConfiguredNode { Name = node })],
        ResourceDefaults = new ResourceMeta
        {
            MultipleActive = MultipleActivePolicy.StopUnexpected,
            MigrationThreshold = MigrationThreshold,
            FailureTimeout = FailureTimeout,
        },
        Resources = [.. groups.SelectMany(group => group.Resources).Select(Resource)],
        // A line with one resource needs no group around it.
        Groups = [.. groups.Where(group => group.Resources.Length > 1).Select(Group)],
        Locations = [.. groups.Where(group => group.PreferredNode is not null).Select(Preference)],
        Fencing = new ConfiguredFencing { Enabled = false },
    };

    private static ConfiguredResource Resource(ResourceDefinition resource)
    {
        var plain = new ResourceDefinition { Id = "", Class = "", Type = "" };
        return new ConfiguredResource
        {
            Id = resource.Id,
            Type = resource.FullType,
            Parameters = resource.Vip is { } vip ? VipParameters.Write(vip) : resource.Parameters,
            Arguments = resource.Arguments,
            Operations =
            [
                .. Differing(OperationName.Probe, resource.ProbeTimeout, plain.ProbeTimeout),
                .. Differing(OperationName.Start, resource.StartTimeout, plain.StartTimeout),
                .. Differing(OperationName.Stop, resource.StopTimeout, plain.StopTimeout),
                .. Monitors(resource),
            ],
        };
    }

    private static ImmutableArray<ConfiguredOperation> Differing(
        OperationName name, TimeSpan timeout, TimeSpan preset) =>
        timeout == preset ? [] : [new ConfiguredOperation { Name = name, Timeout = timeout }];

    private static IEnumerable<ConfiguredOperation> Monitors(ResourceDefinition resource)
    {
        if (resource.Monitors.IsEmpty)
            return [new ConfiguredOperation { Name = OperationName.Monitor, Interval = MonitorInterval }];
        return resource.Monitors.Select(monitor => new ConfiguredOperation
        {
            Name = OperationName.Monitor, Interval = monitor.Interval,
            Timeout = monitor.Timeout == resource.ProbeTimeout ? null : monitor.Timeout,
            Depth = monitor.Depth == 0 ? null : monitor.Depth,
        });
    }

    private static ConfiguredGroup Group(ResourceGroup group) =>
        new() { Id = group.Id, Members = [.. group.Resources.Select(resource => resource.Id)] };

    private static ConfiguredLocation Preference(ResourceGroup group) => new()
    {
        Id = $"{group.Id}-prefers-{group.PreferredNode}", Resource = group.Id, Node = group.PreferredNode,
        Score = Score.Preferred,
    };

    /// <summary>What haresources means to the engine.</summary>
    public static ActiveConfiguration Configure(
        ImmutableArray<ResourceGroup> groups, ImmutableArray<string> nodes, AutoFailback failback) =>
        DocumentCompiler.Compile(Import(groups, nodes, failback), nodes);
}
