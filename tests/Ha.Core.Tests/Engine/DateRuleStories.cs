using Ha.Core.Configuration;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Tests.Engine;

/// <summary>Rules that hold from a certain moment on: nothing happens at that moment that would make anybody think.</summary>
public sealed class DateRuleStories
{
    private static readonly TimeSpan RecheckInterval = TimeSpan.FromMinutes(1);

    [Fact]
    public void RuleBeginsToHold_NothingElseHappens_GroupMovesWithinTheRecheckInterval()
    {
        var cluster = new StoryCluster(AutoFailback.On);
        var evening = cluster.Clock.Wall + TimeSpan.FromSeconds(150);
        cluster.Reconfigure = configuration => configuration with
        {
            RecheckInterval = RecheckInterval,
            Model = configuration.Model with
            {
                Locations = [.. configuration.Model.Locations, OnS2From(evening)],
            },
        };
        cluster.StartAll();
        cluster.RunUntil(() => cluster["s1"].Runs(StoryCluster.Proxy), TimeSpan.FromSeconds(10));

        cluster.Run(evening - cluster.Clock.Wall - TimeSpan.FromSeconds(1));
        Assert.True(cluster["s1"].Runs(StoryCluster.Proxy), "it moved too early");

        cluster.RunUntil(() => cluster["s2"].Runs(StoryCluster.Proxy), RecheckInterval + TimeSpan.FromSeconds(2));
        Assert.False(cluster["s1"].Runs(StoryCluster.Proxy));
    }

    private static LocationConstraint OnS2From(DateTimeOffset moment) => new()
    {
        Id = "evening", Resource = StoryCluster.Group, Score = Score.Infinity,
        Rule = new Rule(All: true,
        [
            new NodeCondition("#uname", Comparison.Equal, ValueKind.Text, "s2"),
            new TimeRange(moment, null, StartIncluded: true, EndIncluded: true),
        ]),
    };
}
