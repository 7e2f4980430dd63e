using Ha.Core.Contracts;

namespace Ha.Core.Tests.Engine;

/// <summary>What nodes tell of the files that their services read.</summary>
public sealed class ServiceConfigurationStories
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void ConfigurationBreaksOnOneNode_IsAnEventThere_AndItsRepairIsOneToo()
    {
        var cluster = new StoryCluster();
        cluster.StartAll();
        cluster.Run(5 * Second);

        cluster["s2"].See(StoryCluster.Proxy, "", "line 7: unknown keyword 'blance'");
        cluster["s2"].See(StoryCluster.Proxy, "", "line 7: unknown keyword 'blance'");
        cluster["s2"].See(StoryCluster.Proxy, "0a1b");
        cluster["s2"].See("gone", "0a1b", "nobody configured this");
        cluster.Run(Second);

        Assert.Equal(
            [
                "the configuration of haproxy on s2 does not pass its check: line 7: unknown keyword 'blance'",
                "the configuration of haproxy on s2 passes its check again",
            ],
            cluster["s2"].Events.Where(one => one.Kind is EventKind.ServiceConfigurationBroken
                or EventKind.ServiceConfigurationRepaired).Select(one => one.Sentence));
    }
}
