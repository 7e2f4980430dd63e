using System.Text.Json.Serialization;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>One resource.</summary>
public sealed record ConfiguredResource
{
    /// <summary>Id, unique among resources.</summary>
    public required string Id { get; init; }

    /// <summary>Its agent: <c>builtin:vip</c>, <c>heartbeat:haproxy</c>, <c>ocf:heartbeat:Filesystem</c>, …</summary>
    public required string Type { get; init; }

    /// <summary>Parameters of the agent.</summary>
    public ImmutableSortedDictionary<string, string> Parameters
    {
        get;
        init => field = value ?? SortedText.Empty;
    } = SortedText.Empty;

    /// <summary>Arguments before the verb, for scripts of the classes heartbeat and exec.</summary>
    public ImmutableArray<string> Arguments { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Meta attributes.</summary>
    public ResourceMeta? Meta { get; init; }

    /// <summary>
    /// Operations that differ from their defaults. Without a monitor among them it is monitored every 10 s.
    /// </summary>
    public ImmutableArray<ConfiguredOperation> Operations { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Resources that run on one node, started in order and stopped in reverse.</summary>
public sealed record ConfiguredGroup
{
    /// <summary>
    /// Id, unique among groups, clones and resources; a group may also bear the id of its first member, as groups of
    /// haresources do: the id means the group then, wherever a constraint names it.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Ids of its resources, in start order. At least one.</summary>
    public required ImmutableArray<string> Members { get; init; }

    /// <summary>Meta attributes, inherited by members that do not have their own.</summary>
    public ResourceMeta? Meta { get; init; }
}

/// <summary>A resource or group that runs on several nodes at once.</summary>
public sealed record ConfiguredClone
{
    /// <summary>Id, unique among groups, clones and resources.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the resource or group that is repeated.</summary>
    public required string Resource { get; init; }

    /// <summary>How many copies there are in the cluster. Default: one for each node.</summary>
    public int? CloneMax { get; init; }

    /// <summary>How many copies one node runs at most. Default 1.</summary>
    public int? CloneNodeMax { get; init; }

    /// <summary>Whether copies differ from each other. Default false.</summary>
    public bool? GloballyUnique { get; init; }

    /// <summary>Whether orders look only at the copy on the same node. Default false.</summary>
    public bool? Interleave { get; init; }

    /// <summary>Meta attributes, inherited by what is repeated.</summary>
    public ResourceMeta? Meta { get; init; }
}

/// <summary>How the cluster treats a resource (RELIABILITY.md section 7).</summary>
public sealed record ResourceMeta
{
    /// <summary>What yields first when not everything can run: the lower one. Default 0.</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? Priority { get; init; }

    /// <summary>What staying where it runs is worth. Default 0 (1 for copies of clones).</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? Stickiness { get; init; }

    /// <summary>After how many failures a node is banned; 0: never. Default INFINITY.</summary>
    [JsonConverter(typeof(ScoreConverter))]
    public int? MigrationThreshold { get; init; }

    /// <summary>After how long without a new one failures are forgotten; 0: never. Default 0.</summary>
    public TimeSpan? FailureTimeout { get; init; }

    /// <summary>Whether it shall run. Default started.</summary>
    public ResourceTarget? TargetRole { get; init; }

    /// <summary>Whether the cluster starts and stops it. Default true.</summary>
    public bool? IsManaged { get; init; }

    /// <summary>Whether it is neither started, stopped nor monitored. Default false.</summary>
    public bool? Maintenance { get; init; }

    /// <summary>What is done when it is found on several nodes. Default stopStart.</summary>
    public MultipleActivePolicy? MultipleActive { get; init; }

    /// <summary>Whether its failure may move what it runs together with. Default true.</summary>
    public bool? Critical { get; init; }

    /// <summary>What must be given before it is started. Default: fencing if enabled, else quorum.</summary>
    public ResourceRequirement? Requires { get; init; }
}

/// <summary>What a resource shall be.</summary>
public enum ResourceTarget
{
    /// <summary>It runs.</summary>
    Started,

    /// <summary>It does not.</summary>
    Stopped,
}

/// <summary>What is done about a resource that is found on several nodes.</summary>
public enum MultipleActivePolicy
{
    /// <summary>It is stopped everywhere and started on one.</summary>
    StopStart,

    /// <summary>It is stopped everywhere.</summary>
    StopOnly,

    /// <summary>It is left alone until an operator has looked at it.</summary>
    Block,

    /// <summary>It is stopped where it does not belong; where it belongs it runs on.</summary>
    StopUnexpected,
}

/// <summary>What must be given before a resource is started.</summary>
public enum ResourceRequirement
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>Quorum.</summary>
    Quorum,

    /// <summary>Quorum, and every node that might have it is fenced.</summary>
    Fencing,
}

/// <summary>One operation of a resource.</summary>
public sealed record ConfiguredOperation
{
    /// <summary>Which.</summary>
    public required OperationName Name { get; init; }

    /// <summary>Time from the end of one to the begin of the next; monitor only. Default 10 s.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>How long it may take. Default 60 s for start and stop, 20 s for probe and monitor.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What its failure means. Default restart; for stop: fence, or block without fencing.</summary>
    public FailurePolicy? OnFail { get; init; }

    /// <summary>Whether it is run; monitor only. Default true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Where the resource is looked at: where it runs, or where it must not; monitor only. Default
    /// started.</summary>
    public ResourceTarget? Role { get; init; }

    /// <summary>How thoroughly it looks (<c>OCF_CHECK_LEVEL</c>); monitor only. Default 0.</summary>
    public int? Depth { get; init; }
}

/// <summary>Operations that can be configured.</summary>
public enum OperationName
{
    /// <summary>Looking once whether it runs.</summary>
    Probe,

    /// <summary>Starting.</summary>
    Start,

    /// <summary>Stopping.</summary>
    Stop,

    /// <summary>Looking again and again whether it runs.</summary>
    Monitor,
}

/// <summary>What the failure of an operation means.</summary>
public enum FailurePolicy
{
    /// <summary>Nothing.</summary>
    Ignore,

    /// <summary>It is stopped and started, elsewhere if need be.</summary>
    Restart,

    /// <summary>It is left alone until an operator has looked at it.</summary>
    Block,

    /// <summary>It is stopped and stays stopped.</summary>
    Stop,

    /// <summary>The node gives up all its resources.</summary>
    Standby,

    /// <summary>The node is fenced.</summary>
    Fence,
}

/// <summary>Settings of operations that do not have their own.</summary>
public sealed record OperationDefaults
{
    /// <summary>How long one may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What a failure means.</summary>
    public FailurePolicy? OnFail { get; init; }
}
