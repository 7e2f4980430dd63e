using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>
/// All resources as they are on this node, and the only place that runs operations on them: one at a time per resource.
/// Every order is answered by its token in the next report; the same order twice runs once.
/// </summary>
internal sealed partial class LocalResourceSet
{
    /// <summary>How often a stop is tried before its group is blocked.</summary>
    internal const int MaxStopAttempts = 3;

    private static readonly TimeSpan StopRetryPause = TimeSpan.FromSeconds(1);

    private readonly List<LocalResource> resources;
    private long lastNumber;

    public LocalResourceSet(ImmutableArray<ResourceGroup> groups) =>
        resources = [.. groups.SelectMany(group => group.Resources.Select(one => new LocalResource(group.Id, one)))];

    /// <summary>All of them, in configuration order.</summary>
    public List<LocalResource> All => resources;

    /// <summary>Set when anything a report would show has changed; cleared by whoever sends the report.</summary>
    public bool Changed { get; set; }

    /// <summary>True when every resource was probed.</summary>
    public bool AllProbed { get; private set; }

    /// <summary>True when something runs, may run, or is being worked on.</summary>
    public bool AnyActive
    {
        get
        {
            foreach (var resource in resources)
            {
                if (resource.MayRun || resource.Busy is { Kind: not OperationKind.Monitor }) return true;
            }

            return false;
        }
    }

