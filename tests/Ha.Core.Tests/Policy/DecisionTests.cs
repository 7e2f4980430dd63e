using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using static Ha.Core.Tests.Policy.SmallCluster;

namespace Ha.Core.Tests.Policy;

/// <summary>What operators are told about why a resource is where it is.</summary>
public sealed class DecisionTests
{
    private static string Told(SmallCluster cluster, string resource = "web") =>
        cluster.Plan().Placements.Single(one => one.Group == resource).Reason;

    private static SmallCluster Web(string meta = "") =>
        new SmallCluster("s1", "s2").With(Primitive("web", meta));

    [Fact]
    public void PreferredNodeIsTold_InTheConstraintsOwnWords() =>
        Assert.Equal("s1 is the preferred node",
            Told(Web().Runs("web").Prefers("web", "s1", 100, "is the preferred node")));

    [Fact]
    public void DeadAndStandbyNodesAreTold()
    {
        var cluster = new SmallCluster("s1", "s2", "s3").With(Primitive("web")).Runs("web").Lost("s2").Standby("s3");
        cluster.Options = cluster.Options with { FencingEnabled = true };
        Assert.Equal("only s1 is left: s2 is dead; s3 is in standby", Told(cluster));
    }

    [Fact]
    public void FailedStartIsTold_WithItsExitCode() =>
        Assert.Equal("only s2 is left: s1 may run it still but could not run web (start failed: exit code 1)",
            Told(Web().Reports("s2", "web", "monitor", 7).FailedStart("web", "s1", 1)));

    [Fact]
    public void FailuresAreCounted_ForPeople()
    {
        var cluster = Web("migration-threshold=3").Runs("web").Failures("web", "s1", 3);
        Assert.Equal("only s2 is left: s1 has seen web fail 3 times (migration-threshold 3)", Told(cluster));
    }

    [Fact]
    public void WhatItMustBeTogetherWithIsTold_WithItsNode()
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("db"), Primitive("web")).Runs("db", "s1").Runs("web")
            .Together("web", "db");
        Assert.Equal("only s1 is left: s2 must be together with db which is on s1", Told(cluster));
    }

    [Fact]
    public void NowhereToRun_EveryNodesObstacleIsTold()
    {
        var cluster = Web().Runs("web").Standby("s1").Prefers("web", "s2", -Score.Infinity, "was given up by ipfail");
        Assert.Equal("no node can run web: s1 is in standby; s2 was given up by ipfail", Told(cluster));
    }

    [Theory]
    [InlineData("target-role=Stopped", "web is wanted stopped (target-role)")]
    [InlineData("is-managed=false", "left as it is, because it is not managed: it runs on s1")]
    [InlineData("maintenance=true", "left as it is, because it is in maintenance: it runs on s1")]
    public void WhatPeopleAskedForIsTold(string meta, string sentence) =>
        Assert.Equal(sentence, Told(Web(meta).Runs("web", "s1")));

    [Fact]
    public void Blocked_TellsWhatFailedWhere()
    {
        var sentence = Told(Web().Runs("web", "s1").Reports("s1", "web", "stop", 1));
        Assert.StartsWith("blocked: stop of web failed: exit code 1 on s1; ", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void BlockedAndRunningElsewhere_IsNotTouched()
    {
        var cluster = new SmallCluster("s1", "s2", "s3").With(Primitive("web")).Runs("web", "s1", "s2", "s3")
            .Reports("s1", "web", "stop", 1);
        Assert.Empty(cluster.Steps());
    }
}
