using Ha.Core.Time;

namespace Ha.Agent.Loop;

/// <summary>
/// Whether this node may go on claiming what it holds: as long as the engine said, and only while the loop really runs.
/// A process that was stopped finds that it may not, before its loop has learnt what happened meanwhile. Written by the
/// loop, read by any thread.
/// </summary>
/// <param name="lateness">Knows when the loop ran last.</param>
/// <param name="longestSilence">A loop that has not run for longer has no authority.</param>
internal sealed class LoopAuthority(Lateness lateness, TimeSpan longestSilence)
{
    // Before the engine says anything, the loop's own progress is all the authority there is.
    private long until = MonotonicTime.Never.Microseconds;

    /// <summary>How long the loop may be silent, from the time between two heartbeats.</summary>
    public static TimeSpan LongestSilence(TimeSpan keepalive) =>
        TimeSpan.FromTicks(Math.Max(keepalive.Ticks / 2, TimeSpan.FromMilliseconds(500).Ticks));

    /// <summary>The engine's word: until then.</summary>
    public void Extend(MonotonicTime end) => Volatile.Write(ref until, end.Microseconds);

    /// <summary>Whether it holds at this time.</summary>
    public bool Holds(MonotonicTime now) =>
        now.Microseconds < Volatile.Read(ref until) && lateness.SinceLastRun(now) <= longestSilence;
}
