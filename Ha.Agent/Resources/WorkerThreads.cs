using System.Diagnostics;

namespace Ha.Agent.Resources;

/// <summary>
/// Threads of ordinary priority for work that waits for programs and networks: made as they are needed, at most so
/// many, asleep in between. They end together. (A semaphore of the framework lets a thread spin before each sleep; with
/// hundreds of short programs a second that cost more than starting them.)
/// </summary>
/// <param name="name">What they are called, with a number.</param>
/// <param name="most">How many there may be.</param>
/// <param name="work">Does one piece of work, on one of the threads; must not throw.</param>
internal sealed class WorkerThreads(string name, int most, Action work) : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(3);

    private readonly object gate = new();
    private readonly List<Thread> threads = [];
    private int idle;
    private int offered;
    private bool closed;

    /// <summary>One more piece of work is there. Returns at once; nothing happens after the end.</summary>
    public void Offer()
    {
        lock (gate)
        {
            if (closed) return;
            offered++;
            if (offered > idle && threads.Count < most) AddThread_NeedsLock();
            else Monitor.Pulse(gate);
        }
    }

    /// <summary>Waits until the threads have ended, each after its piece of work, but not for ever.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed) return;
            closed = true;
            Monitor.PulseAll(gate);
        }

        // A program that hangs in the kernel holds its thread; it must not hold the agent's end as well.
        var begin = Stopwatch.GetTimestamp();
        foreach (var thread in threads)
        {
            var left = LongestEnd - Stopwatch.GetElapsedTime(begin);
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void AddThread_NeedsLock()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"{name} {threads.Count + 1}" };
        threads.Add(thread);
        thread.Start();
    }

    private void Run()
    {
        while (Take()) work();
    }

    private bool Take()
    {
        lock (gate)
        {
            idle++;
            while (offered == 0 && !closed) Monitor.Wait(gate);
            idle--;
            if (closed) return false;
            offered--;
            return true;
        }
    }
}
