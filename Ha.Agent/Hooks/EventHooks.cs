using System.Collections.Immutable;
using System.Diagnostics;
using Ha.Agent.Interop;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Hooks;

/// <summary>How long hooks may take, and how many run at once.</summary>
internal sealed record HookLimits
{
    /// <summary>Time of one program; after it everything that the program started is killed. Default 30 s.</summary>
    public TimeSpan Program { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time that waiting hooks get when the agent ends. Default 5 s.</summary>
    public TimeSpan AtTheEnd { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Subjects whose hooks run at the same time. Default 4.</summary>
    public int Subjects { get; init; } = 4;
}

/// <summary>
/// Calls the operator's programs on cluster events: all programs of an event one after the other in the order of their
/// names, the events of one subject one after the other, each once. Off the heartbeat thread. The outcome is an event
/// of its own, which calls no hooks.
/// </summary>
internal sealed class EventHooks : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportRetry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ReportLimit = TimeSpan.FromSeconds(5);

    /// <summary>An event goes to every node and into every log.</summary>
    private const int LongestFailures = 1500;

    private readonly Lock gate = new();
    private readonly HookQueue queue = new();
    private readonly HookPrograms programs;
    private readonly ControlGroup? groups;
    private readonly HookLimits limits;
    private readonly Func<ShellReported, bool> report;
    private readonly LinkedList<ClusterEvent> waiting = [];
    private readonly HashSet<string> busy = new(StringComparer.Ordinal);
    private readonly List<ChildProcess> running = [];
    private readonly List<Thread> workers = [];
    private readonly SemaphoreSlim work = new(0);
    private readonly Thread dispatcher;
    private bool closed;

    /// <summary>Starts to wait for events.</summary>
    /// <param name="programs">What is called.</param>
    /// <param name="groups">Control groups; null when there are none here.</param>
    /// <param name="limits">How long it may take.</param>
    /// <param name="report">Makes an event of an outcome; false when it cannot be taken now.</param>
    public EventHooks(HookPrograms programs, ControlGroup? groups, HookLimits limits, Func<ShellReported, bool> report)
    {
        this.programs = programs;
        this.groups = groups;
        this.limits = limits;
        this.report = report;
        dispatcher = new Thread(Dispatch) { IsBackground = true, Name = "hooks" };
        dispatcher.Start();
    }

    /// <summary>An event happened. Returns at once, also on the heartbeat thread.</summary>
    public void Offer(ClusterEvent happened)
    {
        if (happened.Kind is EventKind.HooksDone or EventKind.HookFailed or EventKind.HooksLeftOut) return;
        queue.Offer(happened);
    }

    /// <summary>Waiting hooks still run for a short time; then what runs is killed.</summary>
    public void Dispose()
    {
        var begin = Stopwatch.GetTimestamp();
        while (queue.Open > 0 && Stopwatch.GetElapsedTime(begin) < limits.AtTheEnd) Thread.Sleep(ReportRetry);
        List<Thread> threads;
        lock (gate)
        {
            closed = true;
            waiting.Clear();
            foreach (var child in running) child.Kill();
            threads = [dispatcher, .. workers];
        }

        queue.Wake();
        work.Release(limits.Subjects);
        // A program that hangs in the kernel holds its thread; it must not hold the agent's end as well.
        var ended = threads.TrueForAll(static thread => thread.Join(TimeSpan.FromSeconds(3)));
        if (!ended) return;
        work.Dispose();
        queue.Dispose();
    }

    private bool IsClosed
    {
        get
        {
            lock (gate) return closed;
        }
    }

    private void Dispatch()
    {
        while (!IsClosed)
        {
            queue.Wait(LongestWait);
            while (queue.TryTake(out var happened)) Schedule(happened);
            if (queue.TakeLeftOut() is var left and > 0)
            {
                Report(EventKind.HooksLeftOut, EventSeverity.Warning, "hooks",
                    $"{left} events called no hooks, because {HookQueue.Capacity} were waiting for theirs: make the "
                    + "programs quicker, or let them be called for fewer kinds of event.");
            }
        }
    }

    private void Schedule(ClusterEvent happened)
    {
        lock (gate)
        {
            if (closed) return;
            waiting.AddLast(happened);
            if (workers.Count < limits.Subjects && workers.Count < busy.Count + waiting.Count)
            {
                var worker = new Thread(Work) { IsBackground = true, Name = $"hooks {workers.Count + 1}" };
                workers.Add(worker);
                worker.Start();
            }
        }

        work.Release();
    }

    private void Work()
    {
        while (true)
        {
            work.Wait();
            ClusterEvent? happened;
            lock (gate)
            {
                if (closed) return;
                happened = TakeNext_NeedsLock();
            }

            if (happened is null) continue;
            RunAll(happened);
            bool more;
            lock (gate)
            {
                busy.Remove(happened.Subject);
                more = waiting.Count > 0;
            }

            queue.Done();
            if (more) work.Release();
        }
    }

    /// <summary>The oldest event whose subject is free; null when all wait for their own subject.</summary>
    private ClusterEvent? TakeNext_NeedsLock()
    {
        for (var node = waiting.First; node is not null; node = node.Next)
        {
            if (!busy.Add(node.Value.Subject)) continue;
            waiting.Remove(node);
            return node.Value;
        }

        return null;
    }

    private void RunAll(ClusterEvent happened)
    {
        if (Programs(happened) is not { IsEmpty: false } paths) return;
        var environment = programs.Environment(happened);
        var failures = new List<string>();
        var begin = Stopwatch.GetTimestamp();
        foreach (var path in paths)
        {
            if (IsClosed) return;
            if (RunOne(path, happened, environment) is { } failure) failures.Add(failure);
        }

        var about = $"{HookPrograms.Word(happened.Kind)} {happened.Id}";
        if (failures.Count == 0)
        {
            Report(EventKind.HooksDone, EventSeverity.Info, happened.Subject,
                $"{paths.Length} {(paths.Length == 1 ? "hook" : "hooks")} of {about} ran in {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms.");
        }
        else
        {
            Report(EventKind.HookFailed, EventSeverity.Warning, happened.Subject,
                $"{failures.Count} of {paths.Length} hooks of {about} failed: {Shorten(string.Join(" ", failures))}");
        }
    }

    private ImmutableArray<string>? Programs(ClusterEvent happened)
    {
        try
        {
            return programs.For(happened.Kind);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Report(EventKind.HookFailed, EventSeverity.Warning, happened.Subject,
                $"The hooks of {HookPrograms.Word(happened.Kind)} {happened.Id} cannot be listed: {refused.Message}");
            return null;
        }
    }

    private static string Shorten(string text) =>
        text.Length <= LongestFailures ? text : text[..LongestFailures] + "...";

    /// <summary>Runs one program; what went wrong, null when nothing did.</summary>
    private string? RunOne(string path, ClusterEvent happened, IReadOnlyList<string> environment)
    {
        if (ProgramFile.Refusal(path) is { } refusal) return refusal.Output;
        using var scope = new OperationScope(groups);
        string[] arguments = [HookPrograms.Word(happened.Kind), happened.Subject];
        var errno = ChildProcess.Start(path, arguments, [.. environment, scope.Entry], out var child, scope);
        if (child is null) return $"{path} cannot be executed: {Errno.Text(errno)}.";
        using (child)
        {
            lock (gate)
            {
                running.Add(child);
                if (closed) child.Kill();
            }

            var exit = child.Wait(limits.Program);
            lock (gate) running.Remove(child);
            return Failure(path, exit);
        }
    }

    private string? Failure(string path, ChildExit exit) => exit.End switch
    {
        ChildEnd.Exited when exit.Code == 0 => null,
        ChildEnd.Exited => ProgramEnd.WithOutput($"{path} exited with {exit.Code}", exit.Output),
        ChildEnd.TimedOut => ProgramEnd.WithOutput(
            $"{path} did not end within {limits.Program.TotalSeconds:0.###} s and was killed", exit.Output),
        ChildEnd.Killed => ProgramEnd.WithOutput($"{path} was ended by signal {exit.Code}", exit.Output),
        ChildEnd.Lost => $"{path} ended, but its exit code is lost.",
    };

    /// <summary>The engine takes a bounded number of reports at once: a burst of hooks waits for it here.</summary>
    private void Report(EventKind kind, EventSeverity severity, string subject, string sentence)
    {
        var outcome = new ShellReported { Kind = kind, Severity = severity, Subject = subject, Sentence = sentence };
        var begin = Stopwatch.GetTimestamp();
        while (!report(outcome) && !IsClosed && Stopwatch.GetElapsedTime(begin) < ReportLimit)
            Thread.Sleep(ReportRetry);
    }
}
