using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Core.Tests.Engine;

/// <summary>A cluster configuration is changed while the cluster lives.</summary>
public sealed class ConfigurationStories
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void NewDocumentGivenToAnyMember_IsAdoptedEverywhere_AndOnlyWhatChangedIsTouched()
    {
        var cluster = Started();
        var before = cluster["s1"].Operations.Count;
        Configure(cluster, "s2", WithResource(cluster["s2"].History.Current!.Document, "mail"));

        cluster.RunUntil(() => cluster["s1"].Runs("mail") || cluster["s2"].Runs("mail"), Long);
        cluster.RunUntil(() => Ended(cluster["s2"]), Long);
        Assert.Equal(OperationState.Succeeded, cluster["s2"].Snapshot.Operations[0].State);
        Assert.All(["s1", "s2"], name =>
        {
            Assert.Equal("2.0", cluster[name].History.Current!.Version.ToString());
            Assert.Equal("2.0", cluster[name].Snapshot.ConfigurationVersion);
        });
        Assert.Equal("anna", cluster["s1"].History.Current!.Actor);
        Assert.Equal("mail is needed", cluster["s1"].History.Current!.Reason);
        Assert.DoesNotContain(cluster["s1"].Operations.Skip(before), one =>
            one.Text.EndsWith(StoryCluster.Proxy, StringComparison.Ordinal)
            && (one.Text.StartsWith("Start", StringComparison.Ordinal)
                || one.Text.StartsWith("Stop", StringComparison.Ordinal)));
    }

    [Fact]
    public void PacketsAreLost_LargeDocumentStillArrivesWhole()
    {
        var cluster = Started();
        cluster.LosesEvery = 5;
        var document = cluster["s2"].History.Current!.Document;
        for (var i = 0; i < 60; i++) document = WithResource(document, $"unit{i}", new string('x', 500));
        Configure(cluster, "s2", document);

        cluster.RunUntil(() => AllAt(cluster, "2.0"), Long);
        Assert.Equal(cluster["s1"].History.Current!.Hash, cluster["s2"].History.Current!.Hash);
        Assert.True(cluster["s1"].History.Current!.Size > 30_000);
        cluster.LosesEvery = 0;
        cluster.RunUntil(() => Ended(cluster["s2"]), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void NodeWithOlderDocumentJoins_AdoptsTheNewer_NothingIsStopped()
    {
        var cluster = Started();
        cluster["s2"].PowerOff();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[1].State == NodeState.Dead, Long);
        for (var change = 0; change < 3; change++)
        {
            Configure(cluster, "s1", WithResource(cluster["s1"].History.Current!.Document, $"unit{change}"));
            cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        }

        cluster["s2"].Start();
        cluster.RunUntil(() => AllAt(cluster, "4.0"), Long);
        cluster.Run(TimeSpan.FromSeconds(3));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
        Assert.Contains(cluster["s2"].Events, one => one.Kind == EventKind.ConfigurationAdopted);
        Assert.Empty(cluster["s1"].Snapshot.Warnings);
    }

    [Fact]
    public void NodeThatSkippedVersions_KnowsTheirAncestorsAllTheSame()
    {
        var cluster = Started("s1", "s2", "s3");
        cluster["s2"].PowerOff();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[1].State == NodeState.Dead, Long);
        Configure(cluster, "s1", WithResource(cluster["s1"].History.Current!.Document, "one"));
        cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        cluster["s3"].PowerOff();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[2].State == NodeState.Dead, Long);
        cluster["s2"].Start();
        cluster.RunUntil(() => cluster["s2"].History.Current!.Version.Epoch == 2, Long);
        Configure(cluster, "s1", WithResource(cluster["s1"].History.Current!.Document, "two"));
        cluster.RunUntil(() => cluster["s2"].History.Current!.Version.Epoch == 3, Long);
        cluster["s1"].PowerOff();
        cluster["s3"].Start();

        cluster.RunUntil(() => cluster["s3"].History.Current!.Version.Epoch == 3, Long);
        Assert.DoesNotContain(cluster["s2"].Events, one => one.Kind == EventKind.ConfigurationConflict);
    }

    [Fact]
    public void DocumentsOfEqualVersionDiffer_NothingIsStartedUntilANewerOneIsSubmitted()
    {
        var cluster = new StoryCluster();
        Edit(cluster, "s1", "red");
        Edit(cluster, "s2", "blue");
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Snapshot.View?.Members.Length == 2, Long);
        cluster.Run(TimeSpan.FromSeconds(5));

        Assert.Empty(cluster.HoldersOf(StoryCluster.Group));
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.ConfigurationConflict);
        Assert.All(["s1", "s2"], name =>
            Assert.Contains("both have version 2.0", Assert.Single(cluster[name].Snapshot.Warnings),
                StringComparison.Ordinal));

        Configure(cluster, "s2", cluster["s2"].History.Current!.Document);
        cluster.RunUntil(() => cluster["s1"].Runs(StoryCluster.Proxy), Long);
        Assert.True(AllAt(cluster, "3.0"));
        cluster.RunUntil(() => cluster.HoldersOf("blue").Any(), Long);
        Assert.Contains(cluster["s1"].Events, one => one.Kind == EventKind.ConfigurationAgreed);
        Assert.Empty(cluster["s1"].Snapshot.Warnings);
    }

    [Fact]
    public void ThreeNodesHaveThreeContents_TheConflictNamesThemAll()
    {
        var cluster = new StoryCluster(AutoFailback.On, "s1", "s2", "s3");
        Edit(cluster, "s1", "red");
        Edit(cluster, "s2", "blue");
        Edit(cluster, "s3", "green");
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Snapshot.View?.Members.Length == 3, Long);
        cluster.Run(TimeSpan.FromSeconds(1));

        var told = cluster["s1"].Events.Last(one => one.Kind == EventKind.ConfigurationConflict).Sentence;
        Assert.All(["s1", "s2", "s3"], name => Assert.Contains(name, told, StringComparison.Ordinal));
        Assert.Contains("of both of them", told, StringComparison.Ordinal);
    }

    [Fact]
    public void NodeReturnsWithADivergentNewerDocument_WhatRunsGoesOn_AndAnOperatorPicks()
    {
        var cluster = Started();
        cluster["s2"].PowerOff();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[1].State == NodeState.Dead, Long);
        Configure(cluster, "s1", WithResource(cluster["s1"].History.Current!.Document, "red"));
        cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        Edit(cluster, "s2", "blue");
        Edit(cluster, "s2", "green");
        cluster["s2"].Start();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Warnings.Length > 0, Long);
        cluster.Run(TimeSpan.FromSeconds(3));

        Assert.Contains("independently", cluster["s1"].Snapshot.Warnings[0], StringComparison.Ordinal);
        Assert.True(cluster["s1"].Runs(StoryCluster.Proxy));
        Assert.False(cluster["s2"].Runs("green"));
        Configure(cluster, "s1", cluster["s1"].History.Current!.Document);
        cluster.RunUntil(() => AllAt(cluster, "4.0"), Long);
        cluster.RunUntil(() => cluster["s1"].Snapshot.Warnings.IsEmpty, Long);
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
    }

    [Fact]
    public void MemberCannotRunTheDocument_KeepsItsOwn_AndIsGivenNothing()
    {
        var cluster = new StoryCluster();
        // A watchdog that fits the deadtime of s1 does not fit that of s2.
        cluster["s1"].Deadtime = TimeSpan.FromSeconds(5);
        cluster.StartAll();
        cluster.RunUntil(() => cluster.HoldersOf(StoryCluster.Proxy).Any(), Long);
        cluster["s1"].Ask(Ask(CommandKind.Move) with { Group = StoryCluster.Group, To = "s2" });
        cluster.RunUntil(() => cluster["s2"].Runs(StoryCluster.Proxy) && Ended(cluster["s1"]), Long);
        Configure(cluster, "s1", Guarded(WithResource(cluster["s1"].History.Current!.Document, "mail")));

        cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        var operation = cluster["s1"].Snapshot.Operations[0];
        Assert.Equal(OperationState.Failed, operation.State);
        Assert.Contains("s2 cannot run it", operation.Detail, StringComparison.Ordinal);
        Assert.Contains(cluster["s2"].Events, one => one.Kind == EventKind.ConfigurationRefused);
        Assert.Equal("1.0", cluster["s2"].Snapshot.ConfigurationVersion);
        Assert.True(cluster["s1"].Runs(StoryCluster.Proxy));
        Assert.True(cluster["s1"].Runs("mail"));
        Assert.False(cluster["s2"].Runs(StoryCluster.Proxy));
    }

    [Fact]
    public void CoordinatorDiesWhileItsDocumentIsOnTheWay_TheOthersGoOnWithWhatTheyHave()
    {
        var cluster = Started("s1", "s2", "s3");
        var document = cluster["s1"].History.Current!.Document;
        for (var i = 0; i < 60; i++) document = WithResource(document, $"unit{i}", new string('x', 500));
        Configure(cluster, "s1", document);
        cluster.Run(TimeSpan.FromMilliseconds(5));
        Assert.Equal("2.0", cluster["s1"].History.Current!.Version.ToString());
        cluster["s1"].PowerOff();

        cluster.RunUntil(() => cluster["s2"].Runs(StoryCluster.Proxy), Long);
        Assert.Equal("1.0", cluster["s2"].Snapshot.ConfigurationVersion);
        Assert.Equal("1.0", cluster["s3"].Snapshot.ConfigurationVersion);
        // It was adopted on one node: when that returns it holds.
        cluster["s1"].Start();
        cluster.RunUntil(() => AllAt(cluster, "2.0"), Long);
        cluster.RunUntil(() => cluster.HoldersOf("unit7").Count() == 1, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void RemovedResourceIsStoppedAndForgotten_ChangedOneIsRestarted()
    {
        var cluster = Started();
        Configure(cluster, "s1", WithResource(WithResource(cluster["s1"].History.Current!.Document, "old"), "kept"));
        cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        var holder = cluster["s1"].Runs("old") ? cluster["s1"] : cluster["s2"];
        var before = holder.Operations.Count;
        var document = cluster["s1"].History.Current!.Document;
        Configure(cluster, "s1", document with
        {
            Resources = [.. document.Resources.Where(one => one.Id != "old").Select(one => one.Id == "kept"
                ? one with { Parameters = one.Parameters.SetItem("option", "other") } : one)],
        });
        cluster.RunUntil(() => Ended(cluster["s1"]), Long);

        Assert.Equal(OperationState.Succeeded, cluster["s1"].Snapshot.Operations[0].State);
        Assert.Empty(cluster.HoldersOf("old"));
        Assert.Single(cluster.HoldersOf("kept"));
        var restarts = cluster["s1"].Operations.Concat(cluster["s2"].Operations).Select(one => one.Text).ToList();
        Assert.Equal(2, restarts.Count(one => one == "Start kept"));
        Assert.Contains("Stop old", holder.Operations.Skip(before).Select(one => one.Text));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text == $"Stop {StoryCluster.Proxy}");
    }

    [Fact]
    public void TwoChangesFromTheSameVersion_OneWins()
    {
        var cluster = Started();
        var document = cluster["s1"].History.Current!.Document;
        Configure(cluster, "s2", WithResource(document, "second"));
        Configure(cluster, "s1", WithResource(document, "first"));
        cluster.RunUntil(() => cluster["s2"].Snapshot.Operations.Length == 2
            && cluster["s2"].Snapshot.Operations.All(one => IsFinal(one.State)), Long);

        Assert.True(AllAt(cluster, "2.0"));
        var lost = Assert.Single(cluster["s2"].Snapshot.Operations, one => one.State == OperationState.Failed);
        Assert.Contains("not 1.0", lost.Detail, StringComparison.Ordinal);
        Submit(cluster, "s2", WithResource(document, "third"));
        Assert.Equal(RejectionCode.VersionConflict, cluster["s2"].LastAnswer!.Rejection!.Code);
    }

    [Fact]
    public void DocumentWithMistakes_IsRefusedWithAllOfThem_AndChangesNothing()
    {
        var cluster = Started();
        cluster["s2"].Ask(Ask(CommandKind.Configure) with
        {
            ExpectedVersion = "1.0",
            Document = Encoding.UTF8.GetBytes("""
                {"resources":[{"id":"a","type":"nonsense"},{"id":"a","type":"systemd:a"}],
                 "groups":[{"id":"g","members":["b"]}]}
                """),
        });

        var rejection = cluster["s2"].LastAnswer!.Rejection!;
        Assert.Equal(RejectionCode.InvalidConfiguration, rejection.Code);
        Assert.True(rejection.Errors.Length >= 3, rejection.Detail);
        Assert.Contains(rejection.Errors, one => one.Pointer == "/resources/0/type");
        Assert.True(AllAt(cluster, "1.0"));
    }

    [Fact]
    public void RolledBack_TheEarlierContentHoldsAsANewVersion()
    {
        var cluster = Started();
        Configure(cluster, "s1", WithResource(cluster["s1"].History.Current!.Document, "mail"));
        cluster.RunUntil(() => Ended(cluster["s1"]), Long);
        cluster["s2"].Ask(Ask(CommandKind.RollBack) with { ToVersion = "1.0", Reason = "did not work" });
        cluster.RunUntil(() => AllAt(cluster, "3.0"), Long);
        cluster.RunUntil(() => !cluster.HoldersOf("mail").Any(), Long);
        cluster["s1"].Ask(Ask(CommandKind.RollBack) with { ToVersion = "7.0" });

        Assert.Equal(RejectionCode.UnknownVersion, cluster["s1"].LastAnswer!.Rejection!.Code);
        Assert.DoesNotContain(cluster["s1"].History.Current!.Document.Resources, one => one.Id == "mail");
    }

    [Fact]
    public void StandbyAndMaintenance_SurviveARestartOfTheWholeCluster()
    {
        var cluster = Started();
        cluster["s1"].Ask(Ask(CommandKind.Standby) with { Node = "s1" });
        cluster.RunUntil(() => cluster["s2"].Runs(StoryCluster.Proxy) && Ended(cluster["s1"]), Long);
        cluster["s2"].Ask(Ask(CommandKind.Maintenance) with { Enabled = true });
        Assert.Contains(StoryCluster.Group, cluster["s1"].Guarded);
        cluster.RunUntil(() => cluster["s1"].Snapshot.Maintenance, Long);
        // In maintenance an operator may put addresses where he likes.
        Assert.Empty(cluster["s1"].Guarded);
        cluster["s1"].PowerOff();
        cluster["s2"].PowerOff();
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Snapshot.View?.Members.Length == 2, Long);
        cluster.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(NodeMode.Standby, cluster["s1"].Snapshot.Nodes[0].Mode);
        Assert.True(cluster["s2"].Snapshot.Maintenance);
        Assert.Empty(cluster.HoldersOf(StoryCluster.Proxy));
        cluster["s1"].Ask(Ask(CommandKind.Maintenance) with { Enabled = false });
        cluster.RunUntil(() => cluster["s2"].Runs(StoryCluster.Proxy), Long);
        Assert.False(cluster["s1"].Runs(StoryCluster.Proxy));
    }

    private static StoryCluster Started(params string[] names)
    {
        var cluster = new StoryCluster(AutoFailback.On, names);
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(StoryCluster.Proxy), Long);
        cluster.Run(TimeSpan.FromSeconds(1));
        return cluster;
    }

    private static OperatorCommand Ask(CommandKind kind) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = kind, Actor = "anna" };

    private static void Configure(StoryCluster cluster, string node, ConfigurationDocument document)
    {
        Submit(cluster, node, document);
        Assert.Null(cluster[node].LastAnswer!.Rejection);
    }

    private static void Submit(StoryCluster cluster, string node, ConfigurationDocument document) =>
        cluster[node].Ask(Ask(CommandKind.Configure) with
        {
            Document = ConfigurationText.Write(document), ExpectedVersion = document.Version.ToString(),
            Reason = "mail is needed",
        });

    private static ConfigurationDocument WithResource(
        ConfigurationDocument document, string id, string option = "one") => document with
    {
        Resources = [.. document.Resources, new ConfiguredResource
        {
            Id = id, Type = "ocf:heartbeat:anything",
            Parameters = document.Resources[0].Parameters.Clear().Add("option", option),
        }],
    };

    private static ConfigurationDocument Guarded(ConfigurationDocument document) => document with
    {
        Fencing = new ConfiguredFencing
        {
            Enabled = false, AuthorityValidity = TimeSpan.FromSeconds(1),
            Watchdog = new ConfiguredWatchdog
            {
                Timeout = TimeSpan.FromSeconds(1), ResetLatency = TimeSpan.FromMilliseconds(100),
            },
        },
    };

    // Somebody edits the file of a node that does not run.
    private static void Edit(StoryCluster cluster, string node, string resource)
    {
        var history = cluster[node].History;
        cluster[node].History = history.Adopt(
            history.Next(WithResource(history.Current!.Document, resource)), "editor", cluster.Clock.Wall, "by hand");
    }

    private static bool AllAt(StoryCluster cluster, string version) => cluster.Names
        .All(name => cluster[name].History.Current!.Version.ToString() == version);

    private static bool Ended(StoryNode node) => node.Snapshot.Operations is [var newest, ..] && IsFinal(newest.State);

    private static bool IsFinal(OperationState state) => state is OperationState.Succeeded or OperationState.Failed;
}
