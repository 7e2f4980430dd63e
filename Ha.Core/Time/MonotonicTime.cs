namespace Ha.Core.Time;

/// <summary>
/// An instant on the node's monotonic clock (CLOCK_MONOTONIC), in microseconds. It never goes back, says nothing about
/// the calendar, and cannot be compared between nodes.
/// </summary>
/// <param name="Microseconds">Microseconds since an origin that differs per boot.</param>
public readonly record struct MonotonicTime(long Microseconds) : IComparable<MonotonicTime>
{
    /// <summary>An instant that never comes: "no deadline".</summary>
    public static readonly MonotonicTime Never = new(long.MaxValue);

    /// <summary>The later of two instants.</summary>
    public static MonotonicTime Max(MonotonicTime a, MonotonicTime b) => a < b ? b : a;

    /// <summary>The earlier of two instants.</summary>
    public static MonotonicTime Min(MonotonicTime a, MonotonicTime b) => a < b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(MonotonicTime other) => Microseconds.CompareTo(other.Microseconds);

    /// <summary>This instant moved by a duration; <see cref="Never"/> stays <see cref="Never"/>.</summary>
    public static MonotonicTime operator +(MonotonicTime time, TimeSpan duration) =>
        time == Never ? Never : new(time.Microseconds + (duration.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>This instant moved back by a duration.</summary>
    public static MonotonicTime operator -(MonotonicTime time, TimeSpan duration) =>
        new(time.Microseconds - (duration.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>The time that passed from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    public static TimeSpan operator -(MonotonicTime later, MonotonicTime earlier) =>
        TimeSpan.FromTicks((later.Microseconds - earlier.Microseconds) * TimeSpan.TicksPerMicrosecond);

    /// <summary>Whether <paramref name="a"/> is before <paramref name="b"/>.</summary>
    public static bool operator <(MonotonicTime a, MonotonicTime b) => a.Microseconds < b.Microseconds;

    /// <summary>Whether <paramref name="a"/> is after <paramref name="b"/>.</summary>
    public static bool operator >(MonotonicTime a, MonotonicTime b) => a.Microseconds > b.Microseconds;

    /// <summary>Whether <paramref name="a"/> is not after <paramref name="b"/>.</summary>
    public static bool operator <=(MonotonicTime a, MonotonicTime b) => a.Microseconds <= b.Microseconds;

    /// <summary>Whether <paramref name="a"/> is not before <paramref name="b"/>.</summary>
    public static bool operator >=(MonotonicTime a, MonotonicTime b) => a.Microseconds >= b.Microseconds;

    /// <summary>Seconds with microseconds, for traces.</summary>
    public override string ToString() =>
        this == Never ? "never" : $"{Microseconds / 1_000_000}.{Microseconds % 1_000_000:D6}";
}
