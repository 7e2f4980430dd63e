namespace Ha.Simulation;

/// <summary>World time is a plain number of microseconds since the run began; these are its units.</summary>
public static class Micros
{
    /// <summary>One millisecond.</summary>
    public const long Millisecond = 1_000;

    /// <summary>One second.</summary>
    public const long Second = 1_000_000;

    /// <summary>One minute.</summary>
    public const long Minute = 60 * Second;

    /// <summary>One hour.</summary>
    public const long Hour = 60 * Minute;

    /// <summary>A duration in world time.</summary>
    public static long From(TimeSpan duration) => duration.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>World time as a duration.</summary>
    public static TimeSpan Span(long microseconds) => TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary><c>mm:ss.mmm</c> (minutes may exceed 59), for traces.</summary>
    public static string Text(long at) => $"{at / Minute:D2}:{at / Second % 60:D2}.{at / Millisecond % 1000:D3}";
}
