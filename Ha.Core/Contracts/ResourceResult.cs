namespace Ha.Core.Contracts;

/// <summary>One operation on a resource of a node, as it ended there.</summary>
public sealed record ResourceResult
{
    /// <summary>Counts the operations of this life of the agent: a greater one began later.</summary>
    public required long Number { get; init; }

    /// <summary>What was done.</summary>
    public required OperationKind Operation { get; init; }

    /// <summary>Interval of a recurring monitor, ms; 0 for everything else.</summary>
    public required long IntervalMs { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How long it took, ms.</summary>
    public required double DurationMs { get; init; }

    /// <summary>How it ended.</summary>
    public required OperationOutcome Outcome { get; init; }

    /// <summary>Exit code of the last program that it ran; null when it ran none, and when that was killed or could
    /// not be started.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it ended so, one sentence; empty when there is nothing to say.</summary>
    public required string Reason { get; init; }

    /// <summary>What its last program printed, both streams as they came: first and last 1,000 bytes. Values of secret
    /// parameters are blotted out.</summary>
    public required string Output { get; init; }
}

/// <summary>The last results of one resource on the node that tells.</summary>
/// <param name="Resource">Id of the resource.</param>
/// <param name="Node">The node that tells.</param>
/// <param name="Results">Newest first.</param>
public sealed record ResourceResults(string Resource, string Node, ImmutableArray<ResourceResult> Results);
