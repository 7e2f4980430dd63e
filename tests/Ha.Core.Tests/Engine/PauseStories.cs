using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>A member did not run for a while, and does not know what the others have done meanwhile.</summary>
public sealed class PauseStories
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    private static StoryCluster HeldByS1()
    {
        var cluster = new StoryCluster();
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"] is { Snapshot.Transition: null } s1 && s1.Runs(Proxy), Soon);
        return cluster;
    }

    // Found by the simulator, seed 2001291: it went on with its view of before, in which the group was its own.
    [Fact]
    public void FrozenNodeWakesAndItsResourceIsGone_NothingIsStartedBeforeTheOtherWasHeardAgain()
    {
        var cluster = HeldByS1();
        cluster["s1"].Pause();
        cluster.CutBoth("s1", "s2");
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), Soon);
        cluster.Run(TimeSpan.FromSeconds(1));
        var before = cluster["s1"].Operations.Count;
        cluster["s1"].Resume();
        cluster["s1"].TakeAway(Proxy);
        cluster.Run(TimeSpan.FromMilliseconds(300));

        Assert.Contains(cluster["s1"].Operations.Skip(before), one => one.Text == $"Monitor {Proxy}");
        Assert.DoesNotContain(cluster["s1"].Operations.Skip(before), one => one.Text == $"Start {Proxy}");

        cluster.HealAll();
        cluster.RunUntil(() => !cluster["s1"].Runs(Group) || !cluster["s2"].Runs(Group), Soon);
    }

    // Found by the simulator, seed 25946: each part was short; the other counted them together.
    [Fact]
    public void ShortPauseWithinALongSilence_NothingIsStartedByWhoMayBeHeldForDead()
    {
        var cluster = HeldByS1();
        cluster.CutBoth("s1", "s2");
        cluster.Run(TimeSpan.FromMilliseconds(250));
        cluster["s1"].Pause();
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), Soon);
        var before = cluster["s1"].Operations.Count;
        cluster["s1"].Resume();
        cluster["s1"].TakeAway(Proxy);
        cluster.Run(TimeSpan.FromMilliseconds(60));

        Assert.Equal(2, cluster["s1"].Snapshot.View!.Members.Length);
        Assert.Contains(cluster["s1"].Operations.Skip(before), one => one.Text == $"Monitor {Proxy}");
        Assert.DoesNotContain(cluster["s1"].Operations.Skip(before), one => one.Text == $"Start {Proxy}");
    }

    // Found by the simulator, seed 47965: it had never come in, so it was no double.
    [Fact]
    public void OrderOfBeforeThePauseIsPlayedAgain_NothingIsStarted()
    {
        var cluster = HeldByS1();
        var overheard = new List<byte[]>();
        cluster["s2"].Pause();
        cluster.CutBoth("s1", "s2");
        cluster.Overhears = (from, datagram) =>
        {
            if (from == "s1") overheard.Add(datagram);
        };
        cluster["s1"].Ask(new OperatorCommand { Id = "1", Kind = CommandKind.Standby, Node = "s1", Actor = "test" });
        cluster.Run(TimeSpan.FromMilliseconds(300));
        Assert.Empty(cluster.HoldersOf(Group));
        cluster.Overhears = (_, _) => { };
        cluster["s1"].Ask(new OperatorCommand { Id = "2", Kind = CommandKind.Online, Node = "s1", Actor = "test" });
        cluster.RunUntil(() => cluster["s1"].Runs(Proxy), Soon);

        cluster["s2"].Resume();
        foreach (var datagram in overheard) cluster["s2"].Receive(datagram);
        cluster.Run(TimeSpan.FromMilliseconds(300));
        Assert.Contains("ha_order", cluster["s1"].Carried);
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == $"Start {Group}");
    }
}
