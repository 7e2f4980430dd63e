using Ha.Core.Contracts;
using Ha.Core.Time;
using static Ha.Core.Tests.Engine.HaproxyCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>HAProxy warm (on every node, only the address moves) and cold (both move).</summary>
public sealed class HaproxyStories
{
    [Fact]
    public void Warm_HaproxyRunsEverywhere_AddressOnThePreferredNode()
    {
        var cluster = Warm();

        Assert.Equal(["s1", "s2"], cluster.HoldersOf(Haproxy));
        Assert.Equal(["s1"], cluster.HoldersOf(Address));
        // The address came after the HAProxy of its own node, not before.
        var s1 = cluster["s1"].Operations;
        Assert.True(At(s1, "Start haproxy") < At(s1, "Start address"));
    }

    [Fact]
    public void Warm_HaproxyOnEveryNodeIsNoConflict_AndOnTheLastNodeLeftItIsWhole()
    {
        var cluster = Warm();
        Assert.All(cluster.Names, name =>
            Assert.Equal((GroupState.Active, "s1,s2"), StateOf(cluster[name].Snapshot, Haproxies)));

        cluster["s1"].Ask(Ask(CommandKind.Standby));
        cluster.RunUntil(() => !cluster["s1"].Runs(Haproxy), Long);
        cluster.Run(2 * Second);
        Assert.All(cluster.Names, name =>
            Assert.Equal((GroupState.Active, "s2"), StateOf(cluster[name].Snapshot, Haproxies)));
        Assert.DoesNotContain("no node", cluster["s1"].Snapshot.Groups.Single(one => one.Id == Haproxies).Reason,
            StringComparison.Ordinal);
    }

    private static (GroupState State, string Nodes) StateOf(ClusterSnapshot snapshot, string group)
    {
        var found = snapshot.Groups.Single(one => one.Id == group);
        return (found.State, string.Join(',', found.ActiveOn));
    }

    [Fact]
    public void Warm_NodeDies_OnlyTheAddressIsStartedOnTheOther()
    {
        var cluster = Warm();
        cluster["s1"].PowerOff();
        var before = cluster["s2"].Operations.Count;

        var took = cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);

        Assert.Equal(["Start address"], cluster["s2"].Operations.Skip(before).Select(one => one.Text)
            .Where(text => !text.StartsWith("Monitor", StringComparison.Ordinal)));
        Assert.True(took <= TimeSpan.FromMilliseconds(420), $"took {took}");
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == "Stop haproxy");
    }

    [Fact]
    public void Warm_HaproxyDiesOnce_IsStartedInPlace_AddressStays()
    {
        var cluster = Warm();
        cluster["s1"].TakeAway(Haproxy);

        cluster.RunUntil(() => cluster["s1"].Runs(Haproxy), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        Assert.Equal(["s1"], cluster.HoldersOf(Address));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text == "Stop address");
    }

    [Fact]
    public void Warm_HaproxyCannotBeStartedAgain_AddressMovesInTheSameTransition_AndOnlyTheAddress()
    {
        var cluster = Warm();
        cluster["s1"].BreakHaproxy();
        cluster["s1"].TakeAway(Haproxy);

        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        Assert.Equal(["s2"], cluster.HoldersOf(Address));
        var stopped = At(cluster["s1"].Operations, "Stop address");
        var started = At(cluster["s2"].Operations, "Start address");
        Assert.True(stopped < started, $"stopped {stopped}, started {started}");
        Assert.True(started - stopped < TimeSpan.FromMilliseconds(10), $"{started - stopped}");
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == "Stop haproxy");
    }

    [Fact]
    public void Warm_NodeGoesStandby_AddressMovesFirst_ItsHaproxyStopsAfter()
    {
        var cluster = Warm();
        cluster["s1"].Ask(Ask(CommandKind.Standby));

        cluster.RunUntil(() => !cluster["s1"].Runs(Haproxy), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        var (s1, s2) = (cluster["s1"].Operations, cluster["s2"].Operations);
        Assert.True(s1.FindIndex(one => one.Text == "Stop address") < s1.FindIndex(one => one.Text == "Stop haproxy"));
        Assert.True(At(s2, "Start address") - At(s1, "Stop address") < TimeSpan.FromMilliseconds(10));
        Assert.Equal(["s2"], cluster.HoldersOf(Address));
    }

    [Fact]
    public void Warm_NodeReturns_AddressGoesBackOnlyAfterItsHaproxyRuns()
    {
        var cluster = Warm();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster["s1"].Operations.Clear();
        cluster["s1"].Start();

        cluster.RunUntil(() => cluster["s1"].Runs(Address), Long);

        var s1 = cluster["s1"].Operations;
        Assert.True(At(s1, "Start haproxy") < At(s1, "Start address"));
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == "Stop haproxy");
        // It was not taken away before there was another place for it.
        var left = At(cluster["s2"].Operations, "Stop address");
        Assert.True(At(s1, "Start haproxy") + TimeSpan.FromMilliseconds(20) <= left, $"left at {left}");
    }

    [Fact]
    public void Warm_NodeReturns_ItsHaproxyDoesNotStart_AddressStaysWhereItIs()
    {
        var cluster = Warm();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster["s1"].BreakHaproxy();
        cluster["s1"].Start();

        cluster.RunUntil(() => cluster["s1"].Operations.Exists(one => one.Text == "Stop haproxy"), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);
        Assert.Equal(["s2"], cluster.HoldersOf(Address));
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text == "Stop address");
    }

    [Fact]
    public void Warm_HaproxyRunsOnNoNode_AddressIsNowhere()
    {
        var cluster = Warm();
        foreach (var name in cluster.Names)
        {
            cluster[name].BreakHaproxy();
            cluster[name].TakeAway(Haproxy);
        }

        cluster.RunUntil(() => !cluster.HoldersOf(Address).Any(), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);
        Assert.Empty(cluster.HoldersOf(Address));
    }

    [Fact]
    public void Cold_NodeDies_AddressAndHaproxyStartOnTheOther()
    {
        var cluster = Cold();
        Assert.Equal(["s1"], cluster.HoldersOf(Haproxy));
        cluster["s1"].PowerOff();

        cluster.RunUntil(() => cluster["s2"].Runs(Haproxy), Long);

        Assert.Equal(["s2"], cluster.HoldersOf(Address));
        Assert.Equal(["s2"], cluster.HoldersOf(Haproxy));
    }

    private static MonotonicTime At(List<(MonotonicTime At, string Text)> operations, string text) =>
        operations.First(one => one.Text == text).At;
}
