using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Health;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;
using Ha.Core.Tests.Engine;

namespace Ha.Core.Tests.Health;

/// <summary>Health checks decide where groups run: two or three nodes, in virtual time.</summary>
public class HealthStories
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static readonly CheckDefinition Web = new()
    {
        Id = "web", Kind = CheckKind.Http, Interval = TimeSpan.FromMilliseconds(500),
        Timeout = TimeSpan.FromMilliseconds(200), Group = StoryCluster.Group, Digest = "1",
    };

    [Fact]
    public void CheckFailsOnTheActiveNode_GroupMovesAndSaysWhy_AndReturnsWhenItIsHealthyAgain()
    {
        var cluster = Running(Web);
        cluster["s1"].Trouble = _ => "HTTP 503";
        RunUntilOn(cluster, "s2");

        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.CheckFailed
            && one.Sentence == "check web on s1 has failed 3 times: HTTP 503" && one.Data["output"] == "HTTP 503");
        var transition = cluster["s1"].Events.Last(one => one.Kind == EventKind.TransitionStarted);
        Assert.Contains("check web on s1 has failed 3 times: HTTP 503", transition.Sentence, StringComparison.Ordinal);
        Assert.Contains("fails check web (HTTP 503)", cluster["s2"].Snapshot.Groups[0].Reason,
            StringComparison.Ordinal);
        cluster.Run(TimeSpan.FromSeconds(1));
        var check = Assert.Single(cluster["s2"].Snapshot.Checks);
        Assert.Equal([CheckState.Unhealthy, CheckState.Healthy], check.Nodes.Select(on => on.State));
        Assert.Equal("HTTP 503", check.Nodes[0].Detail);
        Assert.NotNull(check.Nodes[0].Since);

        cluster["s1"].Trouble = _ => null;
        RunUntilOn(cluster, "s1");
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.CheckRecovered
            && one.Sentence == "check web on s1 is healthy again, it was well 2 times: ok");
    }

    [Fact]
    public void CheckFailsOnTheOtherNode_ItsCoordinatorLearnsItAndNothingMoves()
    {
        var cluster = Running(Web);
        var transitions = Transitions(cluster);
        cluster["s2"].Trouble = _ => "connection refused";
        cluster.RunUntil(() => cluster["s1"].Snapshot.Checks[0].Nodes[1].State == CheckState.Unhealthy, Soon);

        cluster.Run(Soon);

        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));
        Assert.Equal(transitions, Transitions(cluster));
        Assert.Equal("connection refused", cluster["s1"].Snapshot.Checks[0].Nodes[1].Detail);
    }

    [Fact]
    public void CheckFailsEverywhere_GroupStaysWhereItIs_AndAnEventSaysSo()
    {
        var cluster = Running(Web);
        foreach (var name in cluster.Names) cluster[name].Trouble = _ => "HTTP 500";
        cluster.RunUntil(() => cluster["s1"].Events.Any(one => one.Kind == EventKind.CheckOverruled), Soon);
        cluster.Run(Soon);

        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
        var told = Assert.Single(cluster["s1"].Events, one => one.Kind == EventKind.CheckOverruled);
        Assert.Equal(EventSeverity.Critical, told.Severity);
        Assert.Equal($"group {StoryCluster.Group} runs on s1, although check web fails there: no other node can run it "
            + "better", told.Sentence);
        Assert.EndsWith("although check web fails there: no other node can run it better",
            cluster["s1"].Snapshot.Groups[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void GroupHasMovedAwayAndThenFailsThereToo_ItStaysThere_AlthoughItPrefersTheOther()
    {
        var cluster = Running(Web);
        cluster["s1"].Trouble = _ => "HTTP 503";
        RunUntilOn(cluster, "s2");
        cluster["s2"].Trouble = _ => "HTTP 503";
        cluster.RunUntil(() => Overruled(cluster) == 1, Soon);
        cluster.Run(Soon);
        Assert.Equal(["s2"], cluster.HoldersOf(StoryCluster.Proxy));

        cluster["s1"].Trouble = _ => null;
        RunUntilOn(cluster, "s1");
    }

    [Fact]
    public void NobodyElseMayRunIt_GroupStaysThoughItsCheckFails_AndMovesWhenTheOtherIsBack()
    {
        var cluster = Running(Web);
        cluster["s2"].Ask(Standby("s2"));
        cluster["s1"].Trouble = _ => "HTTP 503";
        cluster.RunUntil(() => Overruled(cluster) == 1, Soon);
        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));

        cluster["s2"].Ask(Standby("s2") with { Id = "online", Kind = CommandKind.Online });
        RunUntilOn(cluster, "s2");
    }

    [Fact]
    public void ClusterStartsWhileTheCheckFailsEverywhere_GroupIsStartedAllTheSame()
    {
        var cluster = Checked(Web with { StartAs = CheckStart.Unhealthy });
        foreach (var name in cluster.Names) cluster[name].Trouble = _ => "no route to host";
        cluster.StartAll();

        RunUntilOn(cluster, "s1");
    }

    [Fact]
    public void NodeReturns_ItGetsItsGroupBackOnlyAfterItsCheckHasPassed()
    {
        var cluster = Running(Web);
        cluster["s1"].PowerOff();
        RunUntilOn(cluster, "s2");
        cluster["s1"].Trouble = _ => "warming up";
        cluster["s1"].Start();
        cluster.RunUntil(() => cluster["s2"].Snapshot.View?.Members.Length == 2, Soon);
        cluster.Run(Soon);
        Assert.Equal(["s2"], cluster.HoldersOf(StoryCluster.Proxy));

        cluster["s1"].Trouble = _ => null;
        RunUntilOn(cluster, "s1");
    }

    [Fact]
    public void CheckComesAndGoes_GroupMovesAFewTimesOnly()
    {
        var cluster = Running(Web with { HoldDown = TimeSpan.FromSeconds(10) });
        // Three seconds bad, three seconds good, for five minutes.
        cluster["s1"].Trouble = _ => cluster.Now.Microseconds / 3_000_000 % 2 == 0 ? "HTTP 502" : null;
        var transitions = Transitions(cluster);
        cluster.Run(TimeSpan.FromMinutes(5));

        Assert.InRange(Transitions(cluster) - transitions, 2, 14);
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.CheckFlapping
            && one.Sentence.Contains("is flapping", StringComparison.Ordinal)
            && one.Sentence.EndsWith("it counts as unhealthy for 160s at least", StringComparison.Ordinal));
    }

    [Fact]
    public void CheckOfTheActiveNodeOnly_LooksThereAlone_AndTheBanEndsWithItsHoldDown()
    {
        var cluster = Running(Web with { Where = CheckPlace.Active, HoldDown = TimeSpan.FromSeconds(20) });
        cluster.Run(Soon);
        Assert.Empty(cluster["s2"].Looks);
        Assert.NotEmpty(cluster["s1"].Looks);

        cluster["s1"].Trouble = _ => "HTTP 503";
        RunUntilOn(cluster, "s2");
        var moved = cluster.Now;
        cluster.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(CheckState.Healthy, cluster["s1"].Snapshot.Checks[0].Nodes[1].State);
        var looks = cluster["s1"].Looks.Count;
        cluster["s1"].Trouble = _ => null;
        RunUntilOn(cluster, "s1", TimeSpan.FromSeconds(40));

        Assert.InRange((cluster.Now - moved).TotalSeconds, 18, 25);
        Assert.True(cluster["s1"].Looks.Count - looks < 3);
    }

    [Fact]
    public void AttributeOfACheck_IsSeenByRules_AndGoneWhileNothingIsKnown()
    {
        var uplink = Web with { Id = "uplink", Group = null, Attribute = new CheckAttribute("uplink", "up", "down") };
        var cluster = Checked(uplink);
        var rule = new Rule(All: true,
            [new NodeCondition("uplink", Comparison.NotEqual, ValueKind.Text, "up")]);
        var with = cluster.Reconfigure;
        cluster.Reconfigure = configuration => with(configuration) with
        {
            Model = configuration.Model with
            {
                Locations = [.. configuration.Model.Locations, new LocationConstraint
                {
                    Id = "needs-uplink", Resource = StoryCluster.Group, Score = -Score.Infinity, Rule = rule,
                }],
            },
        };
        cluster["s1"].Trouble = _ => "no answer from 192.168.1.2";
        cluster.StartAll();
        RunUntilOn(cluster, "s2");
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(["s2"], cluster.HoldersOf(StoryCluster.Proxy));
        Assert.Equal("uplink", cluster["s1"].Snapshot.Checks[0].Attribute);

        cluster["s1"].Trouble = _ => null;
        RunUntilOn(cluster, "s1");
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.TransitionStarted
            && one.Sentence.Contains("check uplink on s1 is healthy again", StringComparison.Ordinal));
    }

    [Fact]
    public void CheckWithoutEffect_OnlyTells()
    {
        var cluster = Running(Web with { Group = null });
        cluster["s1"].Trouble = _ => "HTTP 503";
        var transitions = Transitions(cluster);
        cluster.RunUntil(() => cluster["s1"].Events.Any(one => one.Kind == EventKind.CheckFailed), Soon);
        cluster.Run(Soon);

        Assert.Equal(transitions, Transitions(cluster));
    }

    [Fact]
    public void LooksComeInTheirInterval_AndAlsoInStandby()
    {
        var cluster = Running(Web);
        cluster["s2"].Ask(Standby("s2"));
        cluster.Run(Soon);
        foreach (var name in cluster.Names) cluster[name].Looks.Clear();
        cluster.Run(TimeSpan.FromSeconds(30));

        Assert.InRange(cluster["s1"].Looks.Count, 55, 61);
        Assert.InRange(cluster["s2"].Looks.Count, 55, 61);
    }

    [Theory]
    [InlineData(0x4E00, 0x9FFF)]
    [InlineData(0x20, 0x7F)]
    public void AsManyChecksAsThereMayBe_AllFailWithLongNoise_AndThePeersStillHearOfAll(int first, int last)
    {
        var cluster = Checked([.. Enumerable.Range(0, 64).Select(i => Web with { Id = $"check-{i}", Digest = $"{i}" })]);
        var random = new Random(3);
        foreach (var name in cluster.Names)
            cluster[name].Trouble = _ => new string([.. Enumerable.Range(0, 500)
                .Select(_ => (char)random.Next(first, last))]);
        cluster.StartAll();
        cluster.RunUntil(() => cluster.Names.All(name => cluster[name].Snapshot.Checks.Length == 64
            && cluster[name].Snapshot.Checks.All(check =>
                check.Nodes.All(on => on is { State: CheckState.Unhealthy, Detail.Length: > 20 }))), Soon * 2);

        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));
    }

    [Fact]
    public void NodeStoodStill_TheLookThatTimedOutMeanwhileIsNotCounted()
    {
        var cluster = Running(Web with { Fall = 1 });
        cluster["s2"].Trouble = _ => "no answer within 200 ms";
        cluster["s2"].Pause();
        cluster.Run(TimeSpan.FromMilliseconds(300));
        cluster["s2"].Trouble = _ => null;
        cluster["s2"].Resume();
        cluster.Run(Soon);

        Assert.DoesNotContain(cluster["s2"].Events, one => one.Kind == EventKind.CheckFailed);
    }

    private static OperatorCommand Standby(string node) =>
        new() { Id = $"standby-{node}", Kind = CommandKind.Standby, Node = node, Actor = "root", Reason = "" };

    private static int Overruled(StoryCluster cluster) =>
        cluster.Names.Sum(name => cluster[name].Events.Count(one => one.Kind == EventKind.CheckOverruled));

    private static int Transitions(StoryCluster cluster) =>
        cluster.Names.Sum(name => cluster[name].Events.Count(one => one.Kind == EventKind.TransitionStarted));

    private static StoryCluster Checked(params ImmutableArray<CheckDefinition> checks) => new(AutoFailback.On)
    {
        Reconfigure = configuration => configuration with { Checks = checks },
    };

    private static StoryCluster Running(CheckDefinition check)
    {
        var cluster = Checked(check);
        cluster.StartAll();
        RunUntilOn(cluster, "s1");
        cluster.Run(TimeSpan.FromSeconds(3));
        return cluster;
    }

    private static void RunUntilOn(StoryCluster cluster, string node, TimeSpan? limit = null) =>
        cluster.RunUntil(() => cluster.HoldersOf(StoryCluster.Proxy).SequenceEqual([node])
            && cluster.HoldersOf(StoryCluster.Group).SequenceEqual([node]), limit ?? Soon * 2);
}
