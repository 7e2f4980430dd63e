using static Ha.Core.Fencing.ArbiterEvidence;
using static Ha.Core.Fencing.AuthorityAction;
using static Ha.Core.Fencing.FencingEvidence;
using static Ha.Core.Fencing.Overriding;

namespace Ha.Core.Fencing;

/// <summary>
/// Who of two nodes may act: the decision table of RELIABILITY.md section 5. The first row that matches decides; every
/// combination of inputs has one. A column that a row does not name matches everything.
/// </summary>
/// <remarks>
/// To be asked after every step in which an input changed, before anything is started, and again when the wait that the
/// row asks for is over: a row gives permission for the moment, never for later. It allocates nothing.
/// </remarks>
public static class AuthorityTable
{
    // What "lost" means to both sides: this is what the echo is for.
    private const PeerEvidence Gone = PeerEvidence.Half | PeerEvidence.Lost;
    private const ArbiterEvidence NotOthers = Mine | ArbiterEvidence.Unknown | ArbiterEvidence.NotConfigured;

    /// <summary>The rows, in the order in which they are tried.</summary>
    public static readonly ImmutableArray<AuthorityRow> Rows =
    [
        new("R1", ReleaseThenDecide, "this node did not run for longer than its authority lasts: "
            + "it gives everything up first and looks again")
        { Overriding = OwnPause, Holds = YesNo.Yes },
        new("R2", RejoinAnew, "the cluster went on without this life of the node: "
            + "it gives everything up and joins again as a new one")
        { Overriding = Evicted },
        new("R3 keep", KeepInConflict, "both nodes hold after a split: this one has the better claim and keeps; "
            + "the other gives way, and is fenced only if its stop fails")
        { Overriding = ConflictWon },
        new("R3 release", ReleaseInConflict, "both nodes hold after a split: the other has the better claim; "
            + "this one gives way, virtual IPs first")
        { Overriding = ConflictLost },

        new("1", NormalPolicy, "both nodes hear each other: the policy decides")
        { Peer = PeerEvidence.Ok },
        new("2", TakeOverNow, "the peer said good-bye: everything is taken over at once, without fencing")
        { Peer = PeerEvidence.Left },
        new("3", TakeOverNow, "the peer is confirmed to be off: everything is taken over")
        { Peer = Gone, Fencing = Confirmed },
        new("4", WaitForAll, "this node has not met the peer since it booted: it starts nothing and fences nobody "
            + "until it does, or until an operator says that it shall start alone")
        { Peer = Gone, SeenFullView = YesNo.No },

        new("5", ReleaseNow, "the arbiter has granted the peer: this node gives up, virtual IPs first; "
            + "the watchdog stands behind it")
        { Peer = Gone, Arbiter = Others, Holds = YesNo.Yes },
        new("6", StayPassive, "the arbiter has granted the peer: this node stays passive and fences nobody")
        { Peer = Gone, Arbiter = Others, Holds = YesNo.No },

        new("7", KeepAndFence, "the peer is lost and can be fenced: this node keeps what it holds and fences the peer")
        { Peer = Gone, Fencing = Try, Arbiter = NotOthers, Holds = YesNo.Yes },
        new("8", Wait, "the peer is lost, but this node sees no ping node either: its own uplink is dead, "
            + "and it does not shoot a healthy peer")
        { Peer = Gone, Fencing = Try, Arbiter = ArbiterEvidence.Unknown | ArbiterEvidence.NotConfigured,
            Ping = PingEvidence.Lost, Holds = YesNo.No },
        new("9", FenceThenTakeOver, "the peer is lost and can be fenced: it is fenced, after the delay that favours "
            + "a holder, and taken over from when the device has confirmed it")
        { Peer = Gone, Fencing = Try, Arbiter = NotOthers, Holds = YesNo.No },
        new("10", KeepAndRetryFencing, "the peer is lost and no fence device works: this node keeps what it holds "
            + "and goes on trying")
        { Peer = Gone, Fencing = Unreachable, Arbiter = NotOthers, Holds = YesNo.Yes },
        new("11", WaitAndRetryFencing, "the peer is lost and no fence device works: nothing is taken over until one "
            + "does or an operator confirms that the peer is off")
        { Peer = Gone, Fencing = Unreachable, Arbiter = NotOthers, Holds = YesNo.No },

        new("12", KeepWhileGranted, "the peer is lost and the arbiter has granted this node: it keeps what it holds "
            + "while the grant is renewed")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = Mine, Holds = YesNo.Yes },
        new("13", TakeOverAfterDelay, "the peer is lost and the arbiter has granted this node: it takes over when "
            + "the peer's watchdog has certainly reset it")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = Mine, Watchdog = YesNo.Yes,
            Holds = YesNo.No },
        new("14", TakeOverAfterLease, "the peer is lost and the arbiter has granted this node: it takes over when "
            + "the peer's grant has certainly run out; without a watchdog this is not split-brain safe")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = Mine, Watchdog = YesNo.No,
            Holds = YesNo.No },
        new("15", ReleaseAtAuthorityEnd, "neither the peer nor the arbiter answers: this node gives up when its "
            + "authority ends; the watchdog stands behind it")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.Unknown,
            Holds = YesNo.Yes },
        new("16", StayPassive, "neither the peer nor the arbiter answers: this node stays passive")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.Unknown, Holds = YesNo.No },

        new("17 veto", ReleaseNow, "the peer is lost and no ping node answers: this node is the isolated one "
            + "and gives up")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.NotConfigured,
            Ping = PingEvidence.Lost, Holds = YesNo.Yes, Mode = UnprotectedMode.Veto },
        new("17", KeepUnprotected, "the peer is lost and no ping node answers: this node keeps what it holds; "
            + "if the peer lives, both serve")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.NotConfigured,
            Ping = PingEvidence.Lost, Holds = YesNo.Yes },
        new("18 veto", Wait, "the peer is lost and no ping node answers: this node is the isolated one and waits")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.NotConfigured,
            Ping = PingEvidence.Lost, Holds = YesNo.No, Mode = UnprotectedMode.Veto },
        new("19", KeepUnprotected, "the peer is lost: this node keeps what it holds; if the peer lives, "
            + "it may take over as well")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.NotConfigured,
            Holds = YesNo.Yes },
        new("20", TakeOverUnprotected, "the peer is lost: unprotected takeover after its deadtime; "
            + "if the peer lives, both serve")
        { Peer = Gone, Fencing = FencingEvidence.NotConfigured, Arbiter = ArbiterEvidence.NotConfigured,
            Holds = YesNo.No },
    ];

    /// <summary>The row that decides.</summary>
    /// <param name="inputs">What the node knows; exactly one bit per field.</param>
    /// <exception cref="ArgumentException">No row matches: a field is not set to exactly one value.</exception>
    public static AuthorityRow Decide(in AuthorityInputs inputs)
    {
        foreach (var row in Rows)
        {
            if (row.Matches(inputs)) return row;
        }

        throw new ArgumentException($"no row of the authority table matches {inputs}", nameof(inputs));
    }
}
