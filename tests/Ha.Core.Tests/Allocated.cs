namespace Ha.Tests;

/// <summary>Bytes that some work allocates on this thread.</summary>
internal static class Allocated
{
    private const int Passes = 5;

    /// <summary>
    /// The least of a few passes. A garbage collection that another thread causes, or a method that is compiled anew
    /// meanwhile, counts in one pass; what the work itself allocates counts in each.
    /// </summary>
    public static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var pass = 0; pass < Passes && least > 0; pass++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
