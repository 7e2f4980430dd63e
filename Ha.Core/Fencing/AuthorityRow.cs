using Ha.Core.Contracts;

namespace Ha.Core.Fencing;

/// <summary>
/// A row of <see cref="AuthorityTable"/>: what it matches, what is done then, and why, for the operator.
/// </summary>
/// <param name="Id">Number of the row in RELIABILITY.md section 5.</param>
/// <param name="Action">What is done.</param>
/// <param name="Sentence">Why, as the operator reads it.</param>
public sealed record AuthorityRow(string Id, AuthorityAction Action, string Sentence)
{
    /// <summary>Overrides that it matches; by default only when nothing overrides, or a pause that hit no
    /// holder.</summary>
    public Overriding Overriding { get; init; } = Overriding.Nothing | Overriding.OwnPause;

    /// <summary>States of the peer that it matches.</summary>
    public PeerEvidence Peer { get; init; } =
        PeerEvidence.Ok | PeerEvidence.Half | PeerEvidence.Lost | PeerEvidence.Left;

    /// <summary>States of fencing that it matches.</summary>
    public FencingEvidence Fencing { get; init; } = FencingEvidence.Confirmed | FencingEvidence.Try
        | FencingEvidence.Unreachable | FencingEvidence.NotConfigured;

    /// <summary>States of the watchdogs that it matches.</summary>
    public YesNo Watchdog { get; init; } = YesNo.No | YesNo.Yes;

    /// <summary>Answers of the arbiter that it matches.</summary>
    public ArbiterEvidence Arbiter { get; init; } = ArbiterEvidence.Mine | ArbiterEvidence.Others
        | ArbiterEvidence.Unknown | ArbiterEvidence.NotConfigured;

    /// <summary>States of the ping nodes that it matches.</summary>
    public PingEvidence Ping { get; init; } = PingEvidence.Some | PingEvidence.Lost | PingEvidence.NotConfigured;

    /// <summary>Whether it matches a holder, another, or both.</summary>
    public YesNo Holds { get; init; } = YesNo.No | YesNo.Yes;

    /// <summary>Whether it matches a node that has met all others, another, or both.</summary>
    public YesNo SeenFullView { get; init; } = YesNo.No | YesNo.Yes;

    /// <summary>Modes that it matches.</summary>
    public UnprotectedMode Mode { get; init; } = UnprotectedMode.Classic | UnprotectedMode.Veto;

    /// <summary>Whether what runs here may go on running.</summary>
    public bool MayKeep => Action switch
    {
        AuthorityAction.NormalPolicy or AuthorityAction.TakeOverNow or AuthorityAction.KeepAndFence
            or AuthorityAction.KeepAndRetryFencing or AuthorityAction.KeepWhileGranted
            or AuthorityAction.KeepUnprotected or AuthorityAction.TakeOverUnprotected
            or AuthorityAction.KeepInConflict or AuthorityAction.TakeOverAfterDelay
            or AuthorityAction.TakeOverAfterLease => true,
        AuthorityAction.WaitForAll or AuthorityAction.ReleaseNow or AuthorityAction.StayPassive
            or AuthorityAction.Wait or AuthorityAction.FenceThenTakeOver or AuthorityAction.WaitAndRetryFencing
            or AuthorityAction.ReleaseAtAuthorityEnd or AuthorityAction.ReleaseThenDecide
            or AuthorityAction.RejoinAnew or AuthorityAction.ReleaseInConflict => false,
    };

    /// <summary>
    /// Whether the peer's share may be started here, at once or, for rows 13 and 14, when their wait is over and they
    /// still match.
    /// </summary>
    public bool MayTakeOver => Action is AuthorityAction.TakeOverNow or AuthorityAction.TakeOverAfterDelay
        or AuthorityAction.TakeOverAfterLease or AuthorityAction.TakeOverUnprotected;

    /// <summary>Whether the peer may be fenced for its silence.</summary>
    public bool MayFence => Action is AuthorityAction.KeepAndFence or AuthorityAction.FenceThenTakeOver
        or AuthorityAction.KeepAndRetryFencing or AuthorityAction.WaitAndRetryFencing;

    /// <summary>How bad it is for the operator.</summary>
    public EventSeverity Severity => Action switch
    {
        AuthorityAction.NormalPolicy or AuthorityAction.TakeOverNow => EventSeverity.Info,
        AuthorityAction.KeepAndFence or AuthorityAction.FenceThenTakeOver or AuthorityAction.KeepWhileGranted
            or AuthorityAction.TakeOverAfterDelay or AuthorityAction.StayPassive => EventSeverity.Warning,
        AuthorityAction.WaitForAll or AuthorityAction.ReleaseNow or AuthorityAction.Wait
            or AuthorityAction.ReleaseAtAuthorityEnd or AuthorityAction.ReleaseThenDecide
            or AuthorityAction.RejoinAnew or AuthorityAction.KeepAndRetryFencing => EventSeverity.Error,
        AuthorityAction.WaitAndRetryFencing or AuthorityAction.TakeOverAfterLease or AuthorityAction.KeepUnprotected
            or AuthorityAction.TakeOverUnprotected or AuthorityAction.KeepInConflict
            or AuthorityAction.ReleaseInConflict => EventSeverity.Critical,
    };

