using System.Collections.Concurrent;
using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Hooks;

/// <summary>
/// Events on their way from the heartbeat loop to the hooks. The loop never waits: what does not fit is counted and
/// left out, the newest first, because the order of what is called must stay.
/// </summary>
internal sealed class HookQueue : IDisposable
{
    /// <summary>Events that wait or are at work at once.</summary>
    public const int Capacity = 4096;

    private readonly ConcurrentQueue<ClusterEvent> arrived = new();
    private readonly SafeFileHandle wake = LoopCalls.NewEvent();
    private int open;
    private int left;

    /// <summary>Events that wait or are at work.</summary>
    public int Open => Volatile.Read(ref open);

    /// <summary>Hands an event over; never waits.</summary>
    public void Offer(ClusterEvent happened)
    {
        if (Interlocked.Increment(ref open) > Capacity)
        {
            Interlocked.Decrement(ref open);
            Interlocked.Increment(ref left);
            return;
        }

        arrived.Enqueue(happened);
        LoopCalls.Signal(wake);
    }

    /// <summary>Waits until something arrives or the time is over.</summary>
    public void Wait(TimeSpan longest)
    {
        Span<PollEntry> entries = [new() { Descriptor = (int)wake.DangerousGetHandle(), Events = Libc.PollIn }];
        LoopCalls.Poll(entries, longest);
        if (entries[0].Returned != 0) LoopCalls.Clear(wake);
    }

    /// <summary>The next event, oldest first.</summary>
    public bool TryTake(out ClusterEvent happened) => arrived.TryDequeue(out happened!);

    /// <summary>An event that was taken is done with.</summary>
    public void Done() => Interlocked.Decrement(ref open);

    /// <summary>How many events were left out since the last call.</summary>
    public int TakeLeftOut() => Interlocked.Exchange(ref left, 0);

    /// <summary>Ends the wait of <see cref="Wait"/>.</summary>
    public void Wake() => LoopCalls.Signal(wake);

    /// <inheritdoc/>
    public void Dispose() => wake.Dispose();
}
