namespace Ha.Core.Policy.Model;

/// <summary>What one node reported of one resource.</summary>
public sealed record ResourceHistory
{
    /// <summary>Id of the reporting node.</summary>
    public required string NodeId { get; init; }

    /// <summary>Id of the resource as reported.</summary>
    public required string Resource { get; init; }

    /// <summary>The agent it was run with.</summary>
    public AgentName Agent { get; init; } = AgentName.None;

    /// <summary>Operations, oldest first.</summary>
    public required ImmutableArray<OperationRecord> Operations { get; init; }
}

/// <summary>How an operation ended.</summary>
public enum OperationStatus
{
    /// <summary>It runs still.</summary>
    Pending,

    /// <summary>The agent answered.</summary>
    Done,

    /// <summary>It was called back.</summary>
    Cancelled,

    /// <summary>The agent did not answer in time.</summary>
    TimedOut,

    /// <summary>The agent does not know the operation.</summary>
    NotSupported,

    /// <summary>It failed.</summary>
    Error,

    /// <summary>It failed in a way that this node cannot mend.</summary>
    HardError,

    /// <summary>It failed in a way that no node can mend.</summary>
    FatalError,

    /// <summary>The agent is not installed.</summary>
    NotInstalled,
}

/// <summary>One reported operation.</summary>
public sealed record OperationRecord
{
    /// <summary>Start, stop, monitor, …</summary>
    public required string Name { get; init; }

    /// <summary>Interval, ms; 0 for an operation that runs once.</summary>
    public required long IntervalMs { get; init; }

    /// <summary>How it ended.</summary>
    public required OperationStatus Status { get; init; }

    /// <summary>The agent's exit code.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The exit code that was expected; null when not recorded.</summary>
    public int? ExpectedExitCode { get; init; }

    /// <summary>Number of the call on its node; -1 while pending.</summary>
    public int CallId { get; init; }

    /// <summary>Whether it is the copy that is kept of the last failure.</summary>
    public bool IsLastFailure { get; init; }

    /// <summary>When its result last changed.</summary>
    public DateTimeOffset? LastChange { get; init; }

    /// <summary>Digest of the parameters it ran with.</summary>
    public string? Digest { get; init; }

    /// <summary>Digest of those parameters that need a restart.</summary>
    public string? RestartDigest { get; init; }

    /// <summary>Digest without secret parameters, for configurations that were made public.</summary>
    public string? PublicDigest { get; init; }

    /// <summary>Names of the secret parameters, space-separated.</summary>
    public string SecretParameters { get; init; } = "";

    /// <summary>Names of the parameters in (or, for newer agents, left out of) the restart digest,
    /// space-separated.</summary>
    public string RestartParameters { get; init; } = "";
}

/// <summary>Failures of one operation of one resource on one node.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Resource">The resource, as reported.</param>
/// <param name="Operation">The operation with its interval, for example <c>monitor_10000</c>; empty when not
/// known.</param>
/// <param name="Count">How many; <see cref="Score.Infinity"/> bans the node.</param>
/// <param name="Last">When it failed last; null when not known.</param>
public sealed record FailCount(string NodeId, string Resource, string Operation, int Count, DateTimeOffset? Last)
{
    /// <summary>What went wrong the last time, for people; empty when not known.</summary>
    public string Detail { get; init; } = "";
}
