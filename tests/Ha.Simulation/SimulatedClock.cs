using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// The clocks of one machine: a monotonic one that starts anywhere and runs up to 0.05 % fast or slow, and a wall clock
/// that may jump.
/// </summary>
public sealed class SimulatedClock
{
    private const long EpochMilliseconds = 1_790_000_000_000;
    private readonly long rate;
    private long offset;
    private long wallOffset;

    /// <summary>Draws a machine's clocks.</summary>
    public SimulatedClock(SplitMix64 random)
    {
        rate = random.Next(-500, 501);
        Boot(0, random);
        wallOffset = random.Next(-5_000, 5_000);
    }

    /// <summary>The machine boots: its monotonic clock starts anew.</summary>
    public void Boot(long now, SplitMix64 random)
    {
        offset = 0;
        offset = random.Next(1_000_000, 90_000_000) - Monotonic(now).Microseconds;
    }

    /// <summary>The wall clock is set.</summary>
    public void JumpWall(long milliseconds) => wallOffset += milliseconds;

    /// <summary>What the machine's clocks say.</summary>
    public ClusterTime Read(long now) =>
        new(Monotonic(now), EpochMilliseconds + wallOffset + (now / Micros.Millisecond));

    /// <summary>World time at which the monotonic clock has reached an instant.</summary>
    public long WorldTime(MonotonicTime monotonic)
    {
        var guess = (monotonic.Microseconds - offset) * 1_000_000 / (1_000_000 + rate);
        while (Monotonic(guess) < monotonic) guess++;
        return guess;
    }

    private MonotonicTime Monotonic(long now) => new(offset + now + (now * rate / 1_000_000));
}
