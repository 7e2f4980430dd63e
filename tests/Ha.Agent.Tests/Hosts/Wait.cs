using System.Diagnostics;

namespace Ha.Agent.Tests.Hosts;

/// <summary>Waits for a condition. The limit only ends a test that has failed: a busy machine is slow.</summary>
internal static class Wait
{
    public static void Until(Func<bool> condition, string what, int seconds = 60)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < seconds, $"not within {seconds} s: {what}");
            Thread.Sleep(2);
        }
    }
}
