using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>One resource as it is on this node.</summary>
internal sealed class LocalResource(string group, ResourceDefinition definition)
{
    /// <summary>How many ends of ordered actions are told to the peers.</summary>
    private const int MaxEnded = 4;

    private ImmutableArray<EndedAction> ended = [];

    /// <summary>The group it belongs to; nothing is known of other groups here.</summary>
    public string Group { get; set; } = group;

    /// <summary>What it is configured to be.</summary>
    public ResourceDefinition Definition { get; set; } = definition;

    /// <summary>What it was when it was started or found: it is stopped and watched as that.</summary>
    public ResourceDefinition RunsAs { get; set; } = definition;

    /// <summary>True when it is no longer configured, and kept only until it has stopped.</summary>
    public bool IsOrphan { get; set; }

    /// <summary>True while nobody but an operator may touch it: maintenance, or it is not managed.</summary>
    public bool IsLeftAlone { get; set; }

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

    /// <summary>Recurring monitors.</summary>
    public List<Watch> Watches { get; } = [];

    /// <summary>What was done to it, and what failed.</summary>
    public OperationHistory History { get; } = new();

    /// <summary>Output of the last failure; empty when the last operation was well.</summary>
    public string Detail { get; set; } = "";

    /// <summary>Since when it runs here.</summary>
    public MonotonicTime ActiveSince { get; set; }

    /// <summary>What went wrong with a stop that was given up; null when nothing did, or it was cleaned up.</summary>
    public string? StopFailure { get; set; }

    /// <summary>Whether it runs or may run here.</summary>
    public bool MayRun => State != ResourceState.Stopped || Busy is { Kind: OperationKind.Start };

    /// <summary>Whether an order can be carried out at once.</summary>
    public bool IsIdle => Busy is null && RetryStopAt == MonotonicTime.Never;

    /// <summary>Whether the ordered action has ended here.</summary>
    public bool HasEnded(string token)
    {
        foreach (var one in ended)
        {
            if (one.Token == token) return true;
        }

        return false;
    }

    /// <summary>An ordered action has ended.</summary>
    public void End(string token, OperationOutcome outcome) =>
        ended = [.. ended.TakeLast(MaxEnded - 1), new EndedAction(token, outcome)];

    /// <summary>When the next recurring monitor is due; Never when it is busy: they wait.</summary>
    public MonotonicTime NextWatch
    {
        get
        {
            var next = MonotonicTime.Never;
            if (!IsIdle) return next;
            foreach (var watch in Watches) next = MonotonicTime.Min(next, watch.Due);
            return next;
        }
    }

    /// <summary>What the peers are told of it.</summary>
    public ResourceReport Report(MonotonicTime now) => new()
    {
        Id = Definition.Id,
        State = State,
        // A stop between two attempts is still under way for everybody else; a monitor changes nothing.
        Busy = RetryStopAt != MonotonicTime.Never ? OperationKind.Stop
            : Busy is { Kind: not (OperationKind.Monitor or OperationKind.Announce) } ? Busy.Kind : null,
        Ended = ended,
        Detail = Detail,
        ActiveForMs = State == ResourceState.Started ? (long)(now - ActiveSince).TotalMilliseconds : 0,
        History = History.Report(now),
        Failures = History.ReportFailures(now),
        StopFailure = StopFailure,
    };
}

/// <summary>A recurring monitor of one resource on this node.</summary>
internal sealed class Watch(MonitorDefinition definition)
{
    /// <summary>How often and how thoroughly.</summary>
    public MonitorDefinition Definition { get; } = definition;

    /// <summary>Interval, ms.</summary>
    public long IntervalMs { get; } = (long)definition.Interval.TotalMilliseconds;

    /// <summary>When it is due; Never before its first run has ended.</summary>
    public MonotonicTime Due { get; set; } = MonotonicTime.Never;
}

/// <summary>An operation under way on this node.</summary>
/// <param name="Number">Its number, for the answer.</param>
/// <param name="Kind">What is done.</param>
/// <param name="IntervalMs">Interval of a recurring monitor, ms; 0 otherwise.</param>
/// <param name="Token">Token of the order; null when the node acts on its own.</param>
/// <param name="Attempt">From 1; a failed stop is tried again.</param>
internal sealed record LocalOperation(long Number, OperationKind Kind, long IntervalMs, string? Token, int Attempt);

/// <summary>An order that waits.</summary>
internal sealed record PendingOrder(OperationKind Kind, long IntervalMs, string Token, bool Urgent);

/// <summary>The end of an operation on this node, for events.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="WillRetry">True when it is a stop that is tried again.</param>
/// <param name="IsNews">False for a monitor that found what it had found before.</param>
internal sealed record EndedOperation(
    LocalResource Resource, LocalOperation Operation, OperationOutcome Outcome, TimeSpan Duration, bool WillRetry,
    bool IsNews);