    /// <summary>Whether every column of this row has the bit of its input.</summary>
    public bool Matches(in AuthorityInputs inputs) =>
        (Overriding & inputs.Overriding) != Overriding.None
        && (Peer & inputs.Peer) != PeerEvidence.None
        && (Fencing & inputs.Fencing) != FencingEvidence.None
        && (Watchdog & inputs.Watchdog) != YesNo.None
        && (Arbiter & inputs.Arbiter) != ArbiterEvidence.None
        && (Ping & inputs.Ping) != PingEvidence.None
        && (Holds & inputs.Holds) != YesNo.None
        && (SeenFullView & inputs.SeenFullView) != YesNo.None
        && (Mode & inputs.Mode) != UnprotectedMode.None;

    /// <summary><c>row 9: the peer is lost and can be fenced: …</c></summary>
    public override string ToString() => $"row {Id}: {Sentence}";
}

/// <summary>What a node does about its peer.</summary>
public enum AuthorityAction
{
    /// <summary>The policy engine decides for the whole cluster.</summary>
    NormalPolicy = 0,

    /// <summary>Start what the peer had, at once.</summary>
    TakeOverNow = 1,

    /// <summary>Start nothing, fence nobody, give up what a probe finds, until the peer was met.</summary>
    WaitForAll = 2,

    /// <summary>Stop everything that must run only once, virtual IPs first, within the authority's validity.</summary>
    ReleaseNow = 3,

    /// <summary>Start nothing, fence nobody.</summary>
    StayPassive = 4,

    /// <summary>Keep, and fence the peer after its device's own delay only.</summary>
    KeepAndFence = 5,

    /// <summary>Start nothing, fence nobody: this node is the isolated one.</summary>
    Wait = 6,

    /// <summary>
    /// Fence after the devices' delay and <see cref="FenceDelay.RaceMargin"/>; start only when row 3 matches.
    /// </summary>
    FenceThenTakeOver = 7,

    /// <summary>Keep, alarm, go on trying to fence.</summary>
    KeepAndRetryFencing = 8,

    /// <summary>Start nothing, go on trying to fence, offer the manual acknowledgement.</summary>
    WaitAndRetryFencing = 9,

    /// <summary>Keep until <see cref="SelfFencing.LeaseValidity"/> after the last renewal was sent.</summary>
    KeepWhileGranted = 10,

    /// <summary>Start what the peer had, D after the last packet of it came in.</summary>
    TakeOverAfterDelay = 11,

    /// <summary>Start what the peer had after <see cref="SelfFencing.LeaseWait"/>.</summary>
    TakeOverAfterLease = 12,

    /// <summary>Stop everything that must run only once when the authority ends.</summary>
    ReleaseAtAuthorityEnd = 13,

    /// <summary>Keep; nothing protects against the peer doing so too.</summary>
    KeepUnprotected = 14,

    /// <summary>Start what the peer had; nothing protects against the peer going on.</summary>
    TakeOverUnprotected = 15,

    /// <summary>Stop everything that must run only once before anything else, then ask the table again.</summary>
    ReleaseThenDecide = 16,

    /// <summary>Stop everything, raise the generation, join again.</summary>
    RejoinAnew = 17,

    /// <summary>Keep; the peer gives way; log from when to when both held.</summary>
    KeepInConflict = 18,

    /// <summary>Give way, virtual IPs first; log from when to when both held.</summary>
    ReleaseInConflict = 19,
}

/// <summary>
/// One side's claim when both hold after a split (row R3): the greater arbiter epoch, then the longer service before
/// the split, then the lower node. Both sides compute the same answer.
/// </summary>
/// <param name="ArbiterEpoch">Epoch of its grant; 0 without.</param>
/// <param name="ArbiterRevision">Revision of its grant; 0 without.</param>
/// <param name="ServiceMs">How long it served without interruption before the split, ms.</param>
/// <param name="Node">Its index in the order of ha.cf.</param>
public readonly record struct HoldingClaim(long ArbiterEpoch, long ArbiterRevision, long ServiceMs, int Node)
{
    /// <summary>Whether this claim beats the other.</summary>
    public bool Beats(HoldingClaim other) =>
        ArbiterEpoch != other.ArbiterEpoch ? ArbiterEpoch > other.ArbiterEpoch
        : ArbiterRevision != other.ArbiterRevision ? ArbiterRevision > other.ArbiterRevision
        : ServiceMs != other.ServiceMs ? ServiceMs > other.ServiceMs
        : Node < other.Node;
}
