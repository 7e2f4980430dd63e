using Ha.Core.Configuration;
using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>A member starts again so soon that nobody has missed it.</summary>
public sealed class RestartStories
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    // Found by the simulator, seed 20399: the view kept the earlier life as a member, and its resources stayed with it.
    [Theory]
    [InlineData(2)]
    [InlineData(50)]
    public void HolderStartsAgainAndLosesPowerBeforeItHasJoined_TheOtherTakesOver(int livesForMs)
    {
        var cluster = HeldByS2();
        cluster["s2"].KillAgent();
        cluster["s2"].Start();
        cluster.Run(TimeSpan.FromMilliseconds(livesForMs));
        cluster["s2"].PowerOff();

        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Soon);
        Assert.Equal(["s1"], cluster["s1"].Snapshot.View!.Members.AsEnumerable());
    }

    // Found by the simulator, seed 1013685.
    [Fact]
    public void GoodByeOfAnEarlierLifePlayedAgainToANodeThatHasJustStarted_IsNotBelieved()
    {
        var cluster = new StoryCluster();
        var overheard = new List<byte[]>();
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Soon);
        cluster.Overhears = (from, datagram) =>
        {
            if (from == "s1") overheard.Add(datagram);
        };
        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is not null && cluster["s2"].Runs(Proxy), Soon);
        cluster.Overhears = (_, _) => { };
        cluster["s1"].Start();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Soon);
        cluster["s2"].PowerOff();
        cluster.CutBoth("s1", "s2");
        cluster["s2"].Start();

        foreach (var datagram in overheard) cluster["s2"].Receive(datagram);
        cluster.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(["s1"], cluster.HoldersOf(Proxy));
        Assert.NotEqual(NodeState.Left, cluster["s2"].Snapshot.Nodes.Single(node => node.Name == "s1").State);
    }

    // s1 coordinates: it has come back, and the group stays where it is.
    private static StoryCluster HeldByS2()
    {
        var cluster = new StoryCluster(AutoFailback.Off);
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Soon);
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), Soon);
        cluster["s1"].Start();
        cluster.RunUntil(() => cluster["s1"].Snapshot is { View.Members.Length: 2, Transition: null }, Soon);
        Assert.Equal(["s2"], cluster.HoldersOf(Proxy));
        return cluster;
    }
}
