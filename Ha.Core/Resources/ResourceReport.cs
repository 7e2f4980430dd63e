using Ha.Core.Contracts;

namespace Ha.Core.Resources;

/// <summary>One resource as it is on the reporting node: what the coordinator decides from.</summary>
public sealed record ResourceReport
{
    /// <summary>Resource id.</summary>
    public required string Id { get; init; }

    /// <summary>Its state there.</summary>
    public required ResourceState State { get; init; }

    /// <summary>The operation under way that changes or first finds out its state; null when none.</summary>
    public OperationKind? Busy { get; init; }

    /// <summary>Ordered actions that ended last, newest last; at most four.</summary>
    public ImmutableArray<EndedAction> Ended { get; init; } = [];

    /// <summary>Output of the last failure; empty when the last operation was well.</summary>
    public string Detail { get; init; } = "";

    /// <summary>For how long it has been running here, ms; 0 when it is not.</summary>
    public long ActiveForMs { get; init; }

    /// <summary>What was done to it in this life of the node, oldest first: the last of each kind, and the last
    /// failure.</summary>
    public ImmutableArray<OperationReport> History { get; init; } = [];

    /// <summary>Failures that count, until they expire or are cleaned up.</summary>
    public ImmutableArray<FailureReport> Failures { get; init; } = [];

    /// <summary>What went wrong with a stop that was given up; null: nothing.</summary>
    public string? StopFailure { get; init; }
}

/// <summary>The end of an ordered action.</summary>
/// <param name="Token">Token of the order.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record EndedAction(string Token, OperationOutcome Outcome);

/// <summary>One operation that ended.</summary>
/// <param name="Kind">What was done; a probe is told apart from a recurring monitor.</param>
/// <param name="IntervalMs">Interval of a recurring monitor, ms; 0 otherwise.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="AgeMs">How long ago, ms, when the report was made.</param>
/// <param name="Digest">Digest of the definition it ran with.</param>
/// <param name="IsLastFailure">True for the copy that is kept of a failure after other operations followed.</param>
public sealed record OperationReport(
    OperationKind Kind, long IntervalMs, OperationOutcome Outcome, long AgeMs, string Digest, bool IsLastFailure);

/// <summary>Failures of one operation of a resource on the reporting node.</summary>
/// <param name="Operation">The operation with its interval as Pacemaker writes it, for example
/// <c>monitor_10000</c>.</param>
/// <param name="Count">How many; 1,000,000 bans the node at once.</param>
/// <param name="AgeMs">How long ago the last one was, ms, when the report was made.</param>
/// <param name="Detail">What went wrong the last time, for people.</param>
public sealed record FailureReport(string Operation, int Count, long AgeMs, string Detail);
