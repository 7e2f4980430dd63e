using Ha.Core.ClusterConfiguration;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>An order of before a node gave everything up, or was asked to leave, is carried out by nobody.</summary>
public sealed class ReleaseStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void OrderThatArrivesAfterTheNodeGaveUp_StartsNoServiceWithoutItsAddress()
    {
        var cluster = Started(SafetyStories.Arbitrated, deadtime: 5 * Second);
        OrderIsHeldOnItsWayTo(cluster, "s2");
        cluster.RunUntil(() => !cluster["s2"].Runs(Group), 5 * Second);
        var before = cluster["s2"].Operations.Count;

        cluster.HealAll();
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), 10 * Second);

        Assert.Equal([$"Start {Group}", $"Start {Proxy}"], cluster["s2"].Operations.Skip(before)
            .Select(one => one.Text).Where(text => text.StartsWith("Start", StringComparison.Ordinal)).Take(2));
    }

    [Fact]
    public void OrderThatArrivesAfterTheNodeWasAskedToStop_IsNotBegun()
    {
        var cluster = Started(configuration => configuration, deadtime: null);
        OrderIsHeldOnItsWayTo(cluster, "s2");

        cluster["s2"].Stop();
        cluster.Run(Second / 10);
        cluster.HealAll();
        cluster.RunUntil(() => cluster["s2"].Halted is not null, 5 * Second);

        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == $"Start {Proxy}");
        Assert.True(cluster["s2"].Halted!.Clean);
    }

    // The address is there, and the order to start what uses it does not arrive.
    private static void OrderIsHeldOnItsWayTo(StoryCluster cluster, string node)
    {
        cluster["s1"].Ask(new OperatorCommand
        {
            Id = "1", Kind = CommandKind.Standby, Actor = "anna", Node = "s1",
        });
        cluster.RunUntil(() => cluster[node].Runs(Group), 5 * Second);
        cluster.HealButHold("s1", node);
    }

    private static StoryCluster Started(
        Func<ActiveConfiguration, ActiveConfiguration> configure, TimeSpan? deadtime)
    {
        var cluster = new StoryCluster(AutoFailback.Off) { Reconfigure = configure };
        foreach (var name in cluster.Names) cluster[name].Deadtime = deadtime;
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), 5 * Second);
        cluster.Run(Second);
        return cluster;
    }
}
