namespace Ha.Core.Policy.Model;

/// <summary>All that the general policy engine decides from: equal models give equal plans.</summary>
public sealed record ClusterModel
{
    /// <summary>Cluster-wide options.</summary>
    public required ClusterOptions Options { get; init; }

    /// <summary>All nodes, in configured order.</summary>
    public required ImmutableArray<NodeModel> Nodes { get; init; }

    /// <summary>Top-level resources, in configured order.</summary>
    public required ImmutableArray<ResourceModel> Resources { get; init; }

    /// <summary>Where resources may, should or must not run.</summary>
    public ImmutableArray<LocationConstraint> Locations { get; init; } = [];

    /// <summary>Which resources belong together or apart.</summary>
    public ImmutableArray<ColocationConstraint> Colocations { get; init; } = [];

    /// <summary>Which resources come after which.</summary>
    public ImmutableArray<OrderConstraint> Orders { get; init; } = [];

    /// <summary>What is known of each resource on each node.</summary>
    public ImmutableArray<ResourceHistory> History { get; init; } = [];

    /// <summary>Failures counted so far.</summary>
    public ImmutableArray<FailCount> FailCounts { get; init; } = [];

    /// <summary>Defaults of resource meta attributes.</summary>
    public ImmutableArray<AttributeSet> ResourceDefaults { get; init; } = [];

    /// <summary>Defaults of operation settings.</summary>
    public ImmutableArray<AttributeSet> OperationDefaults { get; init; } = [];

    /// <summary>The moment the plan is made for: decides date rules and whether failures have expired.</summary>
    public required DateTimeOffset Now { get; init; }
}

/// <summary>What happens without quorum.</summary>
public enum NoQuorumPolicy
{
    /// <summary>Stop everything that needs quorum.</summary>
    Stop,

    /// <summary>Keep what runs, start nothing.</summary>
    Freeze,

    /// <summary>Go on as if there were quorum.</summary>
    Ignore,

    /// <summary>Fence the nodes of the partition.</summary>
    Fence,
}

/// <summary>Cluster-wide options, with Pacemaker's defaults.</summary>
public sealed record ClusterOptions
{
    /// <summary>Whether this partition has quorum.</summary>
    public bool HaveQuorum { get; init; } = true;

    /// <summary>What happens without it.</summary>
    public NoQuorumPolicy NoQuorumPolicy { get; init; } = NoQuorumPolicy.Stop;

    /// <summary>Whether resources may run on nodes no constraint names.</summary>
    public bool SymmetricCluster { get; init; } = true;

    /// <summary>Whether fencing is wanted.</summary>
    public bool FencingEnabled { get; init; } = true;

    /// <summary>What fencing does to a node: reboot or off.</summary>
    public string FencingAction { get; init; } = "reboot";

    /// <summary>Whether nodes never seen are fenced.</summary>
    public bool StartupFencing { get; init; } = true;

    /// <summary>Whether nodes are watched by a hardware or disk watchdog, so that a node can fence itself.</summary>
    public bool HaveWatchdog { get; init; }

    /// <summary>Whether there are fence devices besides those that are resources.</summary>
    public bool HaveFenceDevices { get; init; }

    /// <summary>Whether nothing is started or stopped anywhere.</summary>
    public bool MaintenanceMode { get; init; }

    /// <summary>Whether everything is stopped.</summary>
    public bool StopAllResources { get; init; }

    /// <summary>Whether running resources that are no longer configured are stopped.</summary>
    public bool StopOrphanResources { get; init; } = true;

    /// <summary>Whether monitors that are no longer configured are cancelled.</summary>
    public bool StopOrphanActions { get; init; } = true;

    /// <summary>Whether a failed start bans the node at once.</summary>
    public bool StartFailureIsFatal { get; init; } = true;

    /// <summary>
    /// Whether even that is planned as Pacemaker 2.1 plans it which is a mistake there (docs/policy.md): for clusters
    /// that are read from a CIB, to tell what Pacemaker would do.
    /// </summary>
    public bool AsPacemaker { get; init; }

    /// <summary>Whether unknown resource states are probed.</summary>
    public bool StartupProbes { get; init; } = true;
}

/// <summary>One node.</summary>
public sealed record NodeModel
{
    /// <summary>Id by which the status refers to it.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it was ever seen; a node without status was not.</summary>
    public bool Seen { get; init; }

    /// <summary>Whether it is a member of the cluster's communication; null when nobody has ever said.</summary>
    public bool? InMembership { get; init; }

    /// <summary>Whether its cluster agent answers.</summary>
    public bool AgentOnline { get; init; }

    /// <summary>How far it has joined.</summary>
    public NodeJoin Join { get; init; }

    /// <summary>Whether it is expected to be a member.</summary>
    public bool Expected { get; init; }

    /// <summary>Why it is not online, as the end of the sentence "s1 ..."; null when nobody knows better.</summary>
    public string? WhyAbsent { get; init; }

    /// <summary>Whether it asked to leave.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>Whether it is this partition's coordinator.</summary>
    public bool IsCoordinator { get; init; }

    /// <summary>Permanent attributes.</summary>
    public ImmutableArray<AttributeSet> Attributes { get; init; } = [];

    /// <summary>Attributes that end with the node's membership; they win over permanent ones.</summary>
    public ImmutableArray<AttributeSet> TransientAttributes { get; init; } = [];
}

/// <summary>How far a node has joined the partition.</summary>
public enum NodeJoin
{
    /// <summary>Not at all.</summary>
    Down,

    /// <summary>It asked to join and was not admitted yet.</summary>
    Pending,

    /// <summary>It is a member that takes orders.</summary>
    Member,

    /// <summary>It was turned away.</summary>
    Banned,
}
