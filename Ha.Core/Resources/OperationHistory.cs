using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>
/// What was done to one resource on this node, as far as decisions need it: the last start, stop or probe, each
/// recurring monitor, the last failure, and how often which operation failed. Bounded by the number of monitors.
/// </summary>
internal sealed class OperationHistory
{
    private readonly SortedDictionary<long, Entry> monitors = [];
    private readonly SortedDictionary<string, Failure> failures = new(StringComparer.Ordinal);
    private Entry? once;
    private Entry? lastFailure;
    private MonotonicTime latestFailure;
    private long calls;

    /// <summary>Whether a recurring monitor has a result that is known to the peers.</summary>
    public bool Knows(long intervalMs, OperationOutcome outcome) =>
        monitors.TryGetValue(intervalMs, out var entry) && entry.Outcome == outcome;

    /// <summary>Records the end of an operation.</summary>
    /// <param name="kind">What was done; announcements are not recorded.</param>
    /// <param name="intervalMs">Interval of a recurring monitor, ms.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="failed">Whether that counts as a failure.</param>
    /// <param name="definition">What it ran with.</param>
    /// <param name="detail">What went wrong, for people.</param>
    /// <param name="now">When.</param>
    public void Record(OperationKind kind, long intervalMs, OperationOutcome outcome, bool failed,
        ResourceDefinition definition, string detail, MonotonicTime now)
    {
        var entry = new Entry(++calls, kind, intervalMs, outcome, now, definition.Digest);
        if (kind == OperationKind.Monitor) monitors[intervalMs] = entry;
        else once = entry;
        // What was watched is gone, or is watched anew.
        if (kind == OperationKind.Start || (kind == OperationKind.Stop && !failed)) monitors.Clear();
        if (!failed) return;
        lastFailure = entry;
        Count(kind, intervalMs, definition, detail, now);
    }

    /// <summary>A recurring monitor is no more.</summary>
    public void EndMonitor(long intervalMs) => monitors.Remove(intervalMs);

    /// <summary>Forgets failures, as an operator asked.</summary>
    public void ForgetFailures()
    {
        failures.Clear();
        if (once == lastFailure) once = null;
        foreach (var (interval, entry) in monitors.ToList())
        {
            if (entry == lastFailure) monitors.Remove(interval);
        }

        lastFailure = null;
    }

    /// <summary>When the failures expire; Never when nothing is counted or they do not.</summary>
    public MonotonicTime ExpiryOf(TimeSpan failureTimeout)
    {
        if (failureTimeout <= TimeSpan.Zero || failures.Count == 0) return MonotonicTime.Never;
        return latestFailure + failureTimeout;
    }

    /// <summary>All counts end together.</summary>
    public void Expire() => failures.Clear();

    /// <summary>What the peers are told.</summary>
    public ImmutableArray<OperationReport> Report(MonotonicTime now)
    {
        var entries = new List<Entry>(monitors.Values);
        if (once is not null) entries.Add(once);
        var kept = lastFailure is not null && !entries.Contains(lastFailure);
        if (kept) entries.Add(lastFailure!);
        entries.Sort((one, other) => one.Call.CompareTo(other.Call));
        return [.. entries.Select(entry => new OperationReport(entry.Kind, entry.IntervalMs, entry.Outcome,
            (long)(now - entry.At).TotalMilliseconds, entry.Digest, kept && entry == lastFailure))];
    }

    /// <summary>Failures for the peers.</summary>
    public ImmutableArray<FailureReport> ReportFailures(MonotonicTime now) => [.. failures.Select(pair =>
        new FailureReport(pair.Key, pair.Value.Count, (long)(now - pair.Value.Last).TotalMilliseconds,
            pair.Value.Detail))];

    // A failed start or stop is not tried again here (start-failure-is-fatal); a probe that fails counts for nothing.
    private void Count(OperationKind kind, long intervalMs, ResourceDefinition definition, string detail,
        MonotonicTime now)
    {
        var (name, weight) = kind switch
        {
            OperationKind.Start => ("start_0", definition.StartFailureIsFatal ? Score.Infinity : 1),
            OperationKind.Stop => ("stop_0", Score.Infinity),
            OperationKind.Monitor => ($"monitor_{intervalMs}", 1),
            OperationKind.Probe or OperationKind.Announce or OperationKind.Cancel or OperationKind.Fence => ("", 0),
        };
        if (weight == 0) return;
        var before = failures.TryGetValue(name, out var failure) ? failure.Count : 0;
        latestFailure = now;
        failures[name] = new Failure(Score.Add(before, weight), now, detail);
    }

    private sealed record Entry(
        long Call, OperationKind Kind, long IntervalMs, OperationOutcome Outcome, MonotonicTime At, string Digest);

    private sealed record Failure(int Count, MonotonicTime Last, string Detail);
}
