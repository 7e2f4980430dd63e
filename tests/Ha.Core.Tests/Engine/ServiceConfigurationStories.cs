using Ha.Core.Contracts;
using static Ha.Core.Tests.Engine.HaproxyCluster;

namespace Ha.Core.Tests.Engine;

/// <summary>What nodes tell of the files that their services read, and what follows from it.</summary>
public sealed class ServiceConfigurationStories
{
    private const string One = "1111aaaa2222bbbb";
    private const string Other = "3333cccc4444dddd";

    [Fact]
    public void ConfigurationBreaksOnTheStandby_IsAnEventThere_AndItsRepairIsOneToo()
    {
        var cluster = Warm();
        cluster["s2"].See(Haproxy, "", "line 7: unknown keyword 'blance'");
        cluster["s2"].See(Haproxy, "", "line 7: unknown keyword 'blance'");
        cluster.Run(Second);
        Assert.Equal("line 7: unknown keyword 'blance'",
            OnNode(cluster["s1"].Snapshot, "s2").Configuration!.Problem);

        cluster["s2"].See(Haproxy, One);
        cluster["s2"].See("gone", One, "nobody configured this");
        cluster.Run(Second);

        Assert.Equal(
            [
                "the configuration of haproxy on s2 does not pass its check: line 7: unknown keyword 'blance'",
                "the configuration of haproxy on s2 passes its check again",
            ],
            cluster["s2"].Events.Where(one => one.Kind is EventKind.ServiceConfigurationBroken
                or EventKind.ServiceConfigurationRepaired).Select(one => one.Sentence));
        Assert.Equal(One, OnNode(cluster["s1"].Snapshot, "s2").Configuration!.Hash);
    }

    [Fact]
    public void ConfigurationsDiffer_IsOneEventWithBothHashes_AndOneWhenItEnds()
    {
        var cluster = Drifting(Warm());
        cluster["s1"].Ask(Ask(CommandKind.Maintenance) with { Enabled = false });
        cluster.Run(Second);
        const string sentence = "haproxy reads other files on some nodes than on others: 1111aaaa on s1; "
            + "3333cccc on s2";
        Assert.Equal([sentence], Told(cluster, EventKind.ConfigurationDrift));
        foreach (var name in cluster.Names) Assert.Equal(sentence, DriftIn(cluster[name].Snapshot));

        cluster["s2"].See(Haproxy, One);
        cluster.Run(Second);

        Assert.Equal(["haproxy reads the same files on s1 and s2 again"],
            Told(cluster, EventKind.ConfigurationDriftEnded));
        foreach (var name in cluster.Names) Assert.Null(DriftIn(cluster[name].Snapshot));
    }

    [Fact]
    public void NodeThatDiffersDies_AddressIsTakenOverAtOnce_AndNobodySaysThatTheyAreTheSame()
    {
        var cluster = Drifting(Warm());
        cluster["s1"].PowerOff();

        var took = cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster.Run(Second);

        Assert.True(took <= TimeSpan.FromMilliseconds(420), $"took {took}");
        Assert.Empty(Told(cluster, EventKind.ConfigurationDriftEnded));
        Assert.Null(DriftIn(cluster["s2"].Snapshot));
    }

    [Fact]
    public void HaproxyFailsForGoodWhileConfigurationsDiffer_AddressStillMoves()
    {
        var cluster = Drifting(Warm());
        cluster["s1"].BreakHaproxy();
        cluster["s1"].TakeAway(Haproxy);
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
    }

