using System.Diagnostics;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// Carries out the engine's operations on this node's resources. A virtual IP is handled at once on the caller's
/// thread; scripts run on threads of their own, several resources at a time, one operation per resource. Each operation
/// is completed exactly once. Ending this object kills the scripts under way, never what scripts have started.
/// </summary>
internal sealed class LocalResources : IDisposable
{
    /// <summary>
    /// Scripts that run at once; more wait. The engine asks for one operation per resource at a time.
    /// </summary>
    public const int MaxScripts = 16;

    private readonly Lock gate = new();
    private readonly VirtualIps virtualIps;
    private readonly AgentClasses classes;
    private readonly Action<OperationCompleted> completed;
    private readonly OperationResults results = new();
    private readonly LinkedList<RunOperation> waiting = [];
    private readonly Dictionary<string, ChildProcess?> busy = [];
    private readonly WorkerThreads threads;

    // The caller's: virtual IPs of one call of Run.
    private readonly List<RunOperation> addresses = [];
    private bool closed;

    /// <summary>Nothing runs yet.</summary>
    /// <param name="virtualIps">Handles <c>builtin:vip</c>.</param>
    /// <param name="classes">Handles all other types.</param>
    /// <param name="completed">Called on the thread of <see cref="Run"/> for virtual IPs (but for a claim that waits
    /// for address probes), else on a thread of this object; must not throw.</param>
    public LocalResources(VirtualIps virtualIps, AgentClasses classes, Action<OperationCompleted> completed)
    {
        this.virtualIps = virtualIps;
        this.classes = classes;
        this.completed = completed;
        threads = new WorkerThreads("script", MaxScripts, RunNext);
    }

    /// <summary>How the last operations on each resource ended; may be asked on any thread.</summary>
    public OperationResults Results => results;

    /// <summary>
    /// Starts operations. Returns after those of virtual IPs that need not wait, at once for scripts.
    /// </summary>
    public void Run(IReadOnlyList<RunOperation> operations)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            if (!VirtualIps.Knows(operations[i].Resource)) RunElsewhere(operations[i]);
            else addresses.Add(operations[i]);
        }

        if (addresses.Count == 0) return;
        var begin = OperationBegin.Now;
        virtualIps.Run(addresses, (operation, result) => completed(Ended(operation, result, null, begin)));
        addresses.Clear();
    }

    private void RunElsewhere(RunOperation operation)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            waiting.AddLast(operation);
        }

        threads.Offer();
    }

    public void Dispose()
    {
        List<RunOperation> called;
        lock (gate)
        {
            if (closed) return;
            closed = true;
            called = [.. waiting];
            waiting.Clear();
            foreach (var child in busy.Values) child?.Kill();
        }

        foreach (var operation in called)
        {
            completed(new OperationCompleted
            {
                Number = operation.Number, Outcome = OperationOutcome.Cancelled, Output = "The agent ended first.",
                Duration = TimeSpan.Zero,
            });
        }

        threads.Dispose();
    }

    private void RunNext()
    {
        RunOperation? operation;
        lock (gate) operation = closed ? null : TakeNext_NeedsLock();
        if (operation is not null) RunScript(operation);
    }

    /// <summary>
    /// The first waiting operation whose resource is free; null when all wait for their own resource.
    /// </summary>
    private RunOperation? TakeNext_NeedsLock()
    {
        for (var node = waiting.First; node is not null; node = node.Next)
        {
            if (!busy.TryAdd(node.Value.Resource.Id, null)) continue;
            waiting.Remove(node);
            return node.Value;
        }

        return null;
    }

    private void RunScript(RunOperation operation)
    {
        var begin = OperationBegin.Now;
        var resource = operation.Resource;
        var call = new AgentCall(
            resource, operation.Kind, operation.Timeout, operation.Depth, child => Track(resource, child));
        // Written down before the next operation on this resource can begin.
        var ended = Ended(operation, classes.Run(call), call.Program, begin);
        bool more;
        lock (gate)
        {
            busy.Remove(resource.Id);
            more = waiting.Count > 0;
        }

        completed(ended);
        if (more) threads.Offer();
    }

    private void Track(ResourceDefinition resource, ChildProcess child)
    {
        lock (gate)
        {
            busy[resource.Id] = child;
            if (closed) child.Kill();
        }
    }

    private OperationCompleted Ended(
        RunOperation operation, OperationResult result, ProgramEnd? program, OperationBegin begin)
    {
        var duration = begin.Elapsed;
        var said = SecretParameters.Hide(result.Output, operation.Resource.Parameters);
        results.Add(operation, result with { Output = said }, program, begin.At, duration);
        return new()
        {
            Number = operation.Number, Outcome = result.Outcome, Output = said, Duration = duration,
        };
    }
}

/// <summary>When an operation began, by both clocks.</summary>
/// <param name="At">Wall clock, UTC.</param>
/// <param name="Stamp">Of <see cref="Stopwatch"/>.</param>
internal readonly record struct OperationBegin(DateTimeOffset At, long Stamp)
{
    public static OperationBegin Now => new(DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(Stamp);
}
