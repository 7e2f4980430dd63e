using Ha.Agent.Interop;
using Ha.Core.Contracts;
using Ha.Core.Transitions;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Loop;

/// <summary>
/// The latest snapshot, and who wants to know when there is a new one or a new event. The loop stores a reference and
/// writes to an eventfd, nothing else; waking the subscribers is the work of a thread of normal priority.
/// </summary>
internal sealed class Publication : IDisposable
{
    /// <summary>How long an answer waits for the loop: a second, as clients of the control socket are told.</summary>
    public static readonly TimeSpan DefaultFreshLimit = TimeSpan.FromSeconds(1);

    private readonly TimeSpan freshLimit;
    private readonly SafeFileHandle news = LoopCalls.NewEvent();
    private readonly Lock gate = new();
    private readonly List<NewsSignal> subscribers = [];
    private readonly Thread thread;
    private volatile PublishedSnapshot? current;
    private volatile bool ended;
    private volatile PublishedState? latestState;
    private int freshWanted;
    private int stateWanted;

    /// <summary>Starts the thread that wakes subscribers.</summary>
    /// <param name="freshLimit">How long an answer waits for the loop; null: <see cref="DefaultFreshLimit"/>.</param>
    public Publication(TimeSpan? freshLimit = null)
    {
        this.freshLimit = freshLimit ?? DefaultFreshLimit;
        thread = new Thread(WakeSubscribers) { Name = "ha-publish", IsBackground = true };
        thread.Start();
    }

    /// <summary>Called by the control socket when it wants the loop to take a new snapshot; wakes the loop.</summary>
    public Action WakeLoop { get; set; } = static () => { };

    /// <summary>The latest snapshot; null before the first step of the engine.</summary>
    public PublishedSnapshot? Current => current;

    /// <summary>Loop only: replaces the snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="state">What decisions are made from at the same moment; null when nobody asked for it.</param>
    public void Publish(ClusterSnapshot snapshot, ClusterState? state = null)
    {
        current = new PublishedSnapshot(snapshot, (current?.Number ?? 0) + 1);
        if (state is not null) latestState = new PublishedState(snapshot, state);
        Announce();
    }

    /// <summary>There is something new: a snapshot, or an event in the journal.</summary>
    public void Announce() => LoopCalls.Signal(news);

    /// <summary>Loop only: whether somebody waits for a snapshot of this very moment.</summary>
    public bool TakeFreshWanted() =>
        Volatile.Read(ref freshWanted) != 0 && Interlocked.Exchange(ref freshWanted, 0) != 0;

    /// <summary>Loop only: whether somebody waits for what decisions are made from.</summary>
    public bool TakeStateWanted() =>
        Volatile.Read(ref stateWanted) != 0 && Interlocked.Exchange(ref stateWanted, 0) != 0;

    /// <summary>
    /// What decisions are made from, taken after this call; null when the loop does not answer in time.
    /// </summary>
    public async Task<PublishedState?> StateAsync(CancellationToken cancellation)
    {
        var before = latestState;
        using var signal = Subscribe();
        Interlocked.Exchange(ref stateWanted, 1);
        WakeLoop();
        var deadline = LoopClocks.Monotonic + freshLimit;
        while (ReferenceEquals(latestState, before))
        {
            var left = deadline - LoopClocks.Monotonic;
            if (left <= TimeSpan.Zero) return null;
            await signal.WaitAsync(left, cancellation);
        }

        return latestState;
    }

    /// <summary>
    /// A snapshot taken after this call, so that its ages are true; the latest one when the loop does not answer in
    /// time (its <see cref="ClusterSnapshot.TakenAt"/> then shows its age). Null before the engine's first step.
    /// </summary>
    public async Task<PublishedSnapshot?> FreshAsync(CancellationToken cancellation)
    {
        var before = current?.Number ?? 0;
        using var signal = Subscribe();
        Interlocked.Exchange(ref freshWanted, 1);
        WakeLoop();
        var deadline = LoopClocks.Monotonic + freshLimit;
        while ((current?.Number ?? 0) == before)
        {
            var left = deadline - LoopClocks.Monotonic;
            if (left <= TimeSpan.Zero) break;
            await signal.WaitAsync(left, cancellation);
        }

        return current;
    }

    /// <summary>A signal that is set with each announcement; ends with its disposal.</summary>
    public NewsSignal Subscribe()
    {
        var signal = new NewsSignal(this);
        lock (gate) subscribers.Add(signal);
        return signal;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ended = true;
        Announce();
        thread.Join();
        news.Dispose();
    }

    internal void Remove(NewsSignal signal)
    {
        lock (gate) subscribers.Remove(signal);
    }

    private void WakeSubscribers()
    {
        Span<PollEntry> wait = [new() { Descriptor = (int)news.DangerousGetHandle(), Events = Libc.PollIn }];
        while (!ended)
        {
            LoopCalls.Poll(wait, TimeSpan.FromMinutes(1));
            LoopCalls.Clear(news);
            lock (gate)
                foreach (var subscriber in subscribers) subscriber.Set();
        }
    }
}

/// <summary>
/// A snapshot with its place in the sequence of this process, and its line for subscribers, made once for all.
/// </summary>
internal sealed class PublishedSnapshot(ClusterSnapshot snapshot, long number)
{
    private byte[]? pushLine;

    /// <summary>The snapshot.</summary>
    public ClusterSnapshot Snapshot { get; } = snapshot;

    /// <summary>Grows by one with each publication.</summary>
    public long Number { get; } = number;

    /// <summary>The line that is pushed. Two subscribers may both make it at first; the result is the same.</summary>
    public byte[] PushLine => pushLine ??= Control.ControlLine.Of(new ControlPush { Snapshot = Snapshot });
}

/// <summary>What decisions are made from, with the snapshot of the same moment.</summary>
internal sealed record PublishedState(ClusterSnapshot Snapshot, ClusterState State);

/// <summary>Set while there is news that its owner has not waited for yet.</summary>
internal sealed class NewsSignal(Publication publication) : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(0, 1);

    /// <summary>Waits for news or the end of <paramref name="limit"/>.</summary>
    public Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellation) =>
        semaphore.WaitAsync(limit, cancellation);

    /// <summary>There is news. Called by one thread only.</summary>
    public void Set()
    {
        if (semaphore.CurrentCount == 0) semaphore.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        publication.Remove(this);
        semaphore.Dispose();
    }
}
