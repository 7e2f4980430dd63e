using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>
/// All resources as they are on this node, and the only place that runs operations on them: one at a time per resource.
/// Every order is answered by its token in the next report; the same order twice runs once.
/// </summary>
internal sealed class LocalResourceSet
{
    /// <summary>How often a stop is tried before its group is blocked.</summary>
    internal const int MaxStopAttempts = 3;

    private static readonly TimeSpan StopRetryPause = TimeSpan.FromSeconds(1);

    private readonly ImmutableArray<LocalResource> resources;
    private readonly List<LocalResource> releasing = [];
    private long lastNumber;

    public LocalResourceSet(ImmutableArray<ResourceGroup> groups) =>
        resources = [.. groups.SelectMany(group => group.Resources.Select(one => new LocalResource(group.Id, one)))];

    /// <summary>All of them, in configuration order.</summary>
    public ImmutableArray<LocalResource> All => resources;

    /// <summary>Set when anything a report would show has changed; cleared by whoever sends the report.</summary>
    public bool Changed { get; set; }

    /// <summary>True when every resource was probed.</summary>
    public bool AllProbed { get; private set; }

    /// <summary>True while this node gives everything up on its own account.</summary>
    public bool Releasing => releasing.Count > 0;

    /// <summary>True when something runs, may run, or is being worked on.</summary>
    public bool AnyActive => resources.Any(one => one.MayRun || one.Busy is not null);

