using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>
/// Recurring monitors: begun by an order of the coordinator, then run by this node alone until they are ended or the
/// resource stops. Only what is news is told.
/// </summary>
internal sealed partial class LocalResourceSet
{
    /// <summary>An eighth of the interval at most keeps monitors of many resources from falling together.</summary>
    private const int JitterSteps = 8;

    /// <summary>Something behind our back concerns a resource: it is looked at now, not at the next interval.</summary>
    public static void LookNow(LocalResource resource, MonotonicTime now)
    {
        foreach (var watch in resource.Watches) watch.Due = now;
    }

    /// <summary>How often in this life a monitor found that something was no longer well.</summary>
    public long Setbacks { get; private set; }

    private static void EndWatch(LocalResource resource, long intervalMs)
    {
        resource.Watches.RemoveAll(watch => watch.IntervalMs == intervalMs);
        resource.History.EndMonitor(intervalMs);
    }

    private void RunOrderedWatch(LocalResource resource, PendingOrder order, MonotonicTime now, EffectList effects)
    {
        var definition = resource.Definition.Monitors
            .FirstOrDefault(one => (long)one.Interval.TotalMilliseconds == order.IntervalMs);
        if (definition is null)
        {
            // Ordered by a configuration that is no longer ours.
            resource.End(order.Token, OperationOutcome.Cancelled);
            Changed = true;
            return;
        }

        EndWatch(resource, order.IntervalMs);
        resource.Watches.Add(new Watch(definition));
        RunWatch(resource, resource.Watches[^1], order.Token, effects);
        Changed = true;
    }

    private void RunDueWatch(LocalResource resource, MonotonicTime now, EffectList effects)
    {
        foreach (var watch in resource.Watches)
        {
            if (watch.Due > now) continue;
            RunWatch(resource, watch, token: null, effects);
            return;
        }
    }

    private void RunWatch(LocalResource resource, Watch watch, string? token, EffectList effects)
    {
        watch.Due = MonotonicTime.Never;
        resource.Busy = new LocalOperation(++lastNumber, OperationKind.Monitor, watch.IntervalMs, token, Attempt: 1);
        effects.Add(new RunOperation(lastNumber, resource.RunsAs, OperationKind.Monitor, watch.Definition.Timeout,
            Urgent: false, watch.Definition.Depth));
    }

    private EndedOperation CompleteMonitor(LocalResource resource, LocalOperation operation, OperationCompleted done,
        MonotonicTime now, EffectList effects)
    {
        var watch = resource.Watches.Find(one => one.IntervalMs == operation.IntervalMs);
        var failed = done.Outcome != OperationOutcome.Succeeded;
        var news = watch is not null && !resource.History.Knows(operation.IntervalMs, done.Outcome);
        if (news)
        {
            Changed = true;
            if (failed) Setbacks++;
            resource.Detail = failed
                ? OperationText.Describe(OperationKind.Monitor, resource.Definition.Id, done) : "";
            SetState(resource, failed ? ResourceState.Failed : ResourceState.Started, now);
            resource.History.Record(OperationKind.Monitor, operation.IntervalMs, done.Outcome, failed, resource.RunsAs,
                resource.Detail, now);
        }

        if (watch is not null) watch.Due = now + watch.Definition.Interval + Jitter(resource, watch);
        if (operation.Token is { } token)
        {
            Changed = true;
            resource.End(token, done.Outcome);
        }

        Continue(resource, now, effects);
        return new EndedOperation(resource, operation, done.Outcome, done.Duration, WillRetry: false, news);
    }

    private TimeSpan Jitter(LocalResource resource, Watch watch) =>
        TimeSpan.FromTicks(watch.Definition.Interval.Ticks
            * (resources.IndexOf(resource) % JitterSteps) / (JitterSteps * JitterSteps));
}
