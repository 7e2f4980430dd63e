using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>One resource as it is on this node.</summary>
internal sealed class LocalResource(string group, ResourceDefinition definition)
{
    /// <summary>The group it belongs to.</summary>
    public string Group { get; } = group;

    /// <summary>What it is.</summary>
    public ResourceDefinition Definition { get; } = definition;

    /// <summary>Its state; Unknown before the first probe.</summary>
    public ResourceState State { get; set; }

    /// <summary>The operation under way; null when none.</summary>
    public LocalOperation? Busy { get; set; }

    /// <summary>An order that waits for the operation under way; a newer one replaces it.</summary>
    public PendingOrder? Next { get; set; }

    /// <summary>When a failed stop is tried again; Never when none waits.</summary>
    public MonotonicTime RetryStopAt { get; set; } = MonotonicTime.Never;

    /// <summary>The stop that is tried again then.</summary>
    public LocalOperation? StopInRetry { get; set; }

    /// <summary>Token of the ordered action that ended last.</summary>
    public string? DoneToken { get; set; }

    /// <summary>How that ended.</summary>
    public OperationOutcome? Outcome { get; set; }

    /// <summary>Output of the last failure; empty when the last operation was well.</summary>
    public string Detail { get; set; } = "";

    /// <summary>Since when it runs here.</summary>
    public MonotonicTime ActiveSince { get; set; }

    /// <summary>What went wrong with a start here; null when nothing did, or it was cleaned up.</summary>
    public string? StartFailure { get; set; }

    /// <summary>What went wrong with a stop that was given up; null when nothing did, or it was cleaned up.</summary>
    public string? StopFailure { get; set; }

    /// <summary>Whether it runs or may run here.</summary>
    public bool MayRun => State != ResourceState.Stopped || Busy is { Kind: OperationKind.Start };

    /// <summary>What the peers are told of it.</summary>
    public ResourceReport Report(MonotonicTime now) => new()
    {
        Id = Definition.Id,
        State = State,
        // A stop between two attempts is still under way for everybody else.
        Busy = RetryStopAt == MonotonicTime.Never ? Busy?.Kind : OperationKind.Stop,
        DoneToken = DoneToken,
        Outcome = Outcome,
        Detail = Detail,
        ActiveForMs = State == ResourceState.Started ? (long)(now - ActiveSince).TotalMilliseconds : 0,
        StartFailure = StartFailure,
        StopFailure = StopFailure,
    };
}

/// <summary>An operation under way on this node.</summary>
/// <param name="Number">Its number, for the answer.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Token">Token of the order; null when the node acts on its own.</param>
/// <param name="Attempt">From 1; a failed stop is tried again.</param>
internal sealed record LocalOperation(long Number, OperationKind Kind, string? Token, int Attempt);

/// <summary>An order that waits.</summary>
internal sealed record PendingOrder(OperationKind Kind, string Token, bool Urgent);

/// <summary>The end of an operation on this node, for events.</summary>
internal sealed record EndedOperation(
    LocalResource Resource, OperationKind Kind, OperationOutcome Outcome, string Output, TimeSpan Duration,
    bool WillRetry);
