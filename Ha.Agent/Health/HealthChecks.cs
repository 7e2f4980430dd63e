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

    private readonly Func<CheckKind, ICheckKind> kinds;
    private readonly Action<CheckCompleted> completed;
    private readonly ConcurrentQueue<RunCheck> waiting = new();
    private readonly WorkerThreads threads;
    private readonly Lock gate = new();
    private readonly List<ChildProcess> children = [];
    private volatile bool closed;

    /// <summary>Nothing runs yet.</summary>
    /// <param name="kinds">Finds who looks for a kind.</param>
    /// <param name="completed">Called on a thread of this object; must not throw.</param>
    public HealthChecks(Func<CheckKind, ICheckKind> kinds, Action<CheckCompleted> completed)
    {
        this.kinds = kinds;
        this.completed = completed;
        threads = new WorkerThreads("check", MaxLooks, LookNext);
    }

    /// <summary>Looks once. Returns at once.</summary>
    public void Run(RunCheck asked)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        waiting.Enqueue(asked);
        threads.Offer();
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

        threads.Dispose();
    }

    private void LookNext()
    {
        if (waiting.TryDequeue(out var asked)) Look(asked);
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
