namespace Ha.Core.Contracts;

/// <summary>A page of a REST list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The items, in the order that the list documents.</param>
/// <param name="NextLink">Relative URL of the next page; null on the last one.</param>
public sealed record Page<T>(ImmutableArray<T> Items, string? NextLink);

/// <summary>Body of <c>PUT /api/v1/nodes/{name}/mode</c>.</summary>
public sealed record ModeChange
{
    /// <summary>The mode the node shall have.</summary>
    public required NodeMode Mode { get; init; }

    /// <summary>True: also when that moves a service to a node with another configuration of it; null: no.</summary>
    public bool? Force { get; init; }

    /// <summary>Why; shown in events. At most 512 characters; null for none.</summary>
    public string? Reason { get; init; }
}

/// <summary>
/// Body of <c>POST /api/v1/takeovers</c>. With a group: that group moves to <see cref="To"/>. Without: the node
/// <see cref="To"/> takes groups over.
/// </summary>
public sealed record TakeoverRequest
{
    /// <summary>The group to move; null: the groups that <see cref="Kind"/> names.</summary>
    public string? Group { get; init; }

    /// <summary>The node that takes over. Required with a group; otherwise null means the node that is asked.</summary>
    public string? To { get; init; }

    /// <summary>Where the sender believes the group runs now; wrong → 409. Only with a group.</summary>
    public string? From { get; init; }

    /// <summary>Which groups; null means all. Only without a group.</summary>
    public GroupSet? Kind { get; init; }

    /// <summary>True: also when that moves a service to a node with another configuration of it; null: no.</summary>
    public bool? Force { get; init; }

    /// <summary>Why; shown in events. At most 512 characters; null for none.</summary>
    public string? Reason { get; init; }
}

/// <summary>Body of <c>PUT /api/v1/haproxy/servers/{backend}/{server}/state</c>. What is null stays as it is.</summary>
public sealed record ServerStateChange
{
    /// <summary>The administrative state the server shall have; ready is what holds without any wish.</summary>
    public HaproxyServerAdmin? State { get; init; }

    /// <summary>The weight it shall have, 0 to 256.</summary>
    public int? Weight { get; init; }

    /// <summary>True: the weight of haproxy.cfg holds again. Not together with <see cref="Weight"/>.</summary>
    public bool? ConfiguredWeight { get; init; }

    /// <summary>When that ends by itself, UTC; null: when it is taken back.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Id of the builtin:haproxy; needed when there are several.</summary>
    public string? Resource { get; init; }

    /// <summary>Why; shown in events. At most 512 characters; null for none.</summary>
    public string? Reason { get; init; }
}

/// <summary>One virtual IP and who holds it.</summary>
public sealed record VipStatus
{
    /// <summary>The address without prefix.</summary>
    public required string Address { get; init; }

    /// <summary>Prefix length in bits.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The group it belongs to.</summary>
    public required string Group { get; init; }

    /// <summary>Its resource id.</summary>
    public required string Resource { get; init; }

    /// <summary>The nodes that have it configured now; empty: nobody, more than one: a conflict.</summary>
    public required ImmutableArray<string> Holders { get; init; }

    /// <summary>Interface it is added to; null when it is found from the routing table.</summary>
    public string? Interface { get; init; }

    /// <summary>Address label; null when none.</summary>
    public string? Label { get; init; }

    /// <summary>Since when its group is as it is, UTC.</summary>
    public required DateTimeOffset Since { get; init; }
}

/// <summary>Every answer of the REST API that is not a success (RFC 9457, <c>application/problem+json</c>).</summary>
public sealed record Problem
{
    /// <summary>
    /// Stable address of the help text for this kind of problem, for example <c>/problems/unknown-node</c>.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>The kind of problem in a few words; the same for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The last part of <see cref="Type"/>: what programs switch on.</summary>
    public required string Code { get; init; }

    /// <summary>What is wrong here and what to do, in one or two sentences.</summary>
    public required string Detail { get; init; }

    /// <summary>Path that was asked for.</summary>
    public required string Instance { get; init; }

    /// <summary>Finds this request in the log of the node that answered.</summary>
    public required string TraceId { get; init; }

    /// <summary>Whether the same request may succeed later without any change.</summary>
    public required bool Retryable { get; init; }

    /// <summary>Each wrong part of the request; empty when the request as such is well formed.</summary>
    public required ImmutableArray<ProblemError> Errors { get; init; }
}

/// <summary>One wrong part of a request.</summary>
/// <param name="Pointer">JSON pointer into the body, or <c>?name</c> for a query parameter, or a header's name.</param>
/// <param name="Detail">What is wrong with it and what is accepted.</param>
public sealed record ProblemError(string Pointer, string Detail);

/// <summary>What the hub pushes each second, so that a client can tell a quiet cluster from a dead source.</summary>
/// <param name="AgentConnected">False: the agent of this node is not running, all shown state is old.</param>
/// <param name="StateAgeMs">Milliseconds since the shown state was last known to be true; null when there never was
/// any.</param>
/// <param name="Agent">Last sign of life of the agent; null when there never was any.</param>
public sealed record LiveSign(bool AgentConnected, long? StateAgeMs, AliveSign? Agent);
