namespace Ha.Web.Client;

/// <summary>What the dashboard knows right now, and how well. Replaced whole with every change.</summary>
public sealed record ClusterView
{
    /// <summary>Whether an API feeds us.</summary>
    public required FeedState State { get; init; }

    /// <summary>All APIs in the order in which they are tried, each with what it last did wrong.</summary>
    public required ImmutableArray<ApiTrial> Apis { get; init; }

    /// <summary>The API that feeds us, or that is tried now.</summary>
    public required string Api { get; init; }

    /// <summary>The last picture of the cluster; null while none came in.</summary>
    public ClusterSnapshot? Snapshot { get; init; }

    /// <summary>The last sign of life of the agent behind the API; null while none came in.</summary>
    public AliveSign? Alive { get; init; }

    /// <summary>
    /// When the agent last gave a sign (snapshot or alive), by this process's monotonic clock; null when never.
    /// </summary>
    public long? LastSignTimestamp { get; init; }

    /// <summary>When <see cref="State"/> last changed, by the monotonic clock of this process.</summary>
    public required long StateSinceTimestamp { get; init; }

    /// <summary>Clock of the node that feeds us minus our own, as of the last sign of life.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>
    /// The newest events, newest first, at most <see cref="EventList.MaxEvents"/>; null while none were read.
    /// </summary>
    public ImmutableArray<ClusterEvent>? Events { get; init; }

    /// <summary>Why older events cannot be read; null when they can.</summary>
    public ApiFault? EventsFault { get; init; }

    /// <summary>True when no API accepts the token any more: signing in again is the only way on.</summary>
    public bool TokenRefused =>
        State != FeedState.Live && Apis.All(api => api.Fault?.Kind == ApiFaultKind.TokenRefused);
}

/// <summary>One API of the list.</summary>
/// <param name="Name">Host and port.</param>
/// <param name="Fault">What it last did wrong; null when it was not tried or works.</param>
public sealed record ApiTrial(string Name, ApiFault? Fault);

/// <summary>Whether an API feeds the dashboard.</summary>
public enum FeedState
{
    /// <summary>Trying the API named in the view.</summary>
    Connecting,

    /// <summary>Fed: snapshots, events and signs of life come in.</summary>
    Live,

    /// <summary>All were tried; waiting a little before the next round.</summary>
    Waiting,
}

/// <summary>Something that came in from an API.</summary>
public abstract record ApiMessage
{
    private ApiMessage()
    {
    }

    public sealed record SnapshotReceived(ClusterSnapshot Snapshot) : ApiMessage;

    public sealed record AliveReceived(LiveSign Sign) : ApiMessage;

    public sealed record EventsReceived(ImmutableArray<ClusterEvent> Events) : ApiMessage;

    public sealed record EventsUnavailable(ApiFault Fault) : ApiMessage;
}

/// <summary>The newest events of the cluster, from any node's journal, each once.</summary>
public static class EventList
{
    public const int MaxEvents = 20;

    /// <summary>
    /// Merges by event id, which is unique in the cluster. Newest first by the clock of the node that saw it; within
    /// one instant of one node the later number first.
    /// </summary>
    public static ImmutableArray<ClusterEvent> Merge(
        ImmutableArray<ClusterEvent> known, ImmutableArray<ClusterEvent> more) =>
    [
        .. known.Concat(more)
            .DistinctBy(one => one.Id)
            .OrderByDescending(one => one.At)
            .ThenBy(one => one.Node, StringComparer.Ordinal)
            .ThenByDescending(Number)
            .Take(MaxEvents),
    ];

    /// <summary>Last part of <c>node/generation/number</c>.</summary>
    private static long Number(ClusterEvent one) =>
        long.TryParse(one.Id.AsSpan(one.Id.LastIndexOf('/') + 1), out var number) ? number : 0;
}
