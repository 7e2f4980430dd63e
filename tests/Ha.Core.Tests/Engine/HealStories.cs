using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>How soon two halves find each other again: keepalive 100 ms, deadtime 400 ms.</summary>
public sealed class HealStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static StoryCluster Running()
    {
        var cluster = new StoryCluster();
        cluster.StartAll();
        cluster.RunUntil(() => cluster.HoldersOf(Proxy).SequenceEqual(["s1"]), Second);
        return cluster;
    }

    private static int StatusesWithin(StoryCluster cluster, TimeSpan time)
    {
        var before = cluster["s1"].Carried.Count;
        cluster.Run(time);
        return cluster["s1"].Carried.Skip(before).Count(type => type == "status");
    }

    [Fact]
    public void CutHealsAtAnyMomentBetweenTwoHeartbeats_OneOwnerWithinFiftyMilliseconds()
    {
        for (var phase = 0; phase < 100; phase += 9)
        {
            var cluster = Running();
            cluster.CutBoth("s1", "s2");
            cluster.Run((8 * Second) + TimeSpan.FromMilliseconds(phase));
            Assert.Equal(["s1", "s2"], cluster.HoldersOf(Group));
            cluster.HealAll();
            var took = cluster.RunUntil(() => cluster.HoldersOf(Group).SequenceEqual(["s1"]), 3 * Second);
            Assert.True(took < TimeSpan.FromMilliseconds(50), $"{took} at phase {phase} ms\n{cluster.Story}");
        }
    }

    [Fact]
    public void NothingWasLostForUs_WhenACutHeals()
    {
        var cluster = Running();
        cluster.CutBoth("s1", "s2");
        cluster.Run(8 * Second);
        var before = cluster["s1"].Carried.Count;
        cluster.HealAll();
        cluster.Run(3 * Second);
        // What was said meanwhile was said to nobody: nobody asks for it.
        Assert.DoesNotContain("NS_rexmit", cluster["s1"].Carried.Skip(before));
        Assert.DoesNotContain(cluster["s2"].Events, one => one.Kind == EventKind.PacketsLost);
    }

    [Fact]
    public void PeerIsDead_StatusesGoOutFourTimesAsOften_ForAMinute()
    {
        var cluster = Running();
        Assert.InRange(StatusesWithin(cluster, 4 * Second), 39, 42);
        cluster["s2"].PowerOff();
        cluster.Run(2 * Second);
        Assert.InRange(StatusesWithin(cluster, 4 * Second), 155, 162);
        cluster.Run(55 * Second);
        Assert.InRange(StatusesWithin(cluster, 4 * Second), 39, 42);
    }

    [Fact]
    public void PeerHasSaidGoodBye_StatusesKeepTheirPace()
    {
        var cluster = Running();
        cluster["s2"].Stop();
        cluster.RunUntil(() => cluster["s1"].Snapshot.View!.Members.Length == 1, 2 * Second);
        cluster.Run(Second);
        Assert.InRange(StatusesWithin(cluster, 4 * Second), 39, 42);
    }
}
