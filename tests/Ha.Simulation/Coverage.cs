using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// Situations that a batch of seeds must have been in. A mark that is never reached means that the recovery from it was
/// never tested.
/// </summary>
public enum CoverageMark
{
    /// <summary>The nodes could not hear each other for a deadtime, then could again.</summary>
    PartitionHealed = 0,

    /// <summary>One direction was silent for a deadtime while the other worked.</summary>
    OneWaySilence = 1,

    /// <summary>An agent was killed and back before anyone could have noticed.</summary>
    RestartWithinDeadtime = 2,

    /// <summary>An agent was killed and away for longer than deadtime, its resources still running.</summary>
    RestartAfterDeadtime = 3,

    /// <summary>A machine lost power while it held a group.</summary>
    HolderLostPower = 4,

    /// <summary>No agent ran anywhere.</summary>
    AllDown = 5,

    /// <summary>An agent was stopped for longer than deadtime and went on.</summary>
    PauseBeyondDeadtime = 6,

    /// <summary>An agent was stopped for less than deadtime and went on.</summary>
    PauseWithinDeadtime = 7,

    /// <summary>A packet found the socket of a stopped agent full.</summary>
    SocketOverflow = 8,

    /// <summary>A start failed.</summary>
    StartFailed = 9,

    /// <summary>A stop failed.</summary>
    StopFailed = 10,

    /// <summary>A stop hung until its timeout.</summary>
    StopHung = 11,

    /// <summary>A start hung until its timeout.</summary>
    StartHung = 12,

    /// <summary>A probe failed.</summary>
    ProbeFailed = 13,

    /// <summary>Two nodes held a group.</summary>
    DualOwner = 14,

    /// <summary>Two owners became one again.</summary>
    DualOwnerResolved = 15,

    /// <summary>A packet of an older life was played to a node.</summary>
    OldLifeReplayed = 16,

    /// <summary>A packet was duplicated.</summary>
    PacketDuplicated = 17,

    /// <summary>A packet was corrupted.</summary>
    PacketCorrupted = 18,

    /// <summary>The holder was asked to stop and ended cleanly.</summary>
    HolderLeftCleanly = 19,

    /// <summary>An agent ended leaving resources that it could not stop.</summary>
    LeftUnclean = 20,

    /// <summary>A command was accepted.</summary>
    CommandAccepted = 21,

    /// <summary>A command was refused.</summary>
    CommandRefused = 22,

    /// <summary>A medium reported errors.</summary>
    MediumFailed = 23,

    /// <summary>The wall clock jumped.</summary>
    WallClockJumped = 24,

    /// <summary>A node started its groups without ever having heard a peer.</summary>
    StartedAlone = 25,

    /// <summary>A group moved between two connected nodes.</summary>
    GroupMoved = 26,

    /// <summary>A whole cluster of more than two nodes converged.</summary>
    ManyNodesConverged = 27,

    /// <summary>An agent was killed in the middle of an operation.</summary>
    KilledDuringOperation = 28,

    /// <summary>A node in standby was seen when the cluster had converged.</summary>
    StandbyConverged = 29,

    /// <summary>A packet waited in a clogged link.</summary>
    PacketClogged = 30,

    /// <summary>A packet was lost in a burst.</summary>
    BurstLost = 31,

    /// <summary>A packet was longer than what a link lets through.</summary>
    LargePacketLost = 32,

    /// <summary>A packet was cut short.</summary>
    PacketTruncated = 33,

    /// <summary>Packets of another cluster came in.</summary>
    ForeignClusterHeard = 34,

    /// <summary>A node came back with a key that the others do not have.</summary>
    WrongKeyStarted = 35,

    /// <summary>An agent could not begin a life because its disk was full.</summary>
    LifeRefusedByDisk = 36,

    /// <summary>A life began although the generation file was torn.</summary>
    GenerationFileTorn = 37,

    /// <summary>A running resource died by itself.</summary>
    ResourceDied = 38,

    /// <summary>A node was fenced by a device.</summary>
    NodeFenced = 39,

    /// <summary>A fence device failed or timed out.</summary>
    FenceFailed = 40,

    /// <summary>A device acted although its caller had given up.</summary>
    FencedLate = 41,

    /// <summary>A device said that it acted and did not.</summary>
    DeviceLied = 42,

    /// <summary>A watchdog reset a machine.</summary>
    WatchdogFired = 43,

    /// <summary>The arbiter granted.</summary>
    ArbiterGranted = 44,

