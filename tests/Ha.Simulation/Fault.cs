using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>What can go wrong, and what an operator can do meanwhile.</summary>
public enum FaultKind
{
    /// <summary>A node is cut off from all others, both ways, on one medium or all.</summary>
    Isolate = 0,

    /// <summary>Two nodes cannot hear each other, on one medium or all.</summary>
    CutPair = 1,

    /// <summary>The peer no longer hears the node; the other direction works.</summary>
    OneWay = 2,

    /// <summary>A medium carries nothing between any nodes.</summary>
    MediumDown = 3,

    /// <summary>Packets are lost: amount per mille.</summary>
    Loss = 4,

    /// <summary>Packets arrive twice: amount per mille.</summary>
    Duplication = 5,

    /// <summary>Packets overtake each other: amount per mille are held back.</summary>
    Reordering = 6,

    /// <summary>Bits flip: amount per mille of the packets.</summary>
    Corruption = 7,

    /// <summary>All packets are slower: amount in milliseconds at most.</summary>
    Delay = 8,

    /// <summary>Earlier packets are played again, also of earlier lives: amount packets over the duration.</summary>
    Replay = 9,

    /// <summary>
    /// Datagrams that nobody of the cluster made: garbage, empty, 64 KiB; amount packets over the duration.
    /// </summary>
    Garbage = 10,

    /// <summary>
    /// Packets wait instead of being lost, and all come when it is over: a switch that learns, a full queue.
    /// </summary>
    Clog = 11,

    /// <summary>
    /// Loss in bursts (two states): amount is the length of a burst in milliseconds at most.
    /// </summary>
    BurstLoss = 12,

    /// <summary>Packets longer than amount bytes are lost (a wrong MTU somewhere).</summary>
    LargeLost = 13,

    /// <summary>
    /// Another cluster with another key on the same port: amount well-formed statuses in the names of these nodes.
    /// </summary>
    ForeignCluster = 14,

    /// <summary>Amount packets are cut short on the way.</summary>
    Truncation = 15,

    /// <summary>
    /// The agent is killed (kill -9); its resources go on. A supervisor starts it after the duration.
    /// </summary>
    AgentKilled = 20,

    /// <summary>The machine loses power; everything on it stops. It is back after the duration.</summary>
    PowerLost = 21,

    /// <summary>The agent does not run (SIGSTOP, frozen machine) for the duration.</summary>
    Pause = 22,

    /// <summary>The agent is asked to stop; it is started again a duration after it ended.</summary>
    GracefulStop = 23,

    /// <summary>The wall clock jumps: amount in seconds.</summary>
    WallClockJump = 24,

    /// <summary>A medium of one node reports errors and carries nothing.</summary>
    MediumFails = 25,

    /// <summary>The node's agent is started again with another key, and with the right one when it is over.</summary>
    WrongKey = 26,

    /// <summary>The node's disk is full: its agent runs on, but a new life cannot begin.</summary>
    DiskFull = 27,

    /// <summary>The machine loses power, and its generation file is torn.</summary>
    DiskTorn = 28,

    /// <summary>The machine is frozen with everything on it for the duration, watchdog included.</summary>
    MachineFrozen = 29,

    /// <summary>Operations on the node take amount times as long.</summary>
    SlowOperations = 40,

    /// <summary>Starts on the node fail: amount per mille.</summary>
    FailingStarts = 41,

    /// <summary>Stops on the node fail: amount per mille.</summary>
    FailingStops = 42,

    /// <summary>Probes on the node fail: amount per mille.</summary>
    FailingProbes = 43,

    /// <summary>Operations on the node hang until their timeout: amount per mille.</summary>
    HangingOperations = 44,

    /// <summary>Operations on the node report success without effect: amount per mille. Only in flagged runs.</summary>
    LyingOperations = 45,

    /// <summary>A resource on the node dies by itself: amount chooses which.</summary>
    ResourceDies = 46,

    /// <summary>An operator gives a command on a node, valid or not.</summary>
    Command = 60,

