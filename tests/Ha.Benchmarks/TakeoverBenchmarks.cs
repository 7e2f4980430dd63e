using BenchmarkDotNet.Attributes;
using Ha.Core.Tests.Engine;

namespace Ha.Benchmarks;

/// <summary>
/// What it costs the surviving engine of two to take over: from the deadline at which the peer is found dead to the
/// first order, which leaves in the same step. The steps of the last millisecond before it are in the figure.
/// </summary>
[Config(typeof(CpuTime)), InvocationCount(1), IterationCount(50), WarmupCount(20)]
public class TakeoverBenchmarks
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private StoryCluster cluster = null!;
    private int before;
    private TimeSpan untilFirstOrder;

    [IterationSetup]
    public void Setup()
    {
        // The same story twice: the first tells when the order comes, the second stops just before.
        if (untilFirstOrder == TimeSpan.Zero)
        {
            LosePeer();
            untilFirstOrder = cluster.RunUntil(HasOrdered, Second);
        }

        LosePeer();
        cluster.Run(untilFirstOrder - TimeSpan.FromMilliseconds(1));
    }

    [Benchmark(Description = "the peer is found dead: decided, and the first order has left")]
    public int TakeOver()
    {
        cluster.Run(TimeSpan.FromMilliseconds(1));
        return HasOrdered() ? 1 : throw new InvalidOperationException("no order has left");
    }

    private void LosePeer()
    {
        cluster = new StoryCluster();
        cluster.StartAll();
        cluster.RunUntil(() => cluster.HoldersOf(StoryCluster.Group).SequenceEqual(["s1"])
            && cluster["s2"].Snapshot.Transition is null, Second);
        cluster.Run(Second);
        cluster["s1"].PowerOff();
        before = cluster["s2"].Operations.Count;
    }

    private bool HasOrdered() => cluster["s2"].Operations.Count > before;
}