    /// <summary>The arbiter refused because another holds the grant.</summary>
    ArbiterRefused = 45,

    /// <summary>A question to the arbiter was not answered in time.</summary>
    ArbiterSilent = 46,

    /// <summary>A node without a majority gave up what it ran, or started nothing.</summary>
    MinorityQuiet = 47,

    /// <summary>A node adopted another configuration.</summary>
    ConfigurationAdopted = 48,

    /// <summary>Nodes that hear each other had one version with two contents, and told it.</summary>
    ConflictTold = 49,

    /// <summary>A node came back with an older configuration than it had run.</summary>
    OldDocumentAtBoot = 50,

    /// <summary>Something ran in maintenance.</summary>
    RunsInMaintenance = 51,

    /// <summary>Something ran that is not managed.</summary>
    RunsUnmanaged = 52,

    /// <summary>A node was taken for off because an operator said so.</summary>
    ConfirmedByOperator = 53,

    /// <summary>A node was heard that an operator had confirmed to be off, and the confirmation was void.</summary>
    ConfirmationVoid = 54,
}

/// <summary>How often each situation was reached, and how often each kind of event was written.</summary>
public sealed class Coverage
{
    private readonly long[] marks = new long[Enum.GetValues<CoverageMark>().Length];
    private readonly SortedDictionary<EventKind, long> events = [];

    /// <summary>The marks that a large batch must reach at least once: those whose subject is drawn.</summary>
    public static IEnumerable<CoverageMark> Required =>
        Enum.GetValues<CoverageMark>().Where(mark => mark switch
        {
            CoverageMark.NodeFenced or CoverageMark.FenceFailed or CoverageMark.FencedLate
                or CoverageMark.DeviceLied or CoverageMark.ConfirmedByOperator or CoverageMark.ConfirmationVoid => SimulationProfile.DrawnModes.Contains(SafetyMode.Fencing),
            CoverageMark.WatchdogFired or CoverageMark.MinorityQuiet =>
                SimulationProfile.DrawnModes.Contains(SafetyMode.Quorum),
            CoverageMark.ArbiterGranted or CoverageMark.ArbiterRefused or CoverageMark.ArbiterSilent =>
                SimulationProfile.DrawnModes.Contains(SafetyMode.Arbiter),
            _ => true,
        });

    /// <summary>Times a situation was reached.</summary>
    public long this[CoverageMark mark] => marks[(int)mark];

    /// <summary>Times each kind of cluster event was written.</summary>
    public IReadOnlyDictionary<EventKind, long> Events => events;

    /// <summary>
    /// The longest time, in world microseconds, that two connected idle nodes went on holding one group.
    /// </summary>
    public long LongestOverlap { get; private set; }

    /// <summary>When, in the run of one seed, that overlap and that outage were seen last.</summary>
    public (long Overlap, long Outage) LongestAt { get; private set; }

    /// <summary>The longest time from healing to convergence, in world microseconds.</summary>
    public long LongestConvergence { get; private set; }

    /// <summary>The longest time, in world microseconds, that a group ran nowhere without a reason.</summary>
    public long LongestOutage { get; private set; }

    /// <summary>A situation was reached.</summary>
    public void Reach(CoverageMark mark) => marks[(int)mark]++;

    /// <summary>An event was written.</summary>
    public void Saw(EventKind kind) => events[kind] = events.GetValueOrDefault(kind) + 1;

    /// <summary>An overlap of two connected owners lasted this long.</summary>
    public void Overlapped(long duration, long now)
    {
        if (duration <= LongestOverlap) return;
        LongestOverlap = duration;
        LongestAt = LongestAt with { Overlap = now };
    }

    /// <summary>A calm phase took this long to converge.</summary>
    public void Converged(long duration) => LongestConvergence = Math.Max(LongestConvergence, duration);

    /// <summary>A group ran nowhere without a reason for this long.</summary>
    public void WasOut(long duration, long now)
    {
        if (duration <= LongestOutage) return;
        LongestOutage = duration;
        LongestAt = LongestAt with { Outage = now };
    }

    /// <summary>Adds another run's figures.</summary>
    public void Add(Coverage other)
    {
        for (var mark = 0; mark < marks.Length; mark++) marks[mark] += other.marks[mark];
        foreach (var (kind, count) in other.events) events[kind] = events.GetValueOrDefault(kind) + count;
        Overlapped(other.LongestOverlap, other.LongestAt.Overlap);
        Converged(other.LongestConvergence);
        WasOut(other.LongestOutage, other.LongestAt.Outage);
    }
}
