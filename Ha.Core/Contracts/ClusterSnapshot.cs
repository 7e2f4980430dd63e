namespace Ha.Core.Contracts;

/// <summary>
/// The one read model of the cluster, as one node sees it: what the control socket, REST, SignalR and the dashboard
/// show. It is replaced whole, never patched.
/// </summary>
public sealed record ClusterSnapshot
{
    /// <summary>
    /// Grows by at least one with every change; starts again with each life (<see cref="Generation"/>) of the agent.
    /// </summary>
    public required long Version { get; init; }

    /// <summary>The node that wrote this snapshot.</summary>
    public required string Node { get; init; }

    /// <summary>Heartbeat generation of the agent that wrote it: grows with each start.</summary>
    public required long Generation { get; init; }

    /// <summary>Name of the cluster (<c>cluster</c> in ha.cf).</summary>
    public required string Cluster { get; init; }

    /// <summary>Wall clock of the node when the snapshot was taken, UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>The agreed membership view; null while this node has not joined any.</summary>
    public ViewSnapshot? View { get; init; }

    /// <summary>What this configuration promises about two owners, in one sentence for the operator.</summary>
    public required string Promise { get; init; }

    /// <summary>All configured nodes, in the order of ha.cf.</summary>
    public required ImmutableArray<NodeSnapshot> Nodes { get; init; }

    /// <summary>All resource groups, in the order of haresources.</summary>
    public required ImmutableArray<GroupSnapshot> Groups { get; init; }

    /// <summary>Operator's operations, newest first, at most <see cref="MaxOperations"/>.</summary>
    public required ImmutableArray<OperationSnapshot> Operations { get; init; }

    /// <summary>The transition under way; null when the cluster is at rest.</summary>
    public TransitionSnapshot? Transition { get; init; }

    /// <summary>
    /// What an operator should know about the configuration: weak keys, directives not acted on. Never empty sentences.
    /// </summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>
    /// Version of the cluster configuration that this node runs, <c>epoch.update</c>; null from an older agent.
    /// </summary>
    public string? ConfigurationVersion { get; init; }

    /// <summary>Whether an operator has switched maintenance mode on.</summary>
    public bool Maintenance { get; init; }

    /// <summary>All health checks, in the order of the cluster configuration; empty from an older agent.</summary>
    public ImmutableArray<CheckSnapshot> Checks { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>How many operations a snapshot carries at most.</summary>
    public const int MaxOperations = 16;
}

/// <summary>An agreed membership view.</summary>
/// <param name="Id">View id, <c>epoch.proposer</c>; grows with every change of membership.</param>
/// <param name="Coordinator">The member that runs the policy engine.</param>
/// <param name="Members">The members, in the order of ha.cf.</param>
public sealed record ViewSnapshot(string Id, string Coordinator, ImmutableArray<string> Members);

/// <summary>What this node knows of one node.</summary>
public sealed record NodeSnapshot
{
    /// <summary>Node name, lower case.</summary>
    public required string Name { get; init; }

    /// <summary>Membership state.</summary>
    public required NodeState State { get; init; }

    /// <summary>Whether the operator lets resources run here.</summary>
    public required NodeMode Mode { get; init; }

    /// <summary>True for the node that wrote the snapshot.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>True for the coordinator of the current view.</summary>
    public required bool IsCoordinator { get; init; }

    /// <summary>Which software answers: this product, a real Heartbeat, or nobody heard yet.</summary>
    public required NodeProduct Product { get; init; }

    /// <summary>Status word as Heartbeat says it: init, up, active, dead.</summary>
    public required string HeartbeatStatus { get; init; }

    /// <summary>Heartbeat generation last heard; 0 when never heard.</summary>
    public required long Generation { get; init; }

    /// <summary>UUID last heard; null when never heard.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>Silence, in ms, after which this node is declared dead (announced by itself in <c>dt</c>).</summary>
    public required long DeadtimeMs { get; init; }

    /// <summary>Wall clock of this snapshot's writer when the node was last heard; null when never.</summary>
    public DateTimeOffset? LastHeardAt { get; init; }

    /// <summary>One sentence for the operator: why the node is in this state. Empty when all is well.</summary>
    public required string Reason { get; init; }

    /// <summary>The links by which this node is heard; empty for the local node.</summary>
    public required ImmutableArray<LinkSnapshot> Links { get; init; }
}

/// <summary>One medium over which one peer is heard.</summary>
public sealed record LinkSnapshot
{
    /// <summary>Medium as written in ha.cf, for example <c>ucast eth0 192.168.1.203</c>.</summary>
    public required string Medium { get; init; }

    /// <summary>State of the link as this node sees it, with the peer's echo taken into account.</summary>
    public required LinkState State { get; init; }

    /// <summary>Wall clock when a packet last came in over it; null when never.</summary>
    public DateTimeOffset? LastHeardAt { get; init; }

    /// <summary>Packets accepted over it since the agent started.</summary>
    public required long PacketsReceived { get; init; }
}

/// <summary>A resource group: an ordered list of resources that live on one node together.</summary>
public sealed record GroupSnapshot
{
    /// <summary>Group id: the first resource word of its haresources line.</summary>
    public required string Id { get; init; }

    /// <summary>The node it belongs to by configuration; null (left out in JSON) when it prefers none.</summary>
    public string? PreferredNode { get; init; }

    /// <summary>What the group as a whole is doing.</summary>
    public required GroupState State { get; init; }

    /// <summary>
    /// Nodes where at least one of its resources runs; more than one is a conflict that is being resolved.
    /// </summary>
    public required ImmutableArray<string> ActiveOn { get; init; }

