using System.Text.Json;
using Ha.Web.Client;
using Ha.Web.Model;

namespace Ha.Web.Tests;

/// <summary>What the dashboard says: times, plans, announcements, event order.</summary>
public sealed class WordsTests
{
    private static readonly ClusterSnapshot Cluster = SampleCluster.AtRest();

    [Theory]
    [InlineData(-5, "0.0 s")]
    [InlineData(0.34, "0.3 s")]
    [InlineData(59, "59 s")]
    [InlineData(61, "1 min 1 s")]
    [InlineData(3661, "1 h 1 min")]
    [InlineData(273_700, "3 d 4 h")]
    public void Span_UsesTheTwoLargestUnits(double seconds, string expected) =>
        Assert.Equal(expected, Moment.Span(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Moment_ShowsTheViewersZoneAndUtc()
    {
        var moment = new Moment(SampleCluster.Then, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.Equal("13:00:00", moment.Clock(SampleCluster.Then));
        Assert.Equal(
            "2026-11-22 13:00:00.000 +01:00 · 2026-11-22 12:00:00.000 UTC", moment.Full(SampleCluster.Then));
        Assert.Equal("just now", moment.Ago(SampleCluster.Then.AddSeconds(5)));
        Assert.Equal("4 min ago", moment.Ago(SampleCluster.Then.AddSeconds(-250)));
    }

    [Fact]
    public void StandbyOfTheHolder_SaysWhatMovesWhereAndThatClientsNotice()
    {
        var plan = CommandPlan.Standby(Cluster, Cluster.Nodes[0]);

        Assert.Equal("Put s1 in standby", plan.Confirm);
        Assert.Contains("Move 192.168.1.100 and haproxy from s1 to s2.", plan.Effects);
        Assert.Contains(plan.Effects, effect =>
            effect.StartsWith("Clients see a short outage", StringComparison.Ordinal));
        AssertRequest(plan, "PUT", "api/v1/nodes/s1/mode", """{"mode":"standby","reason":"why"}""");
    }

    [Fact]
    public void StandbyOfTheLastNode_SaysThatTheServiceStops()
    {
        var alone = Cluster with { Nodes = [Cluster.Nodes[0], Cluster.Nodes[1] with { State = NodeState.Dead }] };

        var plan = CommandPlan.Standby(alone, alone.Nodes[0]);

        Assert.Contains("Stop 192.168.1.100 and haproxy: no other node can take it over.", plan.Effects);
        Assert.Contains("Clients are cut off until a node is online again.", plan.Effects);
    }

    [Fact]
    public void StandbyOfAnIdleNode_SaysThatNobodyNotices() => Assert.Contains(
        "s2 holds nothing now; clients notice nothing.", CommandPlan.Standby(Cluster, Cluster.Nodes[1]).Effects);

    [Fact]
    public void Online_WarnsOfTheFailback()
    {
        var plan = CommandPlan.Online(Cluster, Cluster.Nodes[0]);

        Assert.Contains(plan.Effects, effect =>
            effect.Contains("moves back, with a short outage", StringComparison.Ordinal));
        AssertRequest(plan, "PUT", "api/v1/nodes/s1/mode", """{"mode":"active","reason":"why"}""");
    }

    [Fact]
    public void Move_TellsTheClusterWhereTheViewerBelievesTheGroupRuns()
    {
        var plan = CommandPlan.Move(Cluster.Groups[0], "s2");

        Assert.Equal("Move to s2", plan.Confirm);
        AssertRequest(plan, "POST", "api/v1/takeovers",
            """{"group":"192.168.1.100/24/eth0:0","to":"s2","from":"s1","reason":"why"}""");
    }

    [Fact]
    public void TakeOver_ListsWhatItMoves()
    {
        var plan = CommandPlan.TakeOver(Cluster, Cluster.Nodes[1]);

        Assert.Equal("Move 192.168.1.100 and haproxy from s1 to s2.", plan.Effects[0]);
        AssertRequest(plan, "POST", "api/v1/takeovers", """{"to":"s2","kind":"all","reason":"why"}""");
    }

    [Fact]
    public void Announcement_TellsMovesAndDeathsOnce()
    {
        var after = Cluster with
        {
            Nodes = [Cluster.Nodes[0] with { State = NodeState.Dead }, Cluster.Nodes[1]],
            Groups = [SampleCluster.Group("s2", SampleCluster.Then)],
        };

        Assert.Equal("192.168.1.100 is active, on s2. s1 is dead.", Announcement.Between(Cluster, after));
        Assert.Null(Announcement.Between(after, after with { Version = 100 }));
        Assert.Null(Announcement.Between(null, after));
    }

    [Theory]
    [InlineData(GroupState.Conflict, true)]
    [InlineData(GroupState.Failed, true)]
    [InlineData(GroupState.Blocked, true)]
    [InlineData(GroupState.Moving, false)]
    [InlineData(GroupState.Active, false)]
    public void Alarm_IsForServiceLostAndTwoOwnersOnly(GroupState state, bool alarm) =>
        Assert.Equal(alarm, Announcement.Alarm(
            Cluster with { Groups = [Cluster.Groups[0] with { State = state }] }) is not null);

    [Fact]
    public void Events_OfTwoJournalsShowEachOnceNewestFirstAndAtMostTwenty()
    {
        ImmutableArray<ClusterEvent> first = [.. Enumerable.Range(1, 15).Select(n => SampleCluster.Event(n, $"e{n}"))];
        ImmutableArray<ClusterEvent> second = [.. Enumerable.Range(8, 18).Select(n => SampleCluster.Event(n, $"e{n}"))];

        var merged = EventList.Merge(first, second);

        Assert.Equal(Enumerable.Range(6, 20).Reverse().Select(n => $"s1/7/{n}"), merged.Select(one => one.Id));
    }

    [Fact]
    public void Events_OfOneInstantKeepTheOrderOfTheirNumbers()
    {
        var merged = EventList.Merge(
            [SampleCluster.Event(9, "nine", at: SampleCluster.Then)],
            [SampleCluster.Event(10, "ten", at: SampleCluster.Then)]);

        Assert.Equal(["ten", "nine"], merged.Select(one => one.Sentence));
    }

    private static void AssertRequest(CommandPlan plan, string method, string path, string body)
    {
        var request = plan.Request("why");
        Assert.Equal(method, request.Method.Method);
        Assert.Equal(path, request.Path);
        Assert.Equal(body, JsonSerializer.Serialize(request.Body, request.Body.GetType(), ApiSession.Json));
    }
}
