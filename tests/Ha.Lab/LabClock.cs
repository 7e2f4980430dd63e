using System.Diagnostics;

namespace Ha.Lab;

/// <summary>
/// CLOCK_MONOTONIC in nanoseconds: the same clock for every process of this machine, namespaces included.
/// </summary>
public static class LabClock
{
    /// <summary>Now, in nanoseconds.</summary>
    public static long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : throw new PlatformNotSupportedException("the lab needs a nanosecond monotonic clock");

    /// <summary>Milliseconds between two instants.</summary>
    public static double Milliseconds(long from, long to) => (to - from) / 1e6;

    /// <summary>Waits until <paramref name="condition"/> holds, asking every few milliseconds.</summary>
    /// <exception cref="TimeoutException">It did not hold within <paramref name="limit"/>.</exception>
    public static void WaitUntil(Func<bool> condition, TimeSpan limit, Func<string> otherwise)
    {
        if (!Holds(condition, limit))
        {
            throw new TimeoutException($"not within {limit.TotalSeconds:0.###} s: {otherwise()}");
        }
    }

    /// <summary>True as soon as the condition holds; false when it did not within the limit.</summary>
    public static bool Holds(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + (long)(limit.TotalMilliseconds * 1e6);
        while (!condition())
        {
            if (Now > end)
            {
                return false;
            }
            Pause(TimeSpan.FromMilliseconds(4));
        }
        return true;
    }

    /// <summary>Lets time pass: for a fault that has to last, never for "until it works".</summary>
    public static void Pause(TimeSpan time) => Thread.Sleep(time);
}
