namespace Ha.Core.Policy.Model;

/// <summary>What a resource is made of.</summary>
public enum ResourceKind
{
    /// <summary>One agent's resource.</summary>
    Primitive,

    /// <summary>Primitives that run together and in order.</summary>
    Group,

    /// <summary>A primitive or group that runs several times.</summary>
    Clone,
}

/// <summary>One configured resource.</summary>
public sealed record ResourceModel
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>Primitive, group or clone.</summary>
    public required ResourceKind Kind { get; init; }

    /// <summary>The agent; empty parts for groups and clones.</summary>
    public AgentName Agent { get; init; } = AgentName.None;

    /// <summary>Meta attributes.</summary>
    public ImmutableArray<AttributeSet> Meta { get; init; } = [];

    /// <summary>Parameters of the agent.</summary>
    public ImmutableArray<AttributeSet> Parameters { get; init; } = [];

    /// <summary>
    /// Digest of what it is, when nodes record that instead of digests of parameters; null: as Pacemaker records.
    /// </summary>
    public string? Digest { get; init; }

    /// <summary>Configured operations.</summary>
    public ImmutableArray<OperationModel> Operations { get; init; } = [];

    /// <summary>Members of a group in order, or the one thing that a clone repeats.</summary>
    public ImmutableArray<ResourceModel> Members { get; init; } = [];
}

/// <summary>Which program runs a resource.</summary>
/// <param name="Class">For example <c>ocf</c>, <c>systemd</c>, <c>stonith</c>.</param>
/// <param name="Provider">For example <c>heartbeat</c>; empty when the class has none.</param>
/// <param name="Type">For example <c>IPaddr2</c>.</param>
public sealed record AgentName(string Class, string Provider, string Type)
{
    /// <summary>The agent of what has none.</summary>
    public static AgentName None { get; } = new("", "", "");

    /// <summary>Whether it is a fence device.</summary>
    public bool IsFenceDevice => Class == "stonith";
}

/// <summary>One configured operation.</summary>
public sealed record OperationModel
{
    /// <summary>Id of the operation.</summary>
    public required string Id { get; init; }

    /// <summary>Start, stop, monitor, …</summary>
    public required string Name { get; init; }

    /// <summary>Interval of a recurring operation, ms; 0 otherwise.</summary>
    public required long IntervalMs { get; init; }

    /// <summary>Its own settings (timeout, on-fail, role, enabled, …), as configured.</summary>
    public ImmutableArray<AttributeSet> Settings { get; init; } = [];

    /// <summary>Parameters that only this operation gets.</summary>
    public ImmutableArray<AttributeSet> Parameters { get; init; } = [];
}
