namespace Ha.Api.Storage;

/// <summary>Wall clock times in a column: microseconds since 1970, which sort and compare as they are.</summary>
internal static class UnixTime
{
    public static long ToMicroseconds(this DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / 10;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
}
