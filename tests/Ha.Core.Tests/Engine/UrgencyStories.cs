using Ha.Core.Contracts;

namespace Ha.Core.Tests.Engine;

/// <summary>What others wait for leaves first.</summary>
public sealed class UrgencyStories
{
    [Theory]
    [InlineData("s1", "s2")]
    [InlineData("s2", "s1")]
    public void AddressMoves_NothingIsReportedOrToldBetweenItsStopAndItsStart(string from, string to)
    {
        var cluster = HaproxyCluster.Warm();
        if (from == "s2") Move(cluster, "s1", "s2");
        foreach (var name in cluster.Names) cluster[name].Carried.Clear();

        Move(cluster, from, to);

        // The coordinator (s1) orders, the other one obeys and reports: no more than that between stop and start.
        var old = cluster[from].Carried;
        var stop = old.IndexOf($"Stop {HaproxyCluster.Address}");
        Assert.Equal(from == "s1" ? "ha_order" : "ha_report", old[stop + 1]);
    }

    [Fact]
    public void EventsAreSharedAllTheSame()
    {
        var cluster = HaproxyCluster.Warm();
        foreach (var name in cluster.Names) cluster[name].Carried.Clear();

        Move(cluster, "s1", "s2");
        cluster.Run(HaproxyCluster.Second);

        var told = cluster["s1"].Events.Count(one => one.Kind is EventKind.CommandReceived or EventKind.TransitionStarted
            or EventKind.TransitionCompleted or EventKind.CommandSucceeded);
        Assert.InRange(told, 4, int.MaxValue);
        Assert.InRange(cluster["s1"].Carried.Count(one => one == "ha_event"), 5, int.MaxValue);
    }

    private static void Move(StoryCluster cluster, string from, string to)
    {
        cluster[from].Ask(HaproxyCluster.Ask(CommandKind.Move) with { Group = HaproxyCluster.Address, To = to });
        cluster.RunUntil(() => cluster[to].Runs(HaproxyCluster.Address) && cluster.IsAtRest(), HaproxyCluster.Long);
    }
}