    /// <summary>An operator edits the configuration that he finds on a node, and gives it to that node.</summary>
    Edit = 61,

    /// <summary>
    /// The machine loses power, and comes back with the documents and intents that it kept amount writes ago.
    /// </summary>
    OldDocuments = 62,

    /// <summary>The agent is killed, and its documents are edited before it is started again.</summary>
    EditedOffline = 63,

    /// <summary>
    /// An operator confirms on a node that its lost peer is off: when it really is; amount 1, in flagged runs: whether
    /// it is or not.
    /// </summary>
    ConfirmOff = 64,

    /// <summary>Fence devices (medium: which) fail: amount per mille.</summary>
    DeviceFails = 70,

    /// <summary>Calls of fence devices take up to amount seconds; who gives up earlier does not know the end.</summary>
    DeviceSlow = 71,

    /// <summary>Fence devices cannot be reached from a node.</summary>
    DeviceCut = 72,

    /// <summary>Fence devices report success without effect: amount per mille. Only in flagged runs.</summary>
    DeviceLies = 73,

    /// <summary>The arbiter does not run.</summary>
    ArbiterDown = 80,

    /// <summary>The arbiter cannot be reached from a node.</summary>
    ArbiterCut = 81,

    /// <summary>The arbiter is stopped and goes on afterwards, with what waited.</summary>
    ArbiterPaused = 82,

    /// <summary>The arbiter starts again with an empty disk.</summary>
    ArbiterLosesDisk = 83,
}

/// <summary>One entry of a fault plan. What a kind does not need is -1 or 0.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="At">When, in world microseconds.</param>
/// <param name="Duration">For how long, in microseconds; 0 for events without duration.</param>
/// <param name="Node">The node it happens to; -1: all.</param>
/// <param name="Peer">The other node; -1: all others.</param>
/// <param name="Medium">The medium; -1: all.</param>
/// <param name="Amount">Intensity; its unit is the kind's.</param>
/// <param name="Order">The command, for <see cref="FaultKind.Command"/>.</param>
/// <param name="Edit">What is changed, for edits.</param>
public sealed record Fault(
    FaultKind Kind,
    long At,
    long Duration = 0,
    int Node = -1,
    int Peer = -1,
    int Medium = -1,
    int Amount = 0,
    OperatorCommand? Order = null,
    DocumentEdit? Edit = null)
{
    /// <summary>When it is over.</summary>
    public long End => At + Duration;

    /// <summary>One line for traces, naming only what matters.</summary>
    public override string ToString()
    {
        var text = $"{Kind} at {Micros.Text(At)}";
        if (Duration > 0) text += $" for {Duration / (double)Micros.Second:0.###} s";
        if (Node >= 0) text += $" node {SimulationProfile.NodeName(Node)}";
        if (Peer >= 0) text += $" peer {SimulationProfile.NodeName(Peer)}";
        if (Medium >= 0) text += $" medium {Medium}";
        if (Amount != 0) text += $" amount {Amount}";
        if (Order is not null) text += $": {Describe(Order)}";
        if (Edit is not null) text += $": {Edit}";
        return text;
    }

    private static string Describe(OperatorCommand order) => order.Kind switch
    {
        CommandKind.Standby => $"standby {order.Node ?? "here"} {order.Set}",
        CommandKind.Online => $"online {order.Node ?? "here"}",
        CommandKind.Takeover => $"takeover {order.Node ?? "here"} {order.Set}",
        CommandKind.Move => $"move {order.Group} from {order.From ?? "anywhere"} to {order.To}",
        CommandKind.Cleanup => $"cleanup {order.Group ?? "all"}",
        CommandKind.Maintenance => $"maintenance {(order.Enabled == true ? "on" : "off")}",
        CommandKind.Configure => $"configure from {order.ExpectedVersion}",
        CommandKind.RollBack => $"roll back to {order.ToVersion}",
        CommandKind.SetServer => $"set {order.Server?.Backend}/{order.Server?.Server}",
        CommandKind.ConfirmOff => $"confirm that {order.Node} of generation {order.Generation} is off",
    };
}
