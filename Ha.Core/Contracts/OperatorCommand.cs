namespace Ha.Core.Contracts;

/// <summary>What an operator asks the cluster to do, from the command line, REST or the dashboard.</summary>
public sealed record OperatorCommand
{
    /// <summary>Chosen by the sender; the same id sent twice is carried out once. 1 to 64 characters.</summary>
    public required string Id { get; init; }

    /// <summary>What to do.</summary>
    public required CommandKind Kind { get; init; }

    /// <summary>
    /// The node it is about: the one that goes standby, comes online or takes over. Null: the node that is asked.
    /// </summary>
    public string? Node { get; init; }

    /// <summary>Which groups, relative to <see cref="Node"/>. Used by standby and takeover.</summary>
    public GroupSet Set { get; init; } = GroupSet.All;

    /// <summary>The group to move. Only for <see cref="CommandKind.Move"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Where to move it. Only for <see cref="CommandKind.Move"/>.</summary>
    public string? To { get; init; }

    /// <summary>Where the sender believes the group runs now; a wrong belief is refused. Null: no belief.</summary>
    public string? From { get; init; }

    /// <summary>On or off. Only for <see cref="CommandKind.Maintenance"/>.</summary>
    public bool? Enabled { get; init; }

    /// <summary>
    /// The whole cluster configuration, JSON in UTF-8, at most 4 MiB. Only for <see cref="CommandKind.Configure"/>.
    /// </summary>
    public ReadOnlyMemory<byte>? Document { get; init; }

    /// <summary>
    /// The version of the configuration that the sender believes to hold, <c>epoch.update</c>: a wrong belief is
    /// refused. Needed for <see cref="CommandKind.Configure"/>, may be given for <see cref="CommandKind.RollBack"/>.
    /// </summary>
    public string? ExpectedVersion { get; init; }

    /// <summary>The version to go back to. Only for <see cref="CommandKind.RollBack"/>.</summary>
    public string? ToVersion { get; init; }

    /// <summary>Which server, and what shall become of it. Only for <see cref="CommandKind.SetServer"/>.</summary>
    public ServerChange? Server { get; init; }

    /// <summary>
    /// The life of <see cref="Node"/> that is over: its Heartbeat generation that was heard last, 0 for a node that was
    /// never heard. Only for <see cref="CommandKind.ConfirmOff"/>.
    /// </summary>
    public uint? Generation { get; init; }

    /// <summary>
    /// Do it although the configurations of a service differ between the nodes, or one does not pass its check
    /// (standby, online, takeover, move), or although the agents of the node that is asked do not accept a parameter
    /// (configure).
    /// </summary>
    public bool Force { get; init; }

    /// <summary>Who asks: a user or token name. Never empty.</summary>
    public required string Actor { get; init; }

    /// <summary>Why; shown in events. May be empty.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What an operator can ask for.</summary>
public enum CommandKind
{
    /// <summary>
    /// A node gives up groups (<c>hb_standby</c>). With all, it takes none until it is set online again.
    /// </summary>
    Standby = 0,

    /// <summary>A node may run groups again.</summary>
    Online = 1,

    /// <summary>A node takes groups over (<c>hb_takeover</c>).</summary>
    Takeover = 2,

    /// <summary>One group moves to one node.</summary>
    Move = 3,

    /// <summary>
    /// Forget failures and blocks of a group (<see cref="OperatorCommand.Group"/>; null: all groups) and probe again.
    /// </summary>
    Cleanup = 4,

    /// <summary>Nothing is started, stopped or watched anywhere while it is on.</summary>
    Maintenance = 5,

    /// <summary>Another cluster configuration takes the place of the present one.</summary>
    Configure = 6,

    /// <summary>An earlier cluster configuration comes back, as a new version.</summary>
    RollBack = 7,

    /// <summary>A server of an HAProxy is taken out of traffic, put back, or gets another weight.</summary>
    SetServer = 8,

    /// <summary>
    /// The operator has seen that a lost node is off, or cannot touch the resources, although no fence device says so:
    /// what ran there is recovered. Void as soon as that life of the node is heard.
    /// </summary>
    ConfirmOff = 9,
}

/// <summary>A set of groups as Heartbeat names them, relative to one node.</summary>
public enum GroupSet
{
    /// <summary>Every group.</summary>
    All = 0,

    /// <summary>The groups that prefer this node.</summary>
    Local = 1,

    /// <summary>The groups that prefer another node.</summary>
    Foreign = 2,

    /// <summary>
    /// Give foreign groups back to the nodes they prefer. With takeover: as all (Heartbeat does the same).
    /// </summary>
    Failback = 3,
}

/// <summary>The answer to a command: an operation that can be followed, or a refusal.</summary>
/// <param name="OperationId">Id of the operation; null when refused.</param>
/// <param name="Rejection">Why it was refused; null when accepted.</param>
public sealed record CommandAnswer(string? OperationId, CommandRejection? Rejection);

/// <summary>A refusal, for the person who must do something else.</summary>
/// <param name="Code">What kind of refusal.</param>
/// <param name="Detail">What is wrong and what to do instead, in one or two sentences.</param>
public sealed record CommandRejection(RejectionCode Code, string Detail)
{
    /// <summary>Everything that is wrong with the document, each with its place; empty otherwise.</summary>
    public ImmutableArray<ProblemError> Errors { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>Why a command was refused. Append-only.</summary>
public enum RejectionCode
{
    /// <summary>No node of that name.</summary>
    UnknownNode = 0,

    /// <summary>No group of that name.</summary>
    UnknownGroup = 1,

    /// <summary>The node is not a member of the current view.</summary>
    NodeNotOnline = 2,

    /// <summary>The target node is in standby.</summary>
    NodeInStandby = 3,

    /// <summary>No other node could take the resources.</summary>
    NoOtherNode = 4,

    /// <summary>What the sender believes about the present owner, or about a lost node, is wrong.</summary>
    WrongBelief = 5,

    /// <summary>This node has not joined the cluster yet, or is leaving it.</summary>
    NotReady = 6,

    /// <summary>A field is missing, too long or contradicts another.</summary>
    Malformed = 7,

    /// <summary>Too many operations are under way.</summary>
    Busy = 8,

    /// <summary>The group is blocked by a failed stop: clean up first.</summary>
    Blocked = 9,

    /// <summary>The configuration has another version than the sender believes.</summary>
    VersionConflict = 10,

    /// <summary>The configuration document has mistakes.</summary>
    InvalidConfiguration = 11,

    /// <summary>No configuration of that version is kept.</summary>
    UnknownVersion = 12,

    /// <summary>No resource of that name.</summary>
    UnknownResource = 13,

    /// <summary>The resource is not of the type that the command needs.</summary>
    WrongResourceType = 14,

    /// <summary>As many servers as are kept have an intent already.</summary>
    TooManyIntents = 15,

    /// <summary>
    /// It would move a service to a node that has another configuration of it, or one that does not pass its check. It
    /// can be forced.
    /// </summary>
    ConfigurationDrift = 16,
}
