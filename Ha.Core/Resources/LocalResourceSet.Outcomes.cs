using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>What the end of an operation says about its resource.</summary>
internal sealed partial class LocalResourceSet
{
    private static void Record(LocalResource resource, LocalOperation operation, OperationOutcome outcome, bool failed,
        MonotonicTime now)
    {
        if (operation.Kind == OperationKind.Announce) return;
        if (operation.Kind == OperationKind.Stop && !failed) outcome = OperationOutcome.Succeeded;
        resource.History.Record(
            operation.Kind, 0, outcome, failed, resource.RunsAs, resource.Detail, now);
    }

    // What an outcome says about the resource. Returns true when a failed stop will be tried again.
    private static bool Settle(
        LocalResource resource, LocalOperation operation, OperationOutcome outcome, bool failed, MonotonicTime now)
    {
        switch (operation.Kind)
        {
            case OperationKind.Probe:
                SetState(resource, outcome == OperationOutcome.Succeeded ? ResourceState.Started
                    : outcome is OperationOutcome.NotRunning or OperationOutcome.NotInstalled ? ResourceState.Stopped
                    : ResourceState.Unknown, now);
                return false;
            case OperationKind.Start:
                SetState(resource, failed ? ResourceState.Failed : ResourceState.Started, now);
                return false;
            case OperationKind.Stop:
                return SettleStop(resource, operation, failed, outcome, now);
            case OperationKind.Announce:
                return false;
            default:
                throw new System.Diagnostics.UnreachableException($"operation {operation.Kind}");
        }
    }

    private static bool SettleStop(
        LocalResource resource, LocalOperation operation, bool failed, OperationOutcome outcome, MonotonicTime now)
    {
        // Nothing to stop with means nothing that was started by it.
        if (!failed)
        {
            SetState(resource, ResourceState.Stopped, now);
            resource.StopFailure = null;
            resource.RunsAs = resource.Definition;
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
}