    /// <summary>When a stop is to be tried again, a monitor is due or failures expire.</summary>
    public MonotonicTime NextDeadline
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var resource in resources)
            {
                next = MonotonicTime.Min(next, resource.RetryStopAt);
                next = MonotonicTime.Min(next, resource.NextWatch);
                next = MonotonicTime.Min(next, ExpiryOf(resource));
            }

            return next;
        }
    }

    public LocalResource? Find(string id)
    {
        foreach (var resource in resources)
        {
            if (resource.Definition.Id == id) return resource;
        }

        return null;
    }

    /// <summary>Finds out what runs here before anything is decided.</summary>
    public void ProbeAll(EffectList effects)
    {
        AllProbed = resources.Count == 0;
        foreach (var resource in resources) Probe(resource, effects);
    }

    /// <summary>Carries out an order; does nothing when it is under way, waiting or done.</summary>
    /// <returns>False when it was not taken, and has to be given again.</returns>
    public bool Execute(LocalResource resource, PendingOrder order, MonotonicTime now, EffectList effects)
    {
        if (resource.HasEnded(order.Token) || resource.Busy?.Token == order.Token) return true;
        if (order.Kind == OperationKind.Cancel)
        {
            EndWatch(resource, order.IntervalMs);
            resource.End(order.Token, OperationOutcome.Succeeded);
            Changed = true;
        }
        else if (!resource.IsIdle)
        {
            if (resource.RetryStopAt != MonotonicTime.Never && order.Kind == OperationKind.Stop) return true;
            if (resource.Next is { } waiting && waiting.Token != order.Token)
            {
                // Watching waits for what changes the state, never the other way round.
                if (order.Kind == OperationKind.Monitor) return false;
                // Whoever ordered both would wait for it without end.
                resource.End(waiting.Token, OperationOutcome.Cancelled);
                Changed = true;
            }

            resource.Next = order;
        }
        else
        {
            Run(resource, order, now, effects);
        }

        return true;
    }

    /// <summary>Tells the network again, on this node's own account, who holds an address; not while it is worked on.
    /// </summary>
    public void AnnounceAgain(LocalResource resource, EffectList effects)
    {
        if (!resource.IsIdle) return;
        var announce = new LocalOperation(0, OperationKind.Announce, 0, Token: null, Attempt: 1);
        Begin(resource, announce, urgent: true, effects);
    }

    /// <summary>
    /// Orders that have not begun are void: whoever gave them has changed its mind, or has another plan. What is no
    /// longer configured and has stopped is forgotten now: whoever ordered the stop has heard of its end.
    /// </summary>
    public void DropPendingOrders()
    {
        resources.RemoveAll(static one => one is { IsOrphan: true, MayRun: false, Busy: null });
        foreach (var resource in resources)
        {
            if (resource.Next is not { } next) continue;
            resource.Next = null;
            resource.End(next.Token, OperationOutcome.Cancelled);
            Changed = true;
        }
    }

    /// <summary>Takes the end of an operation.</summary>
    /// <returns>What ended; null when the number is not one under way.</returns>
    public EndedOperation? Complete(OperationCompleted done, MonotonicTime now, EffectList effects)
    {
        if (FindBusy(done.Number) is not { Busy: { } operation } resource) return null;
        resource.Busy = null;
        if (operation.Kind == OperationKind.Monitor) return CompleteMonitor(resource, operation, done, now, effects);
        Changed = true;
        var failed = OperationText.IsFailure(operation.Kind, done.Outcome);
        resource.Detail = failed ? OperationText.Describe(operation.Kind, resource.Definition.Id, done) : "";
        var retry = Settle(resource, operation, done.Outcome, failed, now);
        if (!retry)
        {
            Record(resource, operation, done.Outcome, failed, now);
            if (operation.Token is { } token) resource.End(token, done.Outcome);
            Continue(resource, now, effects);
        }

        AllProbed |= resources.All(one => one.State != ResourceState.Unknown || one.Detail.Length > 0);
        return new EndedOperation(resource, operation, done.Outcome, done.Duration, retry, IsNews: true);
    }

    /// <summary>Tries failed stops again when their pause is over, watches what is due, forgets what has
    /// expired.</summary>
    public void AdvanceTime(MonotonicTime now, EffectList effects)
    {
        foreach (var resource in resources)
        {
            if (resource.RetryStopAt <= now) RetryStop(resource, now, effects);
            if (resource.NextWatch <= now) RunDueWatch(resource, now, effects);
            if (ExpiryOf(resource) > now) continue;
            resource.History.Expire();
            Changed = true;
        }
    }

    /// <summary>Forgets failures of a group and finds out again what runs.</summary>
    public void CleanUp(string group, EffectList effects)
    {
        foreach (var resource in resources)
        {
            if (resource.Group != group) continue;
            resource.History.ForgetFailures();
            resource.StopFailure = null;
            resource.Detail = "";
            Changed = true;
            if (resource.IsIdle) Probe(resource, effects);
        }
    }

    /// <summary>
    /// Takes another configuration: what is new is probed, what is gone is kept until it has stopped, what runs is
    /// stopped as what it was started.
    /// </summary>
    public void Adopt(ImmutableArray<ResourceGroup> groups, EffectList effects)
    {
        var former = resources.ToList();
        resources.Clear();
        foreach (var group in groups)
        {
            foreach (var definition in group.Resources)
            {
                var resource = former.Find(one => one.Definition.Id == definition.Id);
                if (resource is null) resource = new LocalResource(group.Id, definition);
                else former.Remove(resource);
                (resource.Group, resource.Definition, resource.IsOrphan) = (group.Id, definition, false);
                resources.Add(resource);
                if (resource is { State: ResourceState.Unknown, Busy: null }) Probe(resource, effects);
            }
        }

        foreach (var gone in former.Where(one => one.MayRun || one.Busy is not null))
        {
            gone.IsOrphan = true;
            resources.Add(gone);
        }

        // A member stays one: of what is new the coordinator waits for the probe, resource by resource.
        AllProbed |= resources.All(one => one.State != ResourceState.Unknown || one.Detail.Length > 0);
        Changed = true;
    }

    private LocalResource? FindBusy(long number)
    {
        foreach (var resource in resources)
        {
            if (resource.Busy?.Number == number) return resource;
        }

        return null;
    }

    // What blocks a resource waits for a person, not for a clock.
    private static MonotonicTime ExpiryOf(LocalResource resource) => resource.StopFailure is not null
        ? MonotonicTime.Never : resource.History.ExpiryOf(resource.Definition.FailureTimeout);

    private void RetryStop(LocalResource resource, MonotonicTime now, EffectList effects)
    {
        resource.RetryStopAt = MonotonicTime.Never;
        var last = resource.StopInRetry
            ?? throw new InvalidOperationException($"no stop of {resource.Definition.Id} to retry");
        resource.StopInRetry = null;
        Begin(resource, last with { Attempt = last.Attempt + 1 }, urgent: true, effects);
    }

    private void Continue(LocalResource resource, MonotonicTime now, EffectList effects)
    {
        if (Releasing)
        {
            ContinueRelease(effects);
        }
        else if (resource.Next is { } next)
        {
            resource.Next = null;
            Run(resource, next, now, effects);
        }
    }

    private void Run(LocalResource resource, PendingOrder order, MonotonicTime now, EffectList effects)
    {
        if (order.Kind == OperationKind.Monitor)
        {
            RunOrderedWatch(resource, order, now, effects);
            return;
        }

        if (order.Kind == OperationKind.Announce && resource.State != ResourceState.Started)
        {
            // It was ordered before its end was known: who does not hold an address tells nobody that he does.
            resource.End(order.Token, OperationOutcome.Cancelled);
            Changed = true;
            return;
        }

        if (order.Kind == OperationKind.Start) resource.RunsAs = resource.Definition;
        Begin(resource, new LocalOperation(0, order.Kind, 0, order.Token, Attempt: 1), order.Urgent, effects);
    }

    private void Probe(LocalResource resource, EffectList effects) =>
        Begin(resource, new LocalOperation(0, OperationKind.Probe, 0, Token: null, Attempt: 1), urgent: false, effects);

    private void Begin(LocalResource resource, LocalOperation operation, bool urgent, EffectList effects)
    {
        resource.Busy = operation with { Number = ++lastNumber };
        // A probe may be asked while the state is known (clean-up): it does not make it less known.
        if (operation.Kind == OperationKind.Start) resource.State = ResourceState.Starting;
        if (operation.Kind == OperationKind.Stop)
        {
            resource.State = ResourceState.Stopping;
            resource.Watches.Clear();
        }

        Changed = true;
        effects.Add(new RunOperation(lastNumber, resource.RunsAs, operation.Kind,
            resource.Definition.Timeout(operation.Kind), urgent));
    }
}
