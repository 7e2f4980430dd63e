using System.Text;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Fencing;
using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Core.Membership;

/// <summary>What this node knows of one other node.</summary>
internal sealed class Peer
{
    private static readonly MonotonicTime LongAgo = new(long.MinValue / 4);

    /// <summary>Creates the record of a node that was not heard yet.</summary>
    public Peer(int index, string name, int media, SequenceTracker sequence, TimeSpan deadtime)
    {
        Index = index;
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        Sequence = sequence;
        Deadtime = deadtime;
        Links = [.. Enumerable.Range(0, media).Select(_ => new Link())];
    }

    /// <summary>Index in the order of ha.cf.</summary>
    public int Index { get; }

    /// <summary>Node name.</summary>
    public string Name { get; }

    /// <summary>Node name as it stands in packets.</summary>
    public byte[] NameUtf8 { get; }

    /// <summary>Receive window: duplicates, losses, generations.</summary>
    public SequenceTracker Sequence { get; }

    /// <summary>Links in the order of the media.</summary>
    public ImmutableArray<Link> Links { get; }

    /// <summary>Membership state.</summary>
    public NodeState State { get; set; }

    /// <summary>Which software speaks for it.</summary>
    public NodeProduct Product { get; set; }

    /// <summary>Heartbeat generation of its present life; 0 before it was heard.</summary>
    public uint Generation { get; set; }

    /// <summary>Its UUID; all zero before it was heard.</summary>
    public Guid Uuid { get; set; }

    /// <summary>Status as it announced it.</summary>
    public HeartbeatStatus Status { get; set; }

    /// <summary>Silence after which it is dead: its own announcement (<c>dt</c>).</summary>
    public TimeSpan Deadtime { get; set; }

    /// <summary>When its last status came in, moved forward by this node's own pauses.</summary>
    public MonotonicTime LastStatus { get; set; }

    /// <summary>Wall clock of that; 0 when never.</summary>
    public long LastStatusUnixMs { get; set; }

    /// <summary>Sequence number of its newest status; what our echo tells it. 0 when none.</summary>
    public ulong LastStatusSequence { get; set; }

    /// <summary>Since when it is heard without interruption; moved forward by own pauses.</summary>
    public MonotonicTime HeardSince { get; set; }

    /// <summary>The view it says it is in.</summary>
    public ViewId AnnouncedView { get; set; }

    /// <summary>Version of the report it says it has sent last.</summary>
    public long AnnouncedReport { get; set; }

    /// <summary>
    /// When this node sent the last status that the peer says it has heard (echo), moved forward by own pauses: the
    /// date of the peer's evidence that we live (RELIABILITY.md 1.1); long ago when there is none.
    /// </summary>
    public MonotonicTime EchoedSend { get; private set; } = LongAgo;

    /// <summary>How far that was moved forward: the peer's own clock did not stand still.</summary>
    public TimeSpan Forgiven { get; private set; }

    /// <summary>Its last report; null before the first of this life.</summary>
    public NodeReport? Report { get; set; }

    /// <summary>When that came in, moved forward by this node's own pauses.</summary>
    public MonotonicTime ReportedAt { get; set; }

    /// <summary>The last report of a life that is over, until it is heard again; null when there was none.</summary>
    public NodeReport? LastReport { get; set; }

    /// <summary>When its report may be asked for again.</summary>
    public MonotonicTime NextReportRequest { get; set; }

    /// <summary>Whether self-fencing holds with its values; null before they are known.</summary>
    public PeerProtection? Protection { get; set; }

    /// <summary>Why it is in its state, for the operator.</summary>
    public string Reason { get; set; } = "";

    /// <summary>
    /// A moment at which a life that has said good-bye still ran: the next one began later. Sent by us and echoed then.
    /// </summary>
    public MonotonicTime LeftSince { get; set; } = LongAgo;

    /// <summary>This peer in its present life.</summary>
    public Member Member => new(Index, Generation);

    /// <summary>Whether it counts as alive: statuses come in.</summary>
    public bool IsAlive =>
        State is NodeState.Joining or NodeState.Online or NodeState.Leaving or NodeState.HalfConnected;

    /// <summary>
    /// Whether it had heard us lately when it spoke last. Measured at its last status, not now: silence is death, and
    /// must not be taken for deafness.
    /// </summary>
    public bool HearsUs(TimeSpan within) => HasEchoed && LastStatus - EchoedSend <= within;

    /// <summary>Whether it has ever heard this life of ours.</summary>
    public bool HasEchoed => EchoedSend != LongAgo;

    /// <summary>
    /// Whether it may hold this node for dead by now: this node did not run for a while, and all of the time since the
    /// last sign of life that the peer is known to have had is a deadtime.
    /// </summary>
    /// <param name="deadtime">The silence that this node allows others to count.</param>
    /// <param name="now">The time.</param>
    public bool MayHoldUsForDead(TimeSpan deadtime, MonotonicTime now) =>
        Forgiven > TimeSpan.Zero && now - EchoedSend + Forgiven >= deadtime;

    /// <summary>It has heard what this node sent then.</summary>
    public void Echo(MonotonicTime sentAt)
    {
        if (sentAt <= EchoedSend) return;
        EchoedSend = sentAt;
        Forgiven = TimeSpan.Zero;
    }

    /// <summary>A new life begins, or the old one is over: what was known of the old one is void.</summary>
    public void ForgetLife()
    {
        AnnouncedView = ViewId.None;
        AnnouncedReport = 0;
        LastReport = Report ?? LastReport;
        Report = null;
        EchoedSend = LongAgo;
        Forgiven = TimeSpan.Zero;
        NextReportRequest = default;
    }

    /// <summary>This node did not run for a while: silence during it does not count.</summary>
    public void ForgivePause(TimeSpan gap, MonotonicTime now)
    {
        LastStatus = MonotonicTime.Min(now, LastStatus + gap);
        HeardSince = MonotonicTime.Min(now, HeardSince + gap);
        ReportedAt = MonotonicTime.Min(now, ReportedAt + gap);
        if (HasEchoed)
        {
            EchoedSend = MonotonicTime.Min(now, EchoedSend + gap);
            Forgiven += gap;
        }

        foreach (var link in Links) link.ForgivePause(gap, now);
    }
}

/// <summary>A node's status word (<c>st</c>, PROTOCOL.md section 7).</summary>
internal enum HeartbeatStatus
{
    /// <summary>Nothing heard.</summary>
    Unknown = 0,

    /// <summary>Starting: finding out what runs on it.</summary>
    Init = 1,

    /// <summary>Ready to join.</summary>
    Up = 2,

    /// <summary>Joined.</summary>
    Active = 3,

    /// <summary>Gone.</summary>
    Dead = 4,
}
