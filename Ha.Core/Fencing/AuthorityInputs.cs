namespace Ha.Core.Fencing;

// Each value is one bit: a node's inputs have exactly one bit per enum set, a row of the table has all that it matches.

/// <summary>What is known of the peer.</summary>
[Flags]
public enum PeerEvidence
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>It is heard and its fresh echo says that it hears this node.</summary>
    Ok = 1,

    /// <summary>On every link, heard without hearing us, or the reverse; both sides treat it as lost.</summary>
    Half = 2,

    /// <summary>Silent for longer than its deadtime.</summary>
    Lost = 4,

    /// <summary>It announced, in this life, that it left or gave everything up.</summary>
    Left = 8,
}

/// <summary>What is known of fencing the peer; see <see cref="Fencer.EvidenceFor"/>.</summary>
[Flags]
public enum FencingEvidence
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>Confirmed: its present life has been ended.</summary>
    Confirmed = 1,

    /// <summary>A device is there to be tried.</summary>
    Try = 2,

    /// <summary>Devices are configured; none has worked, or none can be believed.</summary>
    Unreachable = 4,

    /// <summary>No device can fence the peer.</summary>
    NotConfigured = 8,
}

/// <summary>What the arbiter last said, within the validity of its answer.</summary>
[Flags]
public enum ArbiterEvidence
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>This node holds the grant.</summary>
    Mine = 1,

    /// <summary>The peer holds it.</summary>
    Others = 2,

    /// <summary>The arbiter does not answer.</summary>
    Unknown = 4,

    /// <summary>There is no arbiter.</summary>
    NotConfigured = 8,
}

/// <summary>What this node sees of the ping nodes.</summary>
[Flags]
public enum PingEvidence
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>At least one answers.</summary>
    Some = 1,

    /// <summary>None answers: this node's own uplink is likely dead.</summary>
    Lost = 2,

    /// <summary>There are no ping nodes.</summary>
    NotConfigured = 4,
}

/// <summary>An answer of yes or no, as a column of the table.</summary>
[Flags]
public enum YesNo
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>No.</summary>
    No = 1,

    /// <summary>Yes.</summary>
    Yes = 2,
}

/// <summary>The mode of a cluster without fencing and arbiter, as a column of the table.</summary>
[Flags]
public enum UnprotectedMode
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary><see cref="UnprotectedTakeover.Classic"/>.</summary>
    Classic = 1,

    /// <summary><see cref="UnprotectedTakeover.Veto"/>.</summary>
    Veto = 2,
}

/// <summary>What overrides the table (rows R1 to R3).</summary>
[Flags]
public enum Overriding
{
    /// <summary>Nothing; matches no row.</summary>
    None = 0,

    /// <summary>Nothing special happened.</summary>
    Nothing = 1,

    /// <summary>This node did not run for its authority's validity or longer.</summary>
    OwnPause = 2,

    /// <summary>The peer says that this life was evicted from the cluster.</summary>
    Evicted = 4,

    /// <summary>The peer is heard again and both hold; this side keeps (<see cref="HoldingClaim"/>).</summary>
    ConflictWon = 8,

    /// <summary>The peer is heard again and both hold; this side gives way.</summary>
    ConflictLost = 16,
}

/// <summary>
/// All that decides what a node of two may do, as it stands on the node's running time. Exactly one bit per field.
/// </summary>
public readonly record struct AuthorityInputs
{
    /// <summary>What overrides the table.</summary>
    public required Overriding Overriding { get; init; }

    /// <summary>The peer.</summary>
    public required PeerEvidence Peer { get; init; }

    /// <summary>Fencing of the peer.</summary>
    public required FencingEvidence Fencing { get; init; }

    /// <summary>
    /// Whether both nodes have an armed watchdog and the inequality holds with both sides' values
    /// (<see cref="SelfFencing.AgainstPeer"/>).
    /// </summary>
    public required YesNo Watchdog { get; init; }

    /// <summary>The arbiter.</summary>
    public required ArbiterEvidence Arbiter { get; init; }

    /// <summary>The ping nodes.</summary>
    public required PingEvidence Ping { get; init; }

    /// <summary>Whether this node holds resources that must run only once.</summary>
    public required YesNo Holds { get; init; }

    /// <summary>Whether it has been in a view of all nodes since its boot
    /// (<see cref="Membership.Quorum.SeenFullView"/>).</summary>
    public required YesNo SeenFullView { get; init; }

    /// <summary>The mode without fencing and arbiter.</summary>
    public required UnprotectedMode Mode { get; init; }
}
