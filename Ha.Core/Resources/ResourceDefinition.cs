namespace Ha.Core.Resources;

/// <summary>One resource as configured: what it is and how long its operations may take.</summary>
public sealed record ResourceDefinition
{
    /// <summary>Resource id, unique in the cluster: its haresources word.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Agent class: <c>builtin</c> (this product's own), <c>heartbeat</c> (resource.d or init.d script), <c>lsb</c>,
    /// <c>ocf</c>, <c>systemd</c> or <c>exec</c>.
    /// </summary>
    public required string Class { get; init; }

    /// <summary>Provider of an <c>ocf</c> agent, for example <c>heartbeat</c>; empty for other classes.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Agent type within the class: <c>vip</c>, <c>IPaddr2</c>, a script's or unit's name, a path.</summary>
    public required string Type { get; init; }

    /// <summary>Parameters by name, as agents get them in <c>OCF_RESKEY_name</c>; empty for scripts.</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Arguments before the verb, for scripts; empty for builtin types.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>The address, for <c>builtin:vip</c>; null otherwise.</summary>
    public VirtualIp? Vip { get; init; }

    /// <summary>Longest time a probe may take. Default 20 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest time a start may take. Default 60 s.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time a stop may take. Default 60 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Recurring monitors while it runs; several may differ in depth.</summary>
    public ImmutableArray<MonitorDefinition> Monitors { get; init; } = [];

    /// <summary>
    /// How long after the last failure all failures of it are forgotten; zero: never (<c>failure-timeout</c>).
    /// </summary>
    public TimeSpan FailureTimeout { get; init; }

    /// <summary>Whether one failed start bans the node (<c>start-failure-is-fatal</c>). Default true.</summary>
    public bool StartFailureIsFatal { get; init; } = true;

    /// <summary>
    /// False when its configuration says that the cluster leaves it alone (<c>is-managed</c>, <c>maintenance</c>).
    /// </summary>
    public bool IsManaged { get; init; } = true;

    /// <summary>Whether its configuration says that it is not even watched (<c>maintenance</c>).</summary>
    public bool InMaintenance { get; init; }

    /// <summary>
    /// Tells definitions apart that need a restart when one replaces the other: agent and parameters. Empty where they
    /// cannot change in a life (haresources).
    /// </summary>
    public string Digest { get; init; } = "";

    /// <summary><c>class:type</c> or <c>class:provider:type</c>, as Pacemaker writes it.</summary>
    public string FullType => Provider.Length > 0 ? $"{Class}:{Provider}:{Type}" : $"{Class}:{Type}";

    /// <summary>True for a virtual IP.</summary>
    public bool IsVip => Vip is not null;

    /// <summary>True for an HAProxy that this product controls itself.</summary>
    public bool IsHaproxy => Class == "builtin" && Type == "haproxy";

    /// <summary>Longest time an operation may take.</summary>
    public TimeSpan Timeout(Contracts.OperationKind kind) => kind switch
    {
        Contracts.OperationKind.Probe => ProbeTimeout,
        Contracts.OperationKind.Start => StartTimeout,
        Contracts.OperationKind.Stop => StopTimeout,
        Contracts.OperationKind.Announce => StartTimeout,
        Contracts.OperationKind.Monitor or Contracts.OperationKind.Cancel => ProbeTimeout,
        Contracts.OperationKind.Fence => throw new ArgumentOutOfRangeException(nameof(kind), "fences nodes"),
    };
}

/// <summary>A recurring monitor.</summary>
/// <param name="Interval">Time from the end of one to the begin of the next.</param>
/// <param name="Timeout">Longest time one may take.</param>
/// <param name="Depth">How thoroughly it looks (<c>OCF_CHECK_LEVEL</c>); 0 is the plain look.</param>
public sealed record MonitorDefinition(TimeSpan Interval, TimeSpan Timeout, int Depth = 0);

/// <summary>A virtual IP address as configured (haresources IPaddr word, CONFIG.md 3.4).</summary>
/// <param name="Address">IPv4 or IPv6 address in canonical text.</param>
/// <param name="PrefixLength">Prefix length; null: taken from the route that covers the address.</param>
/// <param name="Interface">Interface; null: taken from the route that covers the address.</param>
/// <param name="Label">Full address label such as <c>eth0:0</c>; null: none.</param>
/// <param name="Broadcast">Broadcast address; null: the highest address of the subnet.</param>
public sealed record VirtualIp(string Address, int? PrefixLength, string? Interface, string? Label, string? Broadcast);

/// <summary>
/// An ordered list of resources that live on one node together: a haresources line, a group of the cluster
/// configuration, or a resource that is in none.
/// </summary>
public sealed record ResourceGroup
{
    /// <summary>Group id as operators know it; for a haresources line its first resource word.</summary>
    public required string Id { get; init; }

    /// <summary>The node it prefers; null when none.</summary>
    public required string? PreferredNode { get; init; }

    /// <summary>What staying where it is counts for (<see cref="Policy.Score"/>).</summary>
    public int Stickiness { get; init; }

    /// <summary>
    /// Whether of several owners one goes on without a stop (<c>multiple-active</c> stop_unexpected).
    /// </summary>
    public bool KeepsOne { get; init; }

    /// <summary>True when it runs on several nodes at once.</summary>
    public bool IsClone { get; init; }

    /// <summary>Its resources in start order; stopped in reverse.</summary>
    public required ImmutableArray<ResourceDefinition> Resources { get; init; }
}
