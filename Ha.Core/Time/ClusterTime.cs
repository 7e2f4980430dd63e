namespace Ha.Core.Time;

/// <summary>
/// What the driver's clocks say when it hands an input to the engine. Decisions use <see cref="Monotonic"/> only;
/// <see cref="UnixMilliseconds"/> stamps packets (<c>ts</c>) and events and may jump at any time.
/// </summary>
/// <param name="Monotonic">The monotonic clock.</param>
/// <param name="UnixMilliseconds">The wall clock, milliseconds since 1970-01-01 UTC.</param>
public readonly record struct ClusterTime(MonotonicTime Monotonic, long UnixMilliseconds)
{
    /// <summary>The wall clock as a calendar date.</summary>
    public DateTimeOffset Wall => DateTimeOffset.FromUnixTimeMilliseconds(UnixMilliseconds);
}
