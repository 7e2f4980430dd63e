using Ha.Core.Configuration;
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
