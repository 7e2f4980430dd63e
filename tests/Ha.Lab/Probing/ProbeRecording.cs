namespace Ha.Lab.Probing;

/// <summary>A hole in the service as the client saw it.</summary>
/// <param name="From">End of the last answered request before it.</param>
/// <param name="To">End of the first answered request after it.</param>
public readonly record struct Outage(long From, long To)
{
    /// <summary>How long, in milliseconds.</summary>
    public double Milliseconds => LabClock.Milliseconds(From, To);
}

/// <summary>What the probe recorded.</summary>
/// <param name="Records">Requests in the order in which they ended.</param>
public sealed record ProbeRecording(IReadOnlyList<ProbeRecord> Records)
{
    /// <summary>
    /// The longest hole between two answered requests, from the last one before <paramref name="from"/> on.
    /// Null when the service did not come back, or was never there.
    /// </summary>
    public Outage? LongestOutage(long from)
    {
        Outage? longest = null;
        long previous = 0;
        foreach (var record in Records.Where(r => r.IsAnswered))
        {
            if (record.End > from && previous != 0 && record.End - previous > (longest is { } l ? l.To - l.From : 0))
            {
                longest = new Outage(previous, record.End);
            }
            previous = record.End;
        }
        return longest;
    }

    /// <summary>
    /// The hole at the change of the node that answers: from the last answer before the first one by <paramref
    /// name="node"/> after an instant to that one. Null when that node did not answer.
    /// </summary>
    public Outage? HoleAtChangeTo(string node, long from)
    {
        long previous = 0;
        foreach (var record in Records.Where(r => r.IsAnswered))
        {
            if (record.End > from && record.Node == node) return previous == 0 ? null : new Outage(previous, record.End);
            previous = record.End;
        }
        return null;
    }

    /// <summary>Requests begun after an instant that were not answered in time.</summary>
    public int Failures(long from) => Records.Count(r => !r.IsAnswered && r.Start >= from);

    /// <summary>
    /// Requests begun after an instant that were refused, cut off or answered with an error. Those that only waited
    /// longer than the probe does are not among them: on a busy machine every program in their way may be that slow.
    /// </summary>
    public IReadOnlyList<ProbeRecord> Broken(long from) => [.. Records.Where(r =>
        r.Outcome is ProbeOutcome.Failed or ProbeOutcome.BadAnswer && r.Start >= from)];

    /// <summary>Nodes that answered after an instant, in the order of their first answer.</summary>
    public IReadOnlyList<string> ServedBy(long from) =>
        [.. Records.Where(r => r.IsAnswered && r.End >= from).Select(r => r.Node).Distinct()];
}