    /// <summary>When a stop is to be tried again.</summary>
    public MonotonicTime NextDeadline
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var resource in resources) next = MonotonicTime.Min(next, resource.RetryStopAt);
            return next;
        }
    }

    public LocalResource? Find(string id) => resources.FirstOrDefault(one => one.Definition.Id == id);

    /// <summary>Finds out what runs here before anything is decided.</summary>
    public void ProbeAll(EffectList effects)
    {
        AllProbed = resources.IsEmpty;
        foreach (var resource in resources)
            Run(resource, OperationKind.Probe, token: null, urgent: false, attempt: 1, effects);
    }

    /// <summary>Carries out an order; does nothing when it is under way, waiting or done.</summary>
    public void Execute(LocalResource resource, OperationKind kind, string token, bool urgent, EffectList effects)
    {
        if (resource.DoneToken == token || resource.Busy?.Token == token) return;
        if (resource.Busy is not null || resource.RetryStopAt != MonotonicTime.Never)
        {
            if (resource.RetryStopAt != MonotonicTime.Never && kind == OperationKind.Stop) return;
            resource.Next = new PendingOrder(kind, token, urgent);
            return;
        }

        Run(resource, kind, token, urgent, attempt: 1, effects);
    }

    /// <summary>
    /// Gives up everything on this node's own account, all groups side by side: of each the virtual IPs first, so that
    /// nobody is led here any more, then the rest in reverse order.
    /// </summary>
    public void ReleaseAll(EffectList effects)
    {
        releasing.Clear();
        releasing.AddRange(resources.Where(one => one.Definition.IsVip));
        releasing.AddRange(resources.Where(one => !one.Definition.IsVip).Reverse());
        foreach (var resource in resources) resource.Next = null;
        ContinueRelease(effects);
    }

    /// <summary>Takes the end of an operation.</summary>
    /// <returns>What ended; null when the number is not one under way.</returns>
    public EndedOperation? Complete(OperationCompleted done, MonotonicTime now, EffectList effects)
    {
        var resource = resources.FirstOrDefault(one => one.Busy?.Number == done.Number);
        if (resource?.Busy is not { } operation) return null;
        resource.Busy = null;
        Changed = true;
        var failed = done.Outcome is not (OperationOutcome.Succeeded or OperationOutcome.NotRunning);
        resource.Detail = failed ? Describe(operation.Kind, resource, done) : "";
        var retry = Settle(resource, operation, done.Outcome, now);
        if (!retry)
        {
            if (operation.Token is not null) (resource.DoneToken, resource.Outcome) = (operation.Token, done.Outcome);
            Continue(resource, effects);
        }

        AllProbed |= resources.All(one => one.State != ResourceState.Unknown || one.Detail.Length > 0);
        return new EndedOperation(resource, operation.Kind, done.Outcome, done.Output, done.Duration, retry);
    }

    /// <summary>Tries failed stops again when their pause is over.</summary>
    public void AdvanceTime(MonotonicTime now, EffectList effects)
    {
        foreach (var resource in resources)
        {
            if (resource.RetryStopAt > now) continue;
            resource.RetryStopAt = MonotonicTime.Never;
            var last = resource.StopInRetry
                ?? throw new InvalidOperationException($"no stop of {resource.Definition.Id} to retry");
            resource.StopInRetry = null;
            Run(resource, OperationKind.Stop, last.Token, urgent: true, last.Attempt + 1, effects);
        }
    }

    /// <summary>Forgets failures of a group and finds out again what runs.</summary>
    public void CleanUp(string group, EffectList effects)
    {
        foreach (var resource in resources.Where(one => one.Group == group))
        {
            resource.StartFailure = resource.StopFailure = null;
            resource.Detail = "";
            Changed = true;
            if (resource.Busy is null && resource.RetryStopAt == MonotonicTime.Never)
                Run(resource, OperationKind.Probe, token: null, urgent: false, attempt: 1, effects);
        }
    }

    // What an outcome says about the resource. Returns true when a failed stop will be tried again.
    private static bool Settle(
        LocalResource resource, LocalOperation operation, OperationOutcome outcome, MonotonicTime now)
    {
        var succeeded = outcome == OperationOutcome.Succeeded;
        switch (operation.Kind)
        {
            case OperationKind.Probe:
                SetState(resource, succeeded ? ResourceState.Started
                    : outcome is OperationOutcome.NotRunning or OperationOutcome.NotInstalled ? ResourceState.Stopped
                    : ResourceState.Unknown, now);
                return false;
            case OperationKind.Start:
                SetState(resource, succeeded ? ResourceState.Started : ResourceState.Failed, now);
                resource.StartFailure = succeeded ? null : resource.Detail;
                return false;
            case OperationKind.Stop:
                return SettleStop(resource, operation, succeeded, outcome, now);
            case OperationKind.Announce:
            case OperationKind.Monitor:
                return false;
            default:
                throw new System.Diagnostics.UnreachableException($"operation {operation.Kind}");
        }
    }

    private static bool SettleStop(
        LocalResource resource, LocalOperation operation, bool succeeded, OperationOutcome outcome, MonotonicTime now)
    {
        // Nothing to stop with means nothing that was started by it.
        if (succeeded || outcome is OperationOutcome.NotRunning or OperationOutcome.NotInstalled)
        {
            SetState(resource, ResourceState.Stopped, now);
            resource.StopFailure = null;
            return false;
        }

        SetState(resource, ResourceState.Failed, now);
        // A stop that hung has had its time already: once more is enough.
        var spent = outcome == OperationOutcome.TimedOut ? operation.Attempt + 1 : operation.Attempt;
        if (spent >= MaxStopAttempts)
        {
            resource.StopFailure = resource.Detail;
            return false;
        }

        resource.RetryStopAt = now + StopRetryPause;
        resource.StopInRetry = operation with { Attempt = spent };
        return true;
    }

    private static void SetState(LocalResource resource, ResourceState state, MonotonicTime now)
    {
        if (state == ResourceState.Started && resource.State != ResourceState.Started) resource.ActiveSince = now;
        resource.State = state;
    }

    private static string Describe(OperationKind kind, LocalResource resource, OperationCompleted done)
    {
        var verb = kind switch
        {
            OperationKind.Probe => "probe",
            OperationKind.Start => "start",
            OperationKind.Stop => "stop",
            OperationKind.Announce => "announcement",
            OperationKind.Monitor => "monitor",
        };
        var how = done.Outcome switch
        {
            OperationOutcome.TimedOut => $"did not end within {done.Duration.TotalSeconds:0.#} s",
            OperationOutcome.NotInstalled => "is not installed",
            OperationOutcome.InvalidParameters => "was refused: the parameters make no sense on this node",
            OperationOutcome.NotConfigured => "was refused: the parameters make no sense on any node",
            OperationOutcome.NotPermitted => "was not permitted",
            OperationOutcome.NotImplemented => "is not known to its agent",
            OperationOutcome.Cancelled => "was called off",
            OperationOutcome.Failed or OperationOutcome.Succeeded or OperationOutcome.NotRunning => "failed",
        };
        var output = done.Output.Trim();
        return $"{verb} of {resource.Definition.Id} {how}{(output.Length > 0 ? $": {output}" : "")}";
    }

    private void Continue(LocalResource resource, EffectList effects)
    {
        if (Releasing)
        {
            ContinueRelease(effects);
        }
        else if (resource.Next is { } next)
        {
            resource.Next = null;
            Run(resource, next.Kind, next.Token, next.Urgent, attempt: 1, effects);
        }
    }

    private void ContinueRelease(EffectList effects)
    {
        foreach (var group in releasing.Select(one => one.Group).Distinct().ToList()) ContinueRelease(group, effects);
    }

    private void ContinueRelease(string group, EffectList effects)
    {
        while (releasing.Find(one => one.Group == group) is { } resource)
        {
            if (resource.Busy is not null || resource.RetryStopAt != MonotonicTime.Never) return;
            if (resource.State == ResourceState.Stopped || resource.StopFailure is not null)
            {
                releasing.Remove(resource);
                Changed = true;
                continue;
            }

            Run(resource, OperationKind.Stop, token: null, urgent: true, attempt: 1, effects);
            return;
        }
    }

    private void Run(
        LocalResource resource, OperationKind kind, string? token, bool urgent, int attempt, EffectList effects)
    {
        resource.Busy = new LocalOperation(++lastNumber, kind, token, attempt);
        // A probe may be asked while the state is known (clean-up): it does not make it less known.
        if (kind == OperationKind.Start) resource.State = ResourceState.Starting;
        if (kind == OperationKind.Stop) resource.State = ResourceState.Stopping;
        Changed = true;
        effects.Add(new RunOperation(lastNumber, resource.Definition, kind, resource.Definition.Timeout(kind), urgent));
    }
}
