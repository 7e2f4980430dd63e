using System.Diagnostics;
using Ha.Core.Time;

namespace Ha.Agent.Loop;

/// <summary>The clocks that the loop reads.</summary>
/// <param name="Now">Monotonic and wall clock.</param>
/// <param name="SuspendedMicroseconds">How long the machine was suspended since boot.</param>
internal sealed record LoopClocks(Func<ClusterTime> Now, Func<long> SuspendedMicroseconds)
{
    private static readonly long UnixEpochTicks = DateTime.UnixEpoch.Ticks;

    /// <summary>The clocks of this machine.</summary>
    public static readonly LoopClocks System = new(ReadNow, LoopCalls.SuspendedMicroseconds);

    /// <summary>CLOCK_MONOTONIC of this machine.</summary>
    public static MonotonicTime Monotonic => new(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));

    private static ClusterTime ReadNow() =>
        new(Monotonic, (DateTime.UtcNow.Ticks - UnixEpochTicks) / TimeSpan.TicksPerMillisecond);
}
