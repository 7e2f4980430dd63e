using Ha.Core.Policy.Model;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>
/// The cluster configuration as operators write it: one JSON document, identical on all nodes
/// (docs/cluster-configuration.md). What is left out has its default; only what is written is kept.
/// </summary>
/// <remarks>The deserializer sets every member, those that the text leaves out to <c>default</c>: lists and names turn
/// that into empty ones.</remarks>
public sealed record ConfigurationDocument
{
    /// <summary>Its version.</summary>
    public ConfigurationVersion Version { get; init; }

    /// <summary>Cluster-wide options.</summary>
    public ConfiguredOptions? Options { get; init; }

    /// <summary>What is known of nodes. A node of ha.cf that is not named has no attributes.</summary>
    public ImmutableArray<ConfiguredNode> Nodes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Meta attributes of every resource that does not have its own.</summary>
    public ResourceMeta? ResourceDefaults { get; init; }

    /// <summary>Settings of every operation that does not have its own.</summary>
    public OperationDefaults? OperationDefaults { get; init; }

    /// <summary>
    /// Resources. Their order is the order of the cluster's groups: each stands where its first resource stands.
    /// </summary>
    public ImmutableArray<ConfiguredResource> Resources { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Groups of resources that run together and in order.</summary>
    public ImmutableArray<ConfiguredGroup> Groups { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Resources and groups that run on several nodes at once.</summary>
    public ImmutableArray<ConfiguredClone> Clones { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Where resources belong.</summary>
    public ImmutableArray<ConfiguredLocation> Locations { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Which resources belong together, or apart.</summary>
    public ImmutableArray<ConfiguredColocation> Colocations { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Which resources come after which.</summary>
    public ImmutableArray<ConfiguredOrder> Orders { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Fencing, watchdog and arbiter; null when nothing protects against a split.</summary>
    public ConfiguredFencing? Fencing { get; init; }

    /// <summary>Health checks.</summary>
    public ImmutableArray<ConfiguredCheck> Checks { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Cluster-wide options.</summary>
public sealed record ConfiguredOptions
{
    /// <summary>What a partition without quorum does. Default stop.</summary>
    public NoQuorumPolicy? NoQuorumPolicy { get; init; }

    /// <summary>Whether resources may run on nodes that no location names. Default true.</summary>
    public bool? SymmetricCluster { get; init; }

    /// <summary>Whether nothing is started, stopped or monitored anywhere. Default false.</summary>
    public bool? MaintenanceMode { get; init; }

    /// <summary>Whether everything is stopped. Default false.</summary>
    public bool? StopAllResources { get; init; }

    /// <summary>Whether a failed start bans the node at once. Default true.</summary>
    public bool? StartFailureIsFatal { get; init; }

    /// <summary>Whether resources that are no longer configured are stopped. Default true.</summary>
    public bool? StopOrphanResources { get; init; }

    /// <summary>Whether monitors that are no longer configured are cancelled. Default true.</summary>
    public bool? StopOrphanActions { get; init; }

    /// <summary>Whether a node that joins is asked what runs on it. Default true.</summary>
    public bool? StartupProbes { get; init; }

    /// <summary>
    /// Whether resources return to the node they prefer (<c>auto_failback</c>): true makes staying worth 1, false
    /// <c>INFINITY</c>. Null: <see cref="ResourceMeta.Stickiness"/> decides.
    /// </summary>
    public bool? Failback { get; init; }

    /// <summary>How often time-based rules and failure timeouts are looked at, at least. Default 15 min.</summary>
    public TimeSpan? RecheckInterval { get; init; }

    /// <summary>How many actions are under way in the cluster at once, at most. Default 30.</summary>
    public int? BatchLimit { get; init; }
}

/// <summary>One node.</summary>
public sealed record ConfiguredNode
{
    /// <summary>Its name in ha.cf.</summary>
    public required string Name { get; init; }

    /// <summary>Attributes that rules and scores refer to.</summary>
    public ImmutableSortedDictionary<string, string> Attributes
    {
        get;
        init => field = value ?? SortedText.Empty;
    } = SortedText.Empty;

    /// <summary>Whether it runs no resources. Default false.</summary>
    public bool? Standby { get; init; }

    /// <summary>Whether nothing on it is started, stopped or monitored. Default false.</summary>
    public bool? Maintenance { get; init; }

    /// <summary>Its votes for quorum. Default 1.</summary>
    public int? Votes { get; init; }
}

/// <summary>Names and values in the order of the names.</summary>
internal static class SortedText
{
    public static ImmutableSortedDictionary<string, string> Empty { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
