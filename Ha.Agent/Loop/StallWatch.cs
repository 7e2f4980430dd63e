using Ha.Core.Time;

namespace Ha.Agent.Loop;

/// <summary>
/// Notices that this process did not run: stopped, starved or suspended (RELIABILITY.md 4.6). Wherever the loop reads
/// its clock it knows when it should be there at the latest: where it planned to wake, or just after the last reading.
/// </summary>
/// <param name="threshold">What is still taken for scheduling; anything longer is a stall.</param>
internal sealed class StallWatch(TimeSpan threshold)
{
    private MonotonicTime expected = MonotonicTime.Never;
    private long suspended = long.MaxValue;

    /// <summary>
    /// The pause that is a stall, from the time between two heartbeats: g0 of RELIABILITY.md 4.6, at least 50 ms.
    /// </summary>
    public static TimeSpan Threshold(TimeSpan keepalive) =>
        TimeSpan.FromTicks(Math.Max(keepalive.Ticks / 2, TimeSpan.FromMilliseconds(50).Ticks));

    /// <summary>The loop goes to sleep until then at the latest.</summary>
    public void SleepUntil(MonotonicTime planned) => expected = planned;

    /// <summary>The loop runs at this time: how long it overslept, zero unless that is a stall.</summary>
    public TimeSpan Running(MonotonicTime now)
    {
        var late = expected == MonotonicTime.Never ? TimeSpan.Zero : now - expected;
        expected = now;
        return late > threshold ? late : TimeSpan.Zero;
    }

    /// <summary>
    /// The machine was suspended for so long since boot: the new part of it, zero unless that is a stall.
    /// </summary>
    public TimeSpan Suspended(long microseconds)
    {
        var more = suspended == long.MaxValue ? 0 : microseconds - suspended;
        suspended = microseconds;
        var gap = TimeSpan.FromMicroseconds(more);
        return gap > threshold ? gap : TimeSpan.Zero;
    }
}
