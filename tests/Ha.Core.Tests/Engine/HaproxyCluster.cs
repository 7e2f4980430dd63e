using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Tests.ClusterConfiguration;

namespace Ha.Core.Tests.Engine;

/// <summary>The reference cluster with this product's own HAProxy, as the examples of packaging/ configure it.</summary>
internal static class HaproxyCluster
{
    public const string Address = "address";
    public const string Haproxy = "haproxy";
    public const string Haproxies = "haproxies";

    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    /// <summary>HAProxy on both nodes, the address on one.</summary>
    public static StoryCluster Warm() => Started("warm.json");

    /// <summary>Both move together.</summary>
    public static StoryCluster Cold() => Started("cold.json");

    /// <summary>Whether nothing is left to be done.</summary>
    public static bool IsAtRest(this StoryCluster cluster) => cluster["s1"].Snapshot.Transition is null
        && cluster["s2"].Snapshot.Transition is null;

    /// <summary>Monitors of HAProxy on a node find it dead from now on.</summary>
    public static void BreakHaproxy(this StoryNode node) =>
        node.Fate = run => run.Resource.Id == Haproxy && run.Kind is OperationKind.Monitor or OperationKind.Start
            ? OperationOutcome.Failed : null;

    public static OperatorCommand Ask(CommandKind kind) =>
        new() { Id = Guid.NewGuid().ToString("N"), Kind = kind, Actor = "anna", Reason = "tried out" };

    private static StoryCluster Started(string example)
    {
        var cluster = new StoryCluster();
        var document = Documents.Good(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "examples", example)))
            with { Version = new ConfigurationVersion(2, 0) };
        foreach (var name in cluster.Names)
            cluster[name].History = ConfigurationHistory.Empty.Adopt(document, "setup", cluster.Clock.Wall, "");
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(Address) && cluster["s1"].Runs(Haproxy), Long);
        cluster.RunUntil(cluster.IsAtRest, Long);
        cluster.Run(2 * Second);
        return cluster;
    }
}
