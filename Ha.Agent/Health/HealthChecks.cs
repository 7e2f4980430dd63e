using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using Ha.Agent.Resources;
using Ha.Core.Engine;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>
/// Looks for the engine's health checks, at most <see cref="MaxLooks"/> at once, on threads of its own with ordinary
/// priority; more wait (at most one per check: the engine asks for no second look before the first has ended). Every
/// look is completed exactly once. Threads are made when the first look is asked for.
/// </summary>
internal sealed class HealthChecks : IDisposable
{
    /// <summary>Looks that are under way at once.</summary>
    public const int MaxLooks = 4;

    private static readonly TimeSpan ThreadEnd = TimeSpan.FromSeconds(3);

    private readonly Func<CheckKind, ICheckKind> kinds;
    private readonly Action<CheckCompleted> completed;
    private readonly ConcurrentQueue<RunCheck> waiting = new();
    private readonly SemaphoreSlim work = new(0);
    private readonly List<Thread> threads = [];
    private readonly Lock gate = new();
    private readonly List<ChildProcess> children = [];
    private int open;
    private volatile bool closed;

    /// <summary>Nothing runs yet.</summary>
    /// <param name="kinds">Finds who looks for a kind.</param>
    /// <param name="completed">Called on a thread of this object; must not throw.</param>
    public HealthChecks(Func<CheckKind, ICheckKind> kinds, Action<CheckCompleted> completed)
    {
        this.kinds = kinds;
        this.completed = completed;
    }

    /// <summary>Looks once. Returns at once; always on the same thread.</summary>
    public void Run(RunCheck asked)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        waiting.Enqueue(asked);
        if (Interlocked.Increment(ref open) > threads.Count && threads.Count < MaxLooks) AddThread();
        work.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (closed) return;
        lock (gate)
        {
            closed = true;
            foreach (var child in children) child.Kill();
        }

        work.Release(MaxLooks);
        var begin = Stopwatch.GetTimestamp();
        var ended = true;
        foreach (var thread in threads)
        {
            var left = ThreadEnd - Stopwatch.GetElapsedTime(begin);
            ended &= thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        if (ended) work.Dispose();
    }

    private void AddThread()
    {
        var thread = new Thread(Work) { IsBackground = true, Name = $"check {threads.Count + 1}" };
        threads.Add(thread);
        thread.Start();
    }

    private void Work()
    {
        while (true)
        {
            work.Wait();
            if (closed) return;
            if (waiting.TryDequeue(out var asked)) Look(asked);
        }
    }

    private void Look(RunCheck asked)
    {
        var begin = Stopwatch.GetTimestamp();
        ChildProcess? child = null;
        var look = new CheckLook(asked.Check, started =>
        {
            Forget(child);
            child = started;
            Track(started);
        });
        var finding = Look(look);
        Forget(child);
        Interlocked.Decrement(ref open);
        completed(new CheckCompleted
        {
            Number = asked.Number, IsGood = finding.IsGood, Output = finding.Text,
            Duration = Stopwatch.GetElapsedTime(begin),
        });
    }

    private CheckFinding Look(CheckLook look)
    {
        try
        {
            return kinds(look.Check.Kind).Look(look);
        }
        catch (TimeoutException)
        {
            return CheckFinding.Bad(look.Late);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            // Whatever the network or a file refuses is what was found.
            return CheckFinding.Bad(e.Message);
        }
    }

    private void Track(ChildProcess child)
    {
        lock (gate)
        {
            children.Add(child);
            if (closed) child.Kill();
        }
    }

    private void Forget(ChildProcess? child)
    {
        if (child is null) return;
        lock (gate) children.Remove(child);
    }
}
