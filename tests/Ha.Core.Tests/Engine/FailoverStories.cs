using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using static Ha.Core.Tests.Engine.StoryCluster;

namespace Ha.Core.Tests.Engine;

public sealed class FailoverStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static StoryCluster Running(AutoFailback failback = AutoFailback.On)
    {
        var cluster = new StoryCluster(failback);
        cluster.StartAll();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), Second);
        return cluster;
    }

    private static bool IsActiveOnly(StoryCluster cluster, string node) =>
        cluster.HoldersOf(Group).SequenceEqual([node]) && cluster.HoldersOf(Proxy).SequenceEqual([node]);

    private static bool AtRest(StoryCluster cluster) => cluster.Names.All(name =>
        cluster[name].Snapshot is { Transition: null, Groups: [{ State: GroupState.Active }] });

    private static OperatorCommand Command(CommandKind kind, string? node = null, GroupSet set = GroupSet.All) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = kind, Node = node, Set = set, Actor = "test" };

    [Fact]
    public void BothStarted_GroupStartsOnPreferredNode_WithinASecond()
    {
        var cluster = Running();
        Assert.Equal(["s1", "s2"], cluster["s2"].Snapshot.View!.Members.AsEnumerable());
        Assert.Equal("s1", cluster["s2"].Snapshot.View!.Coordinator);
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text.StartsWith("Start", StringComparison.Ordinal));
    }

    [Fact]
    public void ActiveNodeDies_OtherTakesOverWithinDeadtimeAndStart()
    {
        var cluster = Running();
        cluster["s1"].PowerOff();
        var took = cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        Assert.InRange(took.TotalMilliseconds, 300, 450);
        Assert.Contains(cluster["s2"].Events, one => one.Kind == EventKind.TransitionStarted
            && one.Sentence.Contains("s1 is dead", StringComparison.Ordinal));
    }

    [Fact]
    public void DeadNodeReturns_GroupFailsBack_WhenAutoFailbackIsOn()
    {
        var cluster = Running();
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        cluster["s1"].Start();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), 2 * Second);
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.TransitionStarted
            && one.Sentence.StartsWith("s1 joined s2; so ", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster["s2"].Events, one => one.Kind == EventKind.NodeLate);
    }

    [Fact]
    public void DeadNodeReturns_GroupStays_WhenAutoFailbackIsOff()
    {
        var cluster = Running(AutoFailback.Off);
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        cluster["s1"].Start();
        cluster.Run(5 * Second);
        Assert.True(IsActiveOnly(cluster, "s2"), cluster.Story.ToString());
        Assert.Equal(2, cluster["s1"].Snapshot.View!.Members.Length);
    }

    [Fact]
    public void AgentRestartsWithinDeadtime_NothingIsStoppedOrStarted()
    {
        var cluster = Running();
        var before = cluster["s1"].Operations.Count + cluster["s2"].Operations.Count;
        cluster["s1"].KillAgent();
        cluster.Run(TimeSpan.FromMilliseconds(200));
        cluster["s1"].Start();
        cluster.RunUntil(() => AtRest(cluster) && cluster["s2"].Snapshot.View!.Members.Length == 2, 2 * Second);
        cluster.Run(3 * Second);
        Assert.True(IsActiveOnly(cluster, "s1"), cluster.Story.ToString());
        var probesAndMonitors = 2 + 2;
        Assert.Equal(before + probesAndMonitors, cluster["s1"].Operations.Count + cluster["s2"].Operations.Count);
    }

    [Fact]
    public void LinkIsCutAndHealed_OneOwnerSoonAfter_AndNeverNone()
    {
        var cluster = Running();
        cluster.CutBoth("s1", "s2");
        cluster.Run(8 * Second);
        Assert.Equal(["s1", "s2"], cluster.HoldersOf(Group));
        cluster.HealAll();
        var took = cluster.RunUntil(() =>
        {
            Assert.NotEmpty(cluster.HoldersOf(Group));
            return IsActiveOnly(cluster, "s1") && AtRest(cluster);
        }, 3 * Second);
        Assert.True(took < Second, $"{took}");
        Assert.True(cluster["s1"].Operations.Exists(one => one.Text == $"Announce {Group}"),
            string.Join("\n", cluster["s1"].Events.Where(one => one.Kind == EventKind.TransitionStarted)
                .Select(one => one.Sentence + "\n" + one.Data["plan"])) + cluster.Story);
    }

    [Fact]
    public void CutHeals_TheKeeperAnnouncesFirst_ThenTheOtherLetsGoOfTheAddressBeforeTheRest()
    {
        var cluster = Running();
        cluster.CutBoth("s1", "s2");
        cluster.Run(8 * Second);
        var healed = cluster.Now;
        cluster.HealAll();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), 3 * Second);

        var operations = new[] { "s1", "s2" }.SelectMany(node => cluster[node].Operations
            .Where(one => one.At >= healed && !one.Text.StartsWith("Monitor", StringComparison.Ordinal)))
            .OrderBy(one => one.At).Select(one => one.Text).ToList();
        Assert.Equal([$"Announce {Group}", $"Stop {Group}", $"Announce {Group}", $"Stop {Proxy}"], operations);
    }

    [Fact]
    public void NodePausedBeyondDeadtime_GivesUpFirst_ThenOneOwner()
    {
        var cluster = Running();
        cluster["s1"].Pause();
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), 2 * Second);
        cluster.Run(Second);
        var before = cluster["s1"].Operations.Count;
        cluster["s1"].Resume();
        Assert.Equal($"Stop {Group}", cluster["s1"].Operations[before].Text);
        Assert.False(cluster["s1"].Runs(Group));
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), 3 * Second);
    }

    [Fact]
    public void NodePausedShorterThanDeadtime_NothingMoves()
    {
        var cluster = Running();
        var before = cluster["s1"].Operations.Count;
        cluster["s1"].Pause();
        cluster.Run(TimeSpan.FromMilliseconds(250));
        cluster["s1"].Resume();
        cluster.Run(2 * Second);
        Assert.Equal(before, cluster["s1"].Operations.Count);
        Assert.True(IsActiveOnly(cluster, "s1"));
    }

    [Fact]
    public void StandbyAndOnline_GroupMovesAwayAndBack_OperationsSucceed()
    {
        var cluster = Running();
        cluster["s2"].Ask(Command(CommandKind.Standby, "s1"));
        var id = cluster["s2"].LastAnswer!.OperationId;
        Assert.NotNull(id);
        var took = cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        Assert.True(took < TimeSpan.FromMilliseconds(100), $"{took}");
        cluster.RunUntil(
            () => cluster["s2"].Snapshot.Operations.Any(one => one.Id == id && one.State == OperationState.Succeeded),
            Second);
        Assert.Equal(6, cluster["s2"].Snapshot.Operations[0].Steps.Length);
        cluster["s1"].Ask(Command(CommandKind.Online, "s1"));
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), 2 * Second);
    }

    [Fact]
    public void Takeover_OverridesFailback_UntilTheOtherTakesBack()
    {
        var cluster = Running();
        cluster["s2"].Ask(Command(CommandKind.Takeover, "s2"));
        cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        cluster.Run(3 * Second);
        Assert.True(IsActiveOnly(cluster, "s2"));
        cluster["s1"].Ask(Command(CommandKind.Takeover, "s1", GroupSet.Local));
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1"), 2 * Second);
    }

    [Fact]
    public void GracefulStop_HandsOverWithoutWaitingForDeadtime()
    {
        var cluster = Running();
        cluster["s1"].Stop();
        var took = cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), Second);
        Assert.True(took < TimeSpan.FromMilliseconds(100), $"{took}");
        cluster.RunUntil(() => cluster["s1"].Halted is { Clean: true }, Second);
        Assert.Equal(NodeState.Left, cluster["s2"].Snapshot.Nodes[0].State);
        cluster.Run(3 * Second);
        Assert.Equal(NodeState.Left, cluster["s2"].Snapshot.Nodes[0].State);
    }

    [Fact]
    public void LastNodeStops_ItsResourcesStop()
    {
        var cluster = Running();
        cluster["s2"].Stop();
        cluster.RunUntil(() => cluster["s2"].Halted is not null, Second);
        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is { Clean: true }, Second);
        Assert.Empty(cluster.HoldersOf(Group));
        Assert.Empty(cluster.HoldersOf(Proxy));
    }

    [Fact]
    public void PeerAbsentAtStart_NodeGoesOnAloneAfterInitdead()
    {
        var cluster = new StoryCluster();
        cluster["s2"].Start();
        cluster.Run(TimeSpan.FromMilliseconds(1990));
        Assert.Empty(cluster.HoldersOf(Group));
        cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), Second);
    }

    [Fact]
    public void StartFailsOnTarget_GroupReturns_AndTheOperationSaysWhy()
    {
        var cluster = Running();
        cluster["s2"].Fate = run =>
            run.Kind == OperationKind.Start && run.Resource.Id == Proxy ? OperationOutcome.Failed : null;
        cluster["s1"].Ask(Command(CommandKind.Takeover, "s2"));
        cluster.RunUntil(() => cluster["s1"].Snapshot.Operations is [{ State: OperationState.Failed }], 3 * Second);
        Assert.True(IsActiveOnly(cluster, "s1"), cluster.Story.ToString());
        Assert.True(
            cluster["s1"].Snapshot.Operations[0].Detail.Contains("start of haproxy failed", StringComparison.Ordinal),
            cluster["s1"].Snapshot.Operations[0].Detail + "\n" + cluster.Story);
    }

    [Fact]
    public void StopHangs_GroupIsBlocked_AndStartedNowhereElse()
    {
        var cluster = Running();
        cluster["s1"].Fate = run =>
            run.Kind == OperationKind.Stop && run.Resource.Id == Proxy ? OperationOutcome.TimedOut : null;
        cluster["s1"].Ask(Command(CommandKind.Standby, "s1"));
        cluster.RunUntil(() => cluster["s1"].Snapshot.Operations is [{ State: OperationState.Failed }], 300 * Second);
        cluster.Run(TimeSpan.FromMilliseconds(10));
        Assert.Equal(GroupState.Blocked, cluster["s2"].Snapshot.Groups[0].State);
        Assert.False(cluster["s2"].Runs(Group));
        Assert.False(cluster["s2"].Runs(Proxy));
    }

    [Fact]
    public void OneWayLink_TheNodeThatKnowsGivesWay()
    {
        var cluster = Running();
        cluster.Cut("s1", "s2");
        cluster.Run(3 * Second);
        Assert.True(IsActiveOnly(cluster, "s2"), cluster.Story.ToString());
        cluster.HealAll();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), 3 * Second);
    }

    [Theory]
    [InlineData("s1", "s2")]
    [InlineData("s2", "s1")]
    public void CutHealsInOneDirectionFirst_NobodyGivesUp_AndOneOwnerWhenBothAreOpen(string first, string second)
    {
        var cluster = Running();
        cluster.CutBoth("s1", "s2");
        cluster.Run(8 * Second);

        cluster.HealButHold(second, first);
        cluster.Run(TimeSpan.FromMilliseconds(750));
        cluster.HealAll();
        cluster.RunUntil(() =>
        {
            Assert.NotEmpty(cluster.HoldersOf(Group));
            return IsActiveOnly(cluster, "s1") && AtRest(cluster);
        }, TimeSpan.FromMilliseconds(150));

        Assert.All(cluster.Names, name => Assert.DoesNotContain(
            cluster[name].Events, one => one.Sentence.Contains("giving up", StringComparison.Ordinal)));
    }

    [Fact]
    public void AddressTakenAwayBehindOurBack_IsLookedAtAtOnce_AndStartedAgainInPlace()
    {
        var cluster = Running();
        var before = cluster["s1"].Operations.Count;

        cluster["s1"].TakeAway(Group);
        var took = cluster.RunUntil(
            () => IsActiveOnly(cluster, "s1") && AtRest(cluster), TimeSpan.FromMilliseconds(500));

        Assert.True(took < Second, $"{took}");
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.AddressLost);
        Assert.Equal($"Monitor {Group}", cluster["s1"].Operations[before].Text);
    }

    [Fact]
    public void WordThatAResourceIsNotWell_IsIgnoredWhereItDoesNotRun()
    {
        var cluster = Running();
        var before = cluster["s2"].Operations.Count;

        cluster["s2"].TakeAway(Group);
        cluster["s2"].TakeAway("unknown");
        cluster.Run(Second);

        Assert.Equal(before, cluster["s2"].Operations.Count);
        Assert.True(IsActiveOnly(cluster, "s1"));
    }

    [Fact]
    public void ThreeNodes_CoordinatorDies_NextOneTakesOver()
    {
        var cluster = new StoryCluster(AutoFailback.On, "s1", "s2", "s3");
        cluster.StartAll();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s1") && AtRest(cluster), Second);
        cluster["s1"].PowerOff();
        cluster.RunUntil(() => IsActiveOnly(cluster, "s2"), 2 * Second);
        cluster.Run(Second);
        Assert.Equal(["s2", "s3"], cluster["s3"].Snapshot.View!.Members.AsEnumerable());
    }

    [Fact]
    public void StandbyNodeRestarts_ItLearnsThatItIsInStandby()
    {
        var cluster = Running();
        cluster["s1"].Ask(Command(CommandKind.Standby, "s2"));
        cluster.Run(Second);
        cluster["s2"].Stop();
        cluster.RunUntil(() => cluster["s2"].Halted is not null, Second);
        cluster["s2"].Start();
        cluster.RunUntil(() => cluster["s2"].Snapshot.Nodes[1].Mode == NodeMode.Standby, 2 * Second);
    }

    [Fact]
    public void StopFailsOnOneOfTwoOwners_TheOtherGoesOn_AndStopsWhenAsked()
    {
        var cluster = Running();
        cluster.CutBoth("s1", "s2");
        cluster.RunUntil(() => cluster["s2"].Runs(Proxy), 2 * Second);
        cluster["s2"].Fate = run =>
            run.Kind == OperationKind.Stop && run.Resource.Id == Proxy ? OperationOutcome.Failed : null;
        cluster.HealAll();
        cluster.RunUntil(
            () => cluster["s1"].Snapshot.Groups[0].Reason.StartsWith("blocked", StringComparison.Ordinal), 10 * Second);
        Assert.True(cluster["s1"].Runs(Proxy));
        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is { Clean: true }, 2 * Second);
    }
}
