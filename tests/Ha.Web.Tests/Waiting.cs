using System.Diagnostics;

namespace Ha.Web.Tests;

/// <summary>Waits for a condition, with a limit.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Waits until it is true; says what it waited for when it never becomes true.</summary>
    public static async Task<TimeSpan> ForAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Limit, $"waited {Limit.TotalSeconds} s in vain for: {what}");
            await Task.Delay(10);
        }

        return watch.Elapsed;
    }
}
