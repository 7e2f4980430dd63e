namespace Ha.Core.Contracts;

/// <summary>
/// What operators want of one server of an HAProxy, on whatever node that runs. Said again after each start and after
/// a takeover. A value that is null is what haproxy.cfg says.
/// </summary>
public sealed record ServerIntent
{
    /// <summary>Name of the backend: letters, digits, <c>-_.:</c>; 1 to 128 characters.</summary>
    public required string Backend { get; init; }

    /// <summary>Name of the server in it, likewise.</summary>
    public required string Server { get; init; }

    /// <summary>Its administrative state; null: as configured.</summary>
    public HaproxyServerAdmin? State { get; init; }

    /// <summary>Its weight, 0 to <see cref="MaxWeight"/>; null: as configured.</summary>
    public int? Weight { get; init; }

    /// <summary>Who asked for it last.</summary>
    public required string Actor { get; init; }

    /// <summary>Why, shortened to <see cref="MaxReason"/> characters; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When the state ends by itself, UTC; null: never. The cluster ends it: whoever applies it need not
    /// count.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When the weight ends by itself, likewise.</summary>
    public DateTimeOffset? WeightUntil { get; init; }

    /// <summary>Greatest weight that HAProxy takes.</summary>
    public const int MaxWeight = 256;

    /// <summary>How much of a reason is kept.</summary>
    public const int MaxReason = 128;

    /// <summary>How many servers of the whole cluster may have one.</summary>
    public const int MaxInCluster = 128;
}

/// <summary>What shall become of one server of an HAProxy. What is null stays as it is.</summary>
public sealed record ServerChange
{
    /// <summary>Id of the <c>builtin:haproxy</c>; null: the only one that is configured.</summary>
    public string? Resource { get; init; }

    /// <summary>Name of the backend.</summary>
    public required string Backend { get; init; }

    /// <summary>Name of the server in it.</summary>
    public required string Server { get; init; }

    /// <summary>Its administrative state.</summary>
    public HaproxyServerAdmin? State { get; init; }

    /// <summary>Its weight, 0 to <see cref="ServerIntent.MaxWeight"/>.</summary>
    public int? Weight { get; init; }

    /// <summary>True: the weight of haproxy.cfg holds again. Not together with <see cref="Weight"/>.</summary>
    public bool ConfiguredWeight { get; init; }

    /// <summary>When state and weight that are set here end by themselves, UTC; null: never.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>The configuration of a service as one node has it on its disk.</summary>
/// <param name="Resource">Id of the resource.</param>
/// <param name="Hash">SHA-256 of all it reads, lower-case hexadecimal; empty when it cannot be read.</param>
/// <param name="Problem">What its check says against it, at most 512 characters; empty when nothing.</param>
public sealed record ServiceConfiguration(string Resource, string Hash, string Problem);

/// <summary>
/// The HAProxies as one node tells them: what it reads from its own, and what the cluster knows of them everywhere.
/// </summary>
/// <param name="Live">Each <c>builtin:haproxy</c> as it is on this node right now.</param>
/// <param name="Resources">
/// The same resources on all nodes: states, configurations and their differences, what operators want of servers.
/// </param>
public sealed record HaproxyOverview(ImmutableArray<HaproxyStatus> Live, ImmutableArray<ResourceSnapshot> Resources);
