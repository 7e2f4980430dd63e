using Ha.Core.Contracts;

namespace Ha.Core.Fencing;

/// <summary>Why a node is fenced.</summary>
public enum FenceReason
{
    /// <summary>It is silent, and the authority table allows it.</summary>
    Silent = 0,

    /// <summary>It was never seen, and the configuration wants such nodes fenced.</summary>
    NeverSeen = 1,

    /// <summary>It has been joining for longer than allowed.</summary>
    Pending = 2,

    /// <summary>A stop failed on it, and its failure means fencing.</summary>
    StopFailed = 3,

    /// <summary>An operator asked for it.</summary>
    Operator = 4,
}

/// <summary>What became of a request to fence.</summary>
public enum FenceAnswer
{
    /// <summary>It will be fenced.</summary>
    Accepted = 0,

    /// <summary>It is being fenced already.</summary>
    UnderWay = 1,

    /// <summary>This life of it is confirmed to be over.</summary>
    AlreadyFenced = 2,

    /// <summary>It is back as a healthy member, in this life or a newer one.</summary>
    NotNeeded = 3,

    /// <summary>No device can fence it.</summary>
    NoDevice = 4,

    /// <summary>A device lied about it: nothing is done automatically until an operator clears that.</summary>
    Frozen = 5,

    /// <summary>It is this node, or no node of the cluster.</summary>
    NotAPeer = 6,
}

/// <summary>How far fencing a node is.</summary>
public enum FencePhase
{
    /// <summary>Nobody wants it fenced.</summary>
    Idle = 0,

    /// <summary>It waits before it fires, so that two nodes do not shoot each other.</summary>
    Delayed = 1,

    /// <summary>A device has been called.</summary>
    Firing = 2,

    /// <summary>Every level failed; the next attempt is due later.</summary>
    Retrying = 3,

    /// <summary>Its life is over: confirmed. It is being switched on again.</summary>
    PoweringOn = 4,

    /// <summary>Its life is over: confirmed.</summary>
    Fenced = 5,
}

/// <summary>A node's own idea of a peer, read immediately before a device is called.</summary>
/// <param name="Generation">Generation of the life that is heard, or was heard last; 0 when never.</param>
/// <param name="IsHeard">Whether statuses of that life come in.</param>
/// <param name="IsHealthyMember">Whether it also hears us and is a member of the view.</param>
public readonly record struct PeerLiveness(uint Generation, bool IsHeard, bool IsHealthyMember);

/// <summary>One call of a fence device, or one manual acknowledgement: append-only history.</summary>
public sealed record FenceRecord
{
    /// <summary><c>requester/generation/number</c>, unique in the cluster.</summary>
    public required string Id { get; init; }

    /// <summary>Node that called the device, or on which the operator spoke.</summary>
    public required string Requester { get; init; }

    /// <summary>The node.</summary>
    public required string Target { get; init; }

    /// <summary>The life of it that this is about.</summary>
    public required uint TargetGeneration { get; init; }

    /// <summary>Why.</summary>
    public required FenceReason Reason { get; init; }

    /// <summary>Level; 0 for a manual acknowledgement.</summary>
    public required int Level { get; init; }

    /// <summary>Id of the device; empty for a manual acknowledgement.</summary>
    public required string Device { get; init; }

    /// <summary>What it was told to do.</summary>
    public required FenceAction Action { get; init; }

    /// <summary>Wall clock when it was called, ms since 1970 UTC.</summary>
    public required long StartedUnixMs { get; init; }

    /// <summary>Wall clock when it ended, ms since 1970 UTC.</summary>
    public required long EndedUnixMs { get; init; }

    /// <summary>How it ended.</summary>
    public required FenceOutcome Outcome { get; init; }

    /// <summary>Whether the answer came after the call had been given up.</summary>
    public bool IsLate { get; init; }

    /// <summary>Whether this made it certain that the target's life is over.</summary>
    public bool Confirms { get; init; }

    /// <summary>Who acknowledged by hand, or what the device printed, at most 256 characters.</summary>
    public string Detail { get; init; } = "";
}

/// <summary>What a note of the fencer is about.</summary>
public enum FenceNoteKind
{
    /// <summary>Fencing begins, or a device is called.</summary>
    Progress = 0,

    /// <summary>A device or an attempt failed.</summary>
    Failure = 1,

    /// <summary>The node is fenced.</summary>
    Fenced = 2,

    /// <summary>It was called off.</summary>
    CalledOff = 3,

    /// <summary>A device lied.</summary>
    DeviceLied = 4,

    /// <summary>It was fenced too often and is held off.</summary>
    Quarantined = 5,

    /// <summary>An operator acknowledged by hand, or cleared.</summary>
    Operator = 6,

    /// <summary>A manual acknowledgement was untrue.</summary>
    AcknowledgementVoid = 7,
}

/// <summary>Something that is worth an event.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Target">The node.</param>
/// <param name="Sentence">One sentence for the operator.</param>
public sealed record FenceNote(FenceNoteKind Kind, EventSeverity Severity, string Target, string Sentence);

/// <summary>How fencing of one node stands, for reports and snapshots.</summary>
/// <param name="Target">The node.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Generation">The life that is, or was last, to be ended; 0 when none.</param>
/// <param name="Reason">Why.</param>
/// <param name="Attempts">Attempts on all levels since it was asked for.</param>
/// <param name="Devices">Devices of the level that is being tried, or that confirmed; empty when none.</param>
/// <param name="IsQuarantined">Fenced too often: held off until an operator clears it.</param>
/// <param name="IsFrozen">A device lied: nothing is automatic until an operator clears it.</param>
/// <param name="Sentence">The same for the operator; empty when there is nothing to say.</param>
public sealed record FenceTargetState(string Target, FencePhase Phase, uint Generation, FenceReason Reason,
    int Attempts, string Devices, bool IsQuarantined, bool IsFrozen, string Sentence);