    [Theory]
    [InlineData("s1", CommandKind.Standby)]
    [InlineData("s2", CommandKind.Takeover)]
    [InlineData("s1", CommandKind.Move)]
    public void ConfigurationsDiffer_PlannedMoveIsRefused_AndCanBeForced(string asked, CommandKind kind)
    {
        foreach (var cluster in new[] { Drifting(Warm()), Drifting(Cold()) })
        {
            var group = cluster["s1"].Snapshot.Groups.First(one => one.Resources.Any(it => it.Id == Address)).Id;
            var command = Ask(kind) with { Group = kind == CommandKind.Move ? group : null, To = "s2" };
            cluster[asked].Ask(command);

            var rejection = cluster[asked].LastAnswer!.Rejection!;
            Assert.Equal(RejectionCode.ConfigurationDrift, rejection.Code);
            Assert.Equal($"{group} would move from s1 to s2, where haproxy reads other files (1111aaaa on s1, "
                + "3333cccc on s2). Make the configurations the same and well first, or force it", rejection.Detail);

            cluster[asked].Ask(command with { Id = "again", Force = true });
            Assert.Null(cluster[asked].LastAnswer!.Rejection);
            cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
            Assert.Contains(cluster[asked].Events, one => one.Kind == EventKind.CommandReceived
                && one.Sentence.StartsWith("anna asks: ", StringComparison.Ordinal)
                && one.Sentence.EndsWith($"; forced, although {group} would move from s1 to s2, where haproxy reads "
                    + "other files (1111aaaa on s1, 3333cccc on s2)", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void NodeComesOnlineAndWouldTakeTheAddressBack_IsRefusedWhileConfigurationsDiffer()
    {
        var cluster = Drifting(Warm());
        cluster["s1"].Ask(Ask(CommandKind.Standby) with { Force = true });
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        cluster["s2"].Ask(Ask(CommandKind.Online) with { Node = "s1" });
        Assert.Equal(RejectionCode.ConfigurationDrift, cluster["s2"].LastAnswer!.Rejection!.Code);
        cluster["s2"].See(Haproxy, One);
        cluster["s2"].Ask(Ask(CommandKind.Online) with { Node = "s1" });
        Assert.Null(cluster["s2"].LastAnswer!.Rejection);
        cluster.RunUntil(() => cluster["s1"].Runs(Address), Long);
    }

    [Fact]
    public void WhatMovesNothing_IsNotRefusedWhileConfigurationsDiffer()
    {
        var cluster = Drifting(Warm());
        cluster["s1"].Ask(Ask(CommandKind.Standby) with { Node = "s2" });
        Assert.Null(cluster["s1"].LastAnswer!.Rejection);
        cluster.RunUntil(() => !cluster["s2"].Runs(Haproxy), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);

        cluster["s1"].Ask(Ask(CommandKind.Online) with { Node = "s2" });
        Assert.Null(cluster["s1"].LastAnswer!.Rejection);
        cluster.RunUntil(() => cluster["s2"].Runs(Haproxy), Long);
        Assert.Equal(["s1"], cluster.HoldersOf(Address));
    }

    [Fact]
    public void StandbyCannotReadItsConfiguration_PlannedMoveIsRefused_GracefulStopIsNot()
    {
        var cluster = Warm();
        cluster["s1"].See(Haproxy, One);
        cluster["s2"].See(Haproxy, "", "line 7: unknown keyword 'blance'");
        cluster.Run(Second);
        cluster["s2"].Ask(Ask(CommandKind.Takeover));
        Assert.Equal("address would move from s1 to s2, where the configuration of haproxy does not pass its check: "
            + "line 7: unknown keyword 'blance'. Make the configurations the same and well first, or force it",
            cluster["s2"].LastAnswer!.Rejection!.Detail);

        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s2"].Runs(Address), Long);
    }

    private static StoryCluster Drifting(StoryCluster cluster)
    {
        cluster["s1"].See(Haproxy, One);
        cluster["s2"].See(Haproxy, Other);
        cluster.Run(Second);
        return cluster;
    }

    private static IEnumerable<string> Told(StoryCluster cluster, EventKind kind) =>
        cluster.Names.SelectMany(name => cluster[name].Events).Where(one => one.Kind == kind)
            .Select(one => one.Sentence);

    private static string? DriftIn(ClusterSnapshot snapshot) => Resource(snapshot).ConfigurationDrift;

    private static ResourceOnNode OnNode(ClusterSnapshot snapshot, string node) =>
        Resource(snapshot).Nodes.Single(one => one.Node == node);

    private static ResourceSnapshot Resource(ClusterSnapshot snapshot) =>
        snapshot.Groups.SelectMany(group => group.Resources).Single(one => one.Id == Haproxy);
}
