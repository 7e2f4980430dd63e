using Ha.Core.Contracts;

namespace Ha.Core.Engine.Messages;

/// <summary>
/// What a node tells its peers about itself (<c>t=ha_report</c>), whole each time it changes. The coordinator decides
/// from the reports of all members; its own report carries what it decided, so that a successor can go on.
/// </summary>
internal sealed record NodeReport
{
    /// <summary>
    /// Grows with each report of a life; announced in every status, so that a lost report is asked for.
    /// </summary>
    public required long Version { get; init; }

    /// <summary>The view the node is in, as <c>epoch.proposer</c>; <c>0.0</c> when in none.</summary>
    public required string View { get; init; }

    /// <summary>True when it wants to leave: resources must be moved away.</summary>
    public required bool Leaving { get; init; }

    /// <summary>All resources as they are on this node.</summary>
    public required ImmutableArray<ResourceReport> Resources { get; init; }

    /// <summary>What operators want, as far as this node knows.</summary>
    public required ClusterIntents Intents { get; init; }

    /// <summary>Coordinator only: where each group belongs and why.</summary>
    public ImmutableArray<PlacementReport>? Placements { get; init; }

    /// <summary>Coordinator only: operators' operations.</summary>
    public ImmutableArray<OperationSnapshot>? Operations { get; init; }

    /// <summary>Coordinator only: the transition under way.</summary>
    public TransitionSnapshot? Transition { get; init; }
}

/// <summary>One resource as it is on the reporting node.</summary>
internal sealed record ResourceReport
{
    /// <summary>Resource id.</summary>
    public required string Id { get; init; }

    /// <summary>Its state there.</summary>
    public required ResourceState State { get; init; }

    /// <summary>The operation under way; null when none.</summary>
    public OperationKind? Busy { get; init; }

    /// <summary>Token of the ordered action that ended last; null when none.</summary>
    public string? DoneToken { get; init; }

    /// <summary>How that ended.</summary>
    public OperationOutcome? Outcome { get; init; }

    /// <summary>Output of the last failure; empty when the last operation was well.</summary>
    public string Detail { get; init; } = "";

    /// <summary>For how long it has been running here, ms; 0 when it is not.</summary>
    public long ActiveForMs { get; init; }

    /// <summary>What went wrong with a start here: not tried again until cleaned up. Null: nothing.</summary>
    public string? StartFailure { get; init; }

    /// <summary>What went wrong with a stop here: its group is blocked until cleaned up. Null: nothing.</summary>
    public string? StopFailure { get; init; }
}

/// <summary>Where a group belongs.</summary>
internal sealed record PlacementReport(string Group, string? Node, string Reason, bool Blocked);

/// <summary>
/// What operators want of the cluster; the greatest version any member knows holds.
/// It lives as long as one member does.
/// </summary>
internal sealed record ClusterIntents
{
    public static readonly ClusterIntents None = new();

    /// <summary>Whether both want the same, in the same version.</summary>
    public bool SameAs(ClusterIntents other) => Version == other.Version && Standby.SetEquals(other.Standby)
        && Pins.SequenceEqual(other.Pins) && Cleanups.SequenceEqual(other.Cleanups);

    /// <summary>Grows with each change.</summary>
    public long Version { get; init; }

    /// <summary>Nodes in standby.</summary>
    public ImmutableSortedSet<string> Standby { get; init; } =
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Groups an operator put on a node, overriding failback and stickiness.</summary>
    public ImmutableSortedDictionary<string, string> Pins { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Groups to forget failures of, each with the version at which it was asked for.</summary>
    public ImmutableSortedDictionary<string, long> Cleanups { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
}
