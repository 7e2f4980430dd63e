namespace Ha.Agent.Tests.Hosts;

/// <summary>A clock that shows what a test says, in a zone one hour east of UTC.</summary>
internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override TimeZoneInfo LocalTimeZone { get; } =
        TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(1), "test", "test");

    public override DateTimeOffset GetUtcNow() => Now.ToUniversalTime();
}
