namespace Ha.Web.Client;

/// <summary>
/// One feed for each token in use, shared by all browsers that signed in with it. A feed that nobody watches lives on
/// for <see cref="Linger"/>, so that a reload finds the picture it left.
/// </summary>
internal sealed class FeedPool(
    ImmutableArray<ApiEndpoint> apis, TimeProvider time, ILogger<ClusterFeed> logger) : BackgroundService
{
    public const int MaxFeeds = 64;
    public static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];

    public ImmutableArray<ApiEndpoint> Apis => apis;

    /// <summary>How many feeds there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>The feed of this token; it must be given back by disposing the lease.</summary>
    /// <exception cref="InvalidOperationException">Too many different tokens are in use.</exception>
    public FeedLease Acquire(string token)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(token, out var entry))
            {
                if (_entries.Count >= MaxFeeds)
                {
                    throw new InvalidOperationException(
                        $"More than {MaxFeeds} different tokens are in use; try again later.");
                }

                var session = new ApiSession(token);
                entry = new Entry(session, new ClusterFeed(apis, session.FollowAsync, time, logger));
                _entries.Add(token, entry);
            }

            entry.Users++;
            return new FeedLease(entry.Feed, entry.Session, () => Release(entry));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await DisposeAllAsync(TakeIdle());
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; what is left is disposed below.
        }

        await DisposeAllAsync(TakeEverything());
    }

    private static async Task DisposeAllAsync(IEnumerable<Entry> entries)
    {
        foreach (var entry in entries)
        {
            await entry.Feed.DisposeAsync();
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            entry.Users--;
            entry.UnusedSince = time.GetTimestamp();
        }
    }

    private List<Entry> TakeIdle()
    {
        lock (_lock)
        {
            var idle = _entries
                .Where(pair => pair.Value.Users == 0 && time.GetElapsedTime(pair.Value.UnusedSince) >= Linger).ToList();
            idle.ForEach(pair => _entries.Remove(pair.Key));
            return [.. idle.Select(pair => pair.Value)];
        }
    }

    private List<Entry> TakeEverything()
    {
        lock (_lock)
        {
            List<Entry> all = [.. _entries.Values];
            _entries.Clear();
            return all;
        }
    }

    private sealed class Entry(ApiSession session, ClusterFeed feed)
    {
        public ApiSession Session => session;

        public ClusterFeed Feed => feed;

        public int Users { get; set; }

        public long UnusedSince { get; set; }
    }
}

/// <summary>The right to use a feed until disposed.</summary>
internal sealed class FeedLease(ClusterFeed feed, ApiSession session, Action release) : IDisposable
{
    private Action? _release = release;

    public ClusterFeed Feed => feed;

    public ApiSession Session => session;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
