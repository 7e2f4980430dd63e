using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Core.Tests.Engine;

/// <summary>Hands off: in maintenance nothing is started, stopped or watched, whatever happens to agents and
/// views.</summary>
public sealed class MaintenanceStories
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void AgentStoppedInMaintenance_LeavesAtOnce_AndItsResourcesRunOn()
    {
        var cluster = Started();
        Maintain(cluster, "s1", true);

        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is not null, TimeSpan.FromSeconds(5));
        cluster.Run(Long);

        Assert.True(cluster["s1"].Halted!.Clean);
        Assert.Contains("run on: they are in maintenance", cluster["s1"].Events[^1].Sentence, StringComparison.Ordinal);
        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
    }

    [Fact]
    public void AgentComesBackInMaintenance_FindsWhatRuns_AndNothingMovesWhenItIsOver()
    {
        var cluster = Started();
        Maintain(cluster, "s1", true);
        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is not null, Long);

        cluster["s1"].Start();
        cluster.RunUntil(() => cluster["s2"].Snapshot.View?.Members.Length == 2, Long);
        Maintain(cluster, "s2", false);
        cluster.Run(Long);

        Assert.Equal(["s1"], cluster.HoldersOf(StoryCluster.Proxy));
        Assert.DoesNotContain(cluster["s1"].Operations, one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster["s2"].Operations, one => one.Text.StartsWith("Start", StringComparison.Ordinal));
    }

    [Fact]
    public void MaintenanceWhileConfigurationsConflict_NothingIsWatchedAnyMore()
    {
        var cluster = Started();
        cluster.CutBoth("s1", "s2");
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[1].State == NodeState.Dead
            && cluster["s2"].Snapshot.Nodes[0].State == NodeState.Dead, Long);
        foreach (var (name, limit) in new[] { ("s1", 11), ("s2", 12) }) Configure(cluster, name, document => document with
        {
            Options = document.Options! with { BatchLimit = limit },
        });
        cluster.Run(TimeSpan.FromSeconds(2));
        cluster.HealAll();
        cluster.RunUntil(() => cluster["s1"].Events.Any(one => one.Kind == EventKind.ConfigurationConflict), Long);
        cluster["s1"].Ask(Ask(CommandKind.Maintenance) with { Enabled = true });
        cluster.RunUntil(() => cluster["s2"].Snapshot.Maintenance, Long);
        cluster.Run(TimeSpan.FromSeconds(1));
        var before = Watched(cluster);
        cluster.Run(Long);

        Assert.True(before > 0);
        Assert.Equal(before, Watched(cluster));
    }

    [Fact]
    public void CopyThatIsPerhapsThere_AndNotManaged_IsNotStoppedAsSurplus()
    {
        var cluster = Started();
        Configure(cluster, "s1", document => document with
        {
            Resources =
            [
                .. document.Resources.Select(one => one with { Meta = new ResourceMeta { IsManaged = false } }),
            ],
        });
        cluster.RunUntil(() => cluster["s2"].Snapshot.ConfigurationVersion == "2.0", Long);
        cluster["s2"].PowerOff();
        cluster.RunUntil(() => cluster["s1"].Snapshot.Nodes[1].State == NodeState.Dead, Long);

        cluster["s2"].Fate = asked => asked.Kind == OperationKind.Probe ? OperationOutcome.Failed : null;
        cluster["s2"].Start();
        cluster.RunUntil(() => cluster["s1"].Snapshot.View?.Members.Length == 2, Long);
        cluster.Run(Long);

        Assert.DoesNotContain(cluster["s1"].Operations.Concat(cluster["s2"].Operations),
            one => one.Text.StartsWith("Stop", StringComparison.Ordinal));
    }

    [Fact]
    public void AddressBelowAServiceThatNobodyMayTouch_ItsNodeLeavesAllTheSame()
    {
        var cluster = Started();
        Configure(cluster, "s1", document => document with
        {
            Resources =
            [
                .. document.Resources.Select(one => one.Id == StoryCluster.Proxy
                    ? one with { Meta = new ResourceMeta { Maintenance = true } } : one),
            ],
        });
        cluster.RunUntil(() => cluster["s2"].Snapshot.ConfigurationVersion == "2.0", Long);

        cluster["s1"].Stop();
        cluster.RunUntil(() => cluster["s1"].Halted is not null, TimeSpan.FromSeconds(5));

        Assert.True(cluster["s1"].Halted!.Clean);
        Assert.False(cluster["s1"].Runs(StoryCluster.Group));
        Assert.True(cluster["s1"].Runs(StoryCluster.Proxy));
    }

    private static int Watched(StoryCluster cluster) => cluster.Names.Sum(name =>
        cluster[name].Operations.Count(one => one.Text.StartsWith("Monitor", StringComparison.Ordinal)));

    private static StoryCluster Started()
    {
        var cluster = new StoryCluster(AutoFailback.On);
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(StoryCluster.Proxy), Long);
        cluster.Run(TimeSpan.FromSeconds(1));
        return cluster;
    }

    private static void Maintain(StoryCluster cluster, string node, bool on)
    {
        cluster[node].Ask(Ask(CommandKind.Maintenance) with { Enabled = on });
        cluster.RunUntil(() => cluster.Names.All(name => cluster[name].Snapshot.Maintenance == on), Long);
    }

    private static void Configure(
        StoryCluster cluster, string node, Func<ConfigurationDocument, ConfigurationDocument> change)
    {
        var present = cluster[node].History.Current!;
        cluster[node].Ask(Ask(CommandKind.Configure) with
        {
            Document = ConfigurationText.Write(change(present.Document)), ExpectedVersion = $"{present.Version}",
        });
        Assert.Null(cluster[node].LastAnswer!.Rejection);
    }

    private static OperatorCommand Ask(CommandKind kind) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = kind, Actor = "anna" };
}
