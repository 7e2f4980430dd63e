namespace Ha.Core.Contracts;

/// <summary>Something that happened, as it is journalled, sent to peers, stored, pushed and shown.</summary>
public sealed record ClusterEvent
{
    /// <summary>Unique in the cluster for ever: <c>node/generation/number</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The node that saw it.</summary>
    public required string Node { get; init; }

    /// <summary>Wall clock of that node, UTC. May jump; order within a node is the order of ids.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Monotonic clock of that node, microseconds; comparable within one boot of it.</summary>
    public required long MonotonicMicroseconds { get; init; }

    /// <summary>What happened.</summary>
    public required EventKind Kind { get; init; }

    /// <summary>How bad it is.</summary>
    public required EventSeverity Severity { get; init; }

    /// <summary>What it is about: a node, link, group or resource, by name.</summary>
    public required string Subject { get; init; }

    /// <summary>One sentence that an operator understands at three in the morning, with the evidence.</summary>
    public required string Sentence { get; init; }

    /// <summary>The transition it belongs to; null when none.</summary>
    public string? TransitionId { get; init; }

    /// <summary>Facts in machine form. Ordered by name; at most 32 entries.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>An event with its place in one node's journal.</summary>
/// <param name="Position">Grows by one with each event journalled on this node; the cursor for following.</param>
/// <param name="Event">The event.</param>
public sealed record JournalEntry(long Position, ClusterEvent Event);

/// <summary>How bad an event is.</summary>
public enum EventSeverity
{
    /// <summary>Good to know.</summary>
    Info = 0,

    /// <summary>Worth a look: redundancy or time is running out.</summary>
    Warning = 1,

    /// <summary>Something failed.</summary>
    Error = 2,

    /// <summary>Service is down or two nodes may serve at once.</summary>
    Critical = 3,
}

/// <summary>What happened. Append-only: numbers are on disks and in other people's programs.</summary>
public enum EventKind
{
    /// <summary>The agent started.</summary>
    AgentStarted = 1,

    /// <summary>The agent stops: it was asked to.</summary>
    AgentStopping = 2,

    /// <summary>The agent has stopped.</summary>
    AgentStopped = 3,

    /// <summary>The agent's own loop did not run for a while (SIGSTOP, starvation, suspended machine).</summary>
    LoopStalled = 4,

    /// <summary>A configuration warning at start.</summary>
    ConfigurationWarning = 5,

    /// <summary>A link to a peer came up.</summary>
    LinkUp = 20,

    /// <summary>A link is late.</summary>
    LinkLate = 21,

    /// <summary>A link is dead.</summary>
    LinkDead = 22,

    /// <summary>A link works in one direction only.</summary>
    LinkOneWay = 23,

    /// <summary>A medium of this node cannot send or receive.</summary>
    MediumFailed = 24,

    /// <summary>A medium works again.</summary>
    MediumRecovered = 25,

    /// <summary>A peer was heard for the first time, or again.</summary>
    NodeHeard = 40,

    /// <summary>A peer's heartbeat is late (warntime).</summary>
    NodeLate = 41,

    /// <summary>A peer was declared dead.</summary>
    NodeDead = 42,

    /// <summary>A peer said good-bye.</summary>
    NodeLeft = 43,

    /// <summary>A peer started again with a higher generation.</summary>
    NodeRestarted = 44,

    /// <summary>A peer that was declared dead is heard again in the same life: the network was split.</summary>
    PartitionHealed = 45,

    /// <summary>A peer changed its Heartbeat status.</summary>
    NodeStatus = 46,

    /// <summary>Two nodes claim the same name or uuid.</summary>
    DuplicateNode = 47,

    /// <summary>Packets that fail authentication come in.</summary>
    AuthenticationFailed = 60,

    /// <summary>Packets of an older generation come in.</summary>
    ReplayRejected = 61,

    /// <summary>Packets were lost and are requested again.</summary>
    PacketsLost = 62,

    /// <summary>Packets that cannot be read come in.</summary>
    MalformedPacket = 63,

    /// <summary>A new membership view was agreed.</summary>
    ViewInstalled = 80,

    /// <summary>This node dropped its resources because it was out of the cluster for too long.</summary>
    AuthorityLost = 81,

    /// <summary>A transition began: the why-record.</summary>
    TransitionStarted = 100,

    /// <summary>A transition reached its end.</summary>
    TransitionCompleted = 101,

    /// <summary>A transition was called off and computed anew.</summary>
    TransitionAborted = 102,

    /// <summary>A group runs on a node now.</summary>
    GroupActive = 110,

    /// <summary>A group was stopped.</summary>
    GroupStopped = 111,

    /// <summary>A group cannot run anywhere.</summary>
    GroupFailed = 112,

    /// <summary>A group runs on several nodes.</summary>
    GroupConflict = 113,

