using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Tests.ClusterConfiguration;

namespace Ha.Core.Tests.Engine;

/// <summary>Groups with several addresses: those that follow each other are claimed and given back together.</summary>
public sealed class AddressStories
{
    private const string Document = """
        {
          "version": { "epoch": 2, "update": 0 },
          "resources": [
            { "id": "disk", "type": "heartbeat:disk" },
            { "id": "one", "type": "builtin:vip", "parameters": { "address": "192.168.1.101", "prefix": "24" } },
            { "id": "two", "type": "builtin:vip", "parameters": { "address": "192.168.1.102", "prefix": "24" } },
            { "id": "three", "type": "builtin:vip", "parameters": { "address": "192.168.1.103", "prefix": "24" } },
            { "id": "web", "type": "heartbeat:web" },
            { "id": "last", "type": "builtin:vip", "parameters": { "address": "192.168.1.104", "prefix": "24" } }
          ],
          "groups": [ { "id": "service", "members": ["disk", "one", "two", "three", "web", "last"] } ],
          "locations": [ { "id": "home", "resource": "service", "node": "s1", "score": 100 } ]
        }
        """;

    [Fact]
    public void AddressesInARow_StartTogether_BetweenWhatIsBeforeAndAfterThem()
    {
        var cluster = Started();

        var starts = Operations(cluster["s1"], "Start");

        Assert.Equal(["disk", "one", "two", "three", "web", "last"], starts.Select(static one => one.Resource));
        Assert.True(starts[0].At < starts[1].At);
        Assert.Equal(starts[1].At, starts[2].At);
        Assert.Equal(starts[1].At, starts[3].At);
        Assert.True(starts[3].At <= starts[4].At);
        Assert.True(starts[4].At < starts[5].At);
    }

    [Fact]
    public void AtAMove_TheyStopTogether_AfterWhatIsBehindThem_AndStartTogetherThere()
    {
        var cluster = Started();

        cluster["s1"].Ask(HaproxyCluster.Ask(CommandKind.Standby));
        cluster.RunUntil(() => cluster["s2"].Runs("last") && cluster.IsAtRest(), HaproxyCluster.Long);

        var stops = Operations(cluster["s1"], "Stop");
        Assert.Equal(["last", "web", "three", "two", "one", "disk"], stops.Select(static one => one.Resource));
        Assert.True(stops[1].At < stops[2].At);
        Assert.Equal(stops[2].At, stops[4].At);
        var starts = Operations(cluster["s2"], "Start");
        Assert.Equal(["disk", "one", "two", "three", "web", "last"], starts.Select(static one => one.Resource));
        Assert.Equal(starts[1].At, starts[3].At);
        Assert.Single(cluster["s1"].Events, static one => one.Kind == EventKind.TransitionStarted
            && one.Sentence.Contains("standby", StringComparison.Ordinal));
    }

    [Fact]
    public void OneThatCannotBeClaimed_TakesTheOthersBack_AndTheGroupMoves()
    {
        var cluster = Cluster();
        cluster["s1"].Fate = static run => run.Kind == OperationKind.Start && run.Resource.Id == "two"
            ? OperationOutcome.Failed : null;
        cluster.StartAll();

        cluster.RunUntil(() => cluster["s2"].Runs("last") && cluster.IsAtRest(), HaproxyCluster.Long);

        foreach (var resource in new[] { "disk", "one", "two", "three", "web", "last" })
        {
            Assert.False(cluster["s1"].Runs(resource), $"{resource} is not on s1");
            Assert.True(cluster["s2"].Runs(resource), $"{resource} is on s2");
        }

        Assert.DoesNotContain(Operations(cluster["s1"], "Start"), static one => one.Resource == "web");
    }

    private static StoryCluster Cluster()
    {
        var cluster = new StoryCluster();
        var document = Documents.Good(Document) with { Version = new ConfigurationVersion(2, 0) };
        foreach (var name in cluster.Names)
            cluster[name].History = ConfigurationHistory.Empty.Adopt(document, "setup", cluster.Clock.Wall, "");
        return cluster;
    }

    private static StoryCluster Started()
    {
        var cluster = Cluster();
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs("last") && cluster.IsAtRest(), HaproxyCluster.Long);
        return cluster;
    }

    private static List<(Core.Time.MonotonicTime At, string Resource)> Operations(StoryNode node, string kind) =>
    [
        .. node.Operations.Where(one => one.Text.StartsWith(kind + " ", StringComparison.Ordinal))
            .Select(one => (one.At, one.Text[(kind.Length + 1)..])),
    ];
}
