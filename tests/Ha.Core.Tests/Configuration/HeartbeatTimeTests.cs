using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

public class HeartbeatTimeTests
{
    [Theory]
    [InlineData("2", 2000)]
    [InlineData("30", 30_000)]
    [InlineData("0", 0)]
    [InlineData("0.5", 500)]
    [InlineData(".5", 500)]
    [InlineData("2.", 2000)]
    [InlineData("1.0004", 1000)]
    [InlineData("1.0005", 1001)]
    [InlineData("200ms", 200)]
    [InlineData("200MS", 200)]
    [InlineData("200msec", 200)]
    [InlineData("1.5ms", 2)]
    [InlineData("1500us", 2)]
    [InlineData("1499us", 1)]
    [InlineData("2000000usec", 2000)]
    [InlineData("499us", 0)]
    [InlineData("2592000", 2_592_000_000)]
    public void Time_IsReadInSecondsOrItsUnit_RoundedToMilliseconds(string text, long milliseconds)
    {
        var time = HeartbeatTime.Parse(text, out var problem, out var advice);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), time);
        Assert.Equal(("", ""), (problem, advice));
    }

    [Theory]
    [InlineData("2s", "write `2` or `2000ms`")]
    [InlineData("0.5s", "write `0.5` or `500ms`")]
    [InlineData("2sec", "write `2` or `2000ms`")]
    [InlineData("1m", "write `60` or `60000ms`")]
    [InlineData("2min", "write `120` or `120000ms`")]
    [InlineData("1h", "write `3600` or `3600000ms`")]
    [InlineData("2x", "write `2` for seconds, `2ms` for milliseconds")]
    [InlineData("2ms5", "write `2` for seconds, `2ms` for milliseconds")]
    [InlineData("", "such as `2`")]
    [InlineData("ms", "such as `2`")]
    [InlineData("-1", "such as `2`")]
    [InlineData("+1", "such as `2`")]
    [InlineData("1.2.3", "such as `2`")]
    [InlineData(".", "such as `2`")]
    [InlineData("2592001", "such as `2`")]
    [InlineData("99999999999999999999999999999999999999", "such as `2`")]
    [InlineData("9999999999999999999999999999us", "such as `2`")]
    [InlineData("\u0662", "such as `2`")]
    public void NoTime_IsRefusedWithWhatToWriteInstead(string text, string advises)
    {
        Assert.Null(HeartbeatTime.Parse(text, out var problem, out var advice));

        Assert.NotEmpty(problem);
        Assert.Contains(advises, advice, StringComparison.Ordinal);
    }
}