    /// <summary>A group is blocked by a failed stop.</summary>
    GroupBlocked = 114,

    /// <summary>An operation on a resource was done.</summary>
    OperationDone = 120,

    /// <summary>An operation on a resource failed.</summary>
    OperationFailed = 121,

    /// <summary>What was found at start: running, not running.</summary>
    ResourceProbed = 122,

    /// <summary>An operator asked for something.</summary>
    CommandReceived = 140,

    /// <summary>What the operator asked for is done.</summary>
    CommandSucceeded = 141,

    /// <summary>What the operator asked for failed.</summary>
    CommandFailed = 142,

    /// <summary>What an operator asked for was refused.</summary>
    CommandRefused = 143,

    /// <summary>A disk, file or log cannot be written.</summary>
    StorageFailed = 160,

    /// <summary>It can be written again.</summary>
    StorageRecovered = 161,

    /// <summary>The operator's programs for an event (hooks) all ended well.</summary>
    HooksDone = 180,

    /// <summary>Some of them failed.</summary>
    HookFailed = 181,

    /// <summary>Events called no hooks, because too many were waiting for theirs.</summary>
    HooksLeftOut = 182,

    /// <summary>An interface that the cluster uses has lost its carrier, was switched off or is gone.</summary>
    InterfaceLost = 200,

    /// <summary>It works again.</summary>
    InterfaceRecovered = 201,

    /// <summary>It comes and goes so often that single changes are no longer told.</summary>
    InterfaceFlapping = 202,

    /// <summary>Another host claims a virtual IP that this node holds or wants.</summary>
    AddressConflict = 203,

    /// <summary>A virtual IP was found where it must not be, and removed.</summary>
    AddressStray = 204,

    /// <summary>A virtual IP went away without an order.</summary>
    AddressLost = 205,

    /// <summary>A virtual IP whose lease had run out was put back.</summary>
    AddressRestored = 206,

    /// <summary>A host's own address or default route on an interface that the cluster uses came or went.</summary>
    NetworkChanged = 207,

    /// <summary>A node holds a virtual IP, and none of the others on its link sees it there.</summary>
    AddressUnconfirmed = 208,

    /// <summary>One of them sees it there again.</summary>
    AddressConfirmed = 209,

    /// <summary>This node's side of the cluster has no quorum.</summary>
    QuorumLost = 220,

    /// <summary>It has quorum (again).</summary>
    QuorumRegained = 221,

    /// <summary>Another row of the authority table decides what this node of two may do.</summary>
    AuthorityDecided = 222,

    /// <summary>The arbiter gave an answer that cannot be believed.</summary>
    ArbiterDistrusted = 223,

    /// <summary>A node may not join: its safety settings do not fit.</summary>
    JoinRefused = 224,

    /// <summary>Fencing of a node goes on, or was called off.</summary>
    Fencing = 230,

    /// <summary>A node is confirmed to be off.</summary>
    NodeFenced = 231,

    /// <summary>A fence device failed.</summary>
    FencingFailed = 232,

    /// <summary>Fencing needs an operator: a device lied, a node is held off, somebody gave his word.</summary>
    FencingNeedsAttention = 233,

    /// <summary>A node runs another version of the cluster configuration now.</summary>
    ConfigurationAdopted = 240,

    /// <summary>A node cannot run the configuration of the others.</summary>
    ConfigurationRefused = 241,

    /// <summary>Members have configurations of which neither comes from the other.</summary>
    ConfigurationConflict = 242,

    /// <summary>The members agree again.</summary>
    ConfigurationAgreed = 243,

    /// <summary>The configuration of a service does not pass its check on a node.</summary>
    ServiceConfigurationBroken = 250,

    /// <summary>It passes its check again.</summary>
    ServiceConfigurationRepaired = 251,

    /// <summary>Nodes that run or could run a service have different configurations of it.</summary>
    ConfigurationDrift = 252,

    /// <summary>They have the same again.</summary>
    ConfigurationDriftEnded = 253,

    /// <summary>What an operator wanted of a server for a time has ended.</summary>
    ServerIntentEnded = 254,

    /// <summary>A resource that runs here was found unwell before its monitor was due.</summary>
    ResourceDisturbed = 260,

    /// <summary>HAProxy does not take over what operators want of a server.</summary>
    ServerIntentFailed = 261,

    /// <summary>A service has read its configuration anew, by order of an operator.</summary>
    ServiceReloaded = 262,

    /// <summary>A health check is unhealthy.</summary>
    CheckFailed = 280,

    /// <summary>A health check is healthy, or no longer counts as unhealthy.</summary>
    CheckRecovered = 281,

    /// <summary>A health check comes and goes: it counts as unhealthy for a while.</summary>
    CheckFlapping = 282,

    /// <summary>A group runs where its health check is unhealthy, because no other node can run it.</summary>
    CheckOverruled = 283,
}