    /// <summary>The node the policy engine wants it on; null when no node may run it.</summary>
    public string? PlacedOn { get; init; }

    /// <summary>Since when <see cref="State"/> and <see cref="ActiveOn"/> are as they are, UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is where it is, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Its resources in start order.</summary>
    public required ImmutableArray<ResourceSnapshot> Resources { get; init; }
}

/// <summary>One resource of a group.</summary>
public sealed record ResourceSnapshot
{
    /// <summary>Resource id: its haresources word.</summary>
    public required string Id { get; init; }

    /// <summary><c>class:type</c>, for example <c>builtin:vip</c> or <c>heartbeat:haproxy</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The address, when the resource is a virtual IP; null otherwise.</summary>
    public VipSnapshot? Vip { get; init; }

    /// <summary>Its state on each node, in the order of ha.cf.</summary>
    public required ImmutableArray<ResourceOnNode> Nodes { get; init; }

    /// <summary>
    /// What operators want of its servers, by backend and server, when it is a <c>builtin:haproxy</c>; null otherwise.
    /// </summary>
    public ImmutableArray<ServerIntent>? ServerIntents { get; init; }

    /// <summary>
    /// How its configuration differs between the nodes, in one sentence; null when it does not, or it has none of its
    /// own.
    /// </summary>
    public string? ConfigurationDrift { get; init; }
}

/// <summary>A virtual IP as configured.</summary>
/// <param name="Address">The address without prefix.</param>
/// <param name="PrefixLength">Prefix length in bits.</param>
/// <param name="Interface">Interface it is added to; null when it is found from the routing table.</param>
/// <param name="Label">Address label, for example <c>eth0:0</c>; null when none.</param>
public sealed record VipSnapshot(string Address, int PrefixLength, string? Interface, string? Label);

/// <summary>State of one resource on one node.</summary>
/// <param name="Node">Node name.</param>
/// <param name="State">What is known of it there.</param>
/// <param name="Detail">Outcome and output of the last operation when it failed; empty otherwise.</param>
public sealed record ResourceOnNode(string Node, ResourceState State, string Detail)
{
    /// <summary>The files that it reads there; null when nothing is known of them, or it reads none.</summary>
    public ServiceConfiguration? Configuration { get; init; }
}

/// <summary>One health check.</summary>
public sealed record CheckSnapshot
{
    /// <summary>Id of the check.</summary>
    public required string Id { get; init; }

    /// <summary>What kind it is: <c>ping</c>, <c>tcp</c>, <c>http</c>, <c>dns</c>, <c>process</c>, <c>systemd</c>,
    /// <c>file</c> or <c>exec</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What it looks at, for people: an address, a URL, a path.</summary>
    public required string Target { get; init; }

    /// <summary>The group that it keeps away from nodes where it is unhealthy; null: none.</summary>
    public string? Group { get; init; }

    /// <summary>The node attribute that it sets; null: none.</summary>
    public string? Attribute { get; init; }

    /// <summary>Its state on each node that looks, in the order of ha.cf.</summary>
    public required ImmutableArray<CheckOnNode> Nodes { get; init; }
}

/// <summary>State of one health check on one node.</summary>
/// <param name="Node">Node name.</param>
/// <param name="State">Its state there.</param>
/// <param name="Detail">What the last look that mattered found; empty when there is nothing to say.</param>
/// <param name="Since">Since when it is so, by that node's clock, UTC; null when nothing is known.</param>
public sealed record CheckOnNode(string Node, CheckState State, string Detail, DateTimeOffset? Since);

/// <summary>The transition that the coordinator walks right now.</summary>
/// <param name="Id">Transition id, <c>view/number</c>.</param>
/// <param name="Why">Trigger and evidence in one sentence.</param>
/// <param name="Actions">Its actions in the order of issue.</param>
public sealed record TransitionSnapshot(string Id, string Why, ImmutableArray<ActionSnapshot> Actions);

/// <summary>One action of a transition.</summary>
/// <param name="Node">Executing node.</param>
/// <param name="Resource">Resource id.</param>
/// <param name="Operation">What is done.</param>
/// <param name="State">How far it is.</param>
public sealed record ActionSnapshot(string Node, string Resource, OperationKind Operation, StepState State);

/// <summary>An operator's command as it is carried out: kept until it is pushed out by newer ones.</summary>
public sealed record OperationSnapshot
{
    /// <summary>Operation id, unique in the cluster.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked for.</summary>
    public required CommandKind Kind { get; init; }

    /// <summary>The command as it was given; null from a node of another version.</summary>
    public OperatorCommand? Command { get; init; }

    /// <summary>The command in words, for example <c>standby s1 (all)</c>.</summary>
    public required string Title { get; init; }

    /// <summary>How far it is. Succeeded and Failed are final.</summary>
    public required OperationState State { get; init; }

    /// <summary>Who asked.</summary>
    public required string Actor { get; init; }

    /// <summary>The reason the operator gave; empty when none.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it ended, UTC; null while it runs.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Why it failed, or what it did; empty while it runs.</summary>
    public required string Detail { get; init; }

    /// <summary>What was done for it, in order.</summary>
    public required ImmutableArray<OperationStep> Steps { get; init; }
}

/// <summary>One step of an operation.</summary>
/// <param name="Title">What is done, for example <c>stop haproxy on s1</c>.</param>
/// <param name="State">How far it is.</param>
/// <param name="StartedAt">When it was begun, UTC.</param>
/// <param name="FinishedAt">When it ended, UTC; null while it runs.</param>
/// <param name="Detail">Output or error; empty when there is nothing to say.</param>
public sealed record OperationStep(
    string Title, StepState State, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string Detail);
