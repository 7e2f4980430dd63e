namespace Ha.Core.Contracts;

/// <summary>
/// The agent's control protocol on its unix socket <c>RUNTIME-DIR/agent.sock</c> (mode 0660, group <c>ha</c>): one JSON
/// object a line in UTF-8. The client sends <see cref="ControlRequest"/>s; the agent answers each with a
/// <see cref="ControlReply"/> of the same id, and sends <see cref="ControlPush"/>es to subscribers. A line longer than
/// <see cref="MaxLineBytes"/> ends the connection.
/// </summary>
public static class ControlProtocol
{
    /// <summary>
    /// Longest line either side may send, in bytes: a configuration of 4 MiB in base64 fits.
    /// </summary>
    public const int MaxLineBytes = 6 * 1024 * 1024;

    /// <summary>Largest page of <see cref="ControlMethod.Events"/>.</summary>
    public const int MaxEventsPage = 500;

    /// <summary>Time between two <see cref="ControlPush.Alive"/> pushes to a subscriber.</summary>
    public static readonly TimeSpan AliveInterval = TimeSpan.FromSeconds(1);

    /// <summary>File name of the socket in the runtime directory.</summary>
    public const string SocketName = "agent.sock";
}

/// <summary>What a client can ask on the control socket.</summary>
public enum ControlMethod
{
    /// <summary>The present snapshot → <see cref="ControlReply.Snapshot"/>.</summary>
    Snapshot = 0,

    /// <summary>
    /// Events after <see cref="ControlRequest.After"/>, oldest first → <see cref="ControlReply.Entries"/>.
    /// </summary>
    Events = 1,

    /// <summary>
    /// From now on push snapshots and alive signs, and all events after <see cref="ControlRequest.After"/> in order
    /// without a gap (null: only new ones) → an empty reply, then pushes. Once per connection.
    /// </summary>
    Subscribe = 2,

    /// <summary>Carry out <see cref="ControlRequest.Command"/> → <see cref="ControlReply.Answer"/>.</summary>
    Command = 3,

    /// <summary>What decisions are made from → <see cref="ControlReply.Situation"/>.</summary>
    Situation = 4,

    /// <summary>
    /// One version of the cluster configuration → <see cref="ControlReply.Configuration"/>.
    /// </summary>
    Configuration = 5,

    /// <summary>All kept versions without their texts, newest first → <see cref="ControlReply.History"/>.</summary>
    ConfigurationHistory = 6,

    /// <summary>What differs between two versions → <see cref="ControlReply.Differences"/>.</summary>
    ConfigurationDifferences = 7,

    /// <summary>
    /// Every HAProxy resource of this node, read anew, in the order of their ids → <see cref="ControlReply.Haproxy"/>.
    /// </summary>
    Haproxy = 8,

    /// <summary>
    /// Have the HAProxy resource <see cref="ControlRequest.Resource"/> of this node read its configuration anew, checked
    /// before, without cutting a connection → an empty reply when it is done.
    /// </summary>
    HaproxyReload = 9,

    /// <summary>
    /// The last results of the resource <see cref="ControlRequest.Resource"/> on this node (an empty answer when there
    /// are none); without one the last result of each resource, in the order of their ids →
    /// <see cref="ControlReply.Results"/>.
    /// </summary>
    Results = 10,
}

/// <summary>One request on the control socket.</summary>
public sealed record ControlRequest
{
    /// <summary>Chosen by the client, returned in the reply.</summary>
    public required long Id { get; init; }

    /// <summary>What is asked.</summary>
    public required ControlMethod Method { get; init; }

    /// <summary>
    /// For events and subscribe: the journal position after which to begin; 0 is before the oldest kept, a negative one
    /// counts from the newest (-10: the newest ten). After the newest there are no events; subscribing there is
    /// refused, because the journal must have been begun anew.
    /// </summary>
    public long? After { get; init; }

    /// <summary>For events: at most this many, 1 to <see cref="ControlProtocol.MaxEventsPage"/>.</summary>
    public int? Limit { get; init; }

    /// <summary>For haproxyReload and results: id of the resource.</summary>
    public string? Resource { get; init; }

    /// <summary>For command.</summary>
    public OperatorCommand? Command { get; init; }

    /// <summary>
    /// For configuration and differences: the version, <c>epoch.update</c>; null is the present one (for differences:
    /// the one before <see cref="ToVersion"/>).
    /// </summary>
    public string? Version { get; init; }

    /// <summary>For differences: the version that is compared with; null is the present one.</summary>
    public string? ToVersion { get; init; }
}

/// <summary>The answer to one request. Exactly one of the parts is set, or none for subscribe.</summary>
public sealed record ControlReply
{
    /// <summary>Id of the request; 0 when the request could not be read at all.</summary>
    public required long Id { get; init; }

    /// <summary>What is wrong with the request, and what to send instead; null when nothing.</summary>
    public string? Error { get; init; }

    /// <summary>Answer to snapshot.</summary>
    public ClusterSnapshot? Snapshot { get; init; }

    /// <summary>Answer to events.</summary>
    public ImmutableArray<JournalEntry>? Entries { get; init; }

    /// <summary>Answer to command.</summary>
    public CommandAnswer? Answer { get; init; }

    /// <summary>Answer to situation.</summary>
    public ClusterSituation? Situation { get; init; }

    /// <summary>Answer to configuration.</summary>
    public ConfigurationView? Configuration { get; init; }

    /// <summary>Answer to configuration history.</summary>
    public ImmutableArray<ConfigurationView>? History { get; init; }

    /// <summary>Answer to configuration differences.</summary>
    public ImmutableArray<ConfigurationDifference>? Differences { get; init; }

    /// <summary>Answer to haproxy.</summary>
    public ImmutableArray<HaproxyStatus>? Haproxy { get; init; }

    /// <summary>Answer to results.</summary>
    public ImmutableArray<ResourceResults>? Results { get; init; }
}

/// <summary>Something sent to a subscriber. Exactly one of the parts is set.</summary>
public sealed record ControlPush
{
    /// <summary>
    /// The new snapshot: sent at once on subscribing, then after each change, coalesced while the client is slow.
    /// </summary>
    public ClusterSnapshot? Snapshot { get; init; }

    /// <summary>An event, in journal order.</summary>
    public JournalEntry? Entry { get; init; }

    /// <summary>A sign of life of the heartbeat loop, each <see cref="ControlProtocol.AliveInterval"/>.</summary>
    public AliveSign? Alive { get; init; }
}

/// <summary>A sign of life of the agent's heartbeat loop.</summary>
/// <param name="At">Wall clock, UTC.</param>
/// <param name="SnapshotVersion">Version of the present snapshot.</param>
/// <param name="LastLoopMs">Milliseconds since the heartbeat loop last ran: large means that it hangs.</param>
/// <param name="WorstLatenessMs">Worst lateness of a heartbeat in the last minute, ms.</param>
public sealed record AliveSign(DateTimeOffset At, long SnapshotVersion, long LastLoopMs, double WorstLatenessMs);
