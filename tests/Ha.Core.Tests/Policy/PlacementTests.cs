using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;
using static Ha.Core.Tests.Policy.SmallCluster;

namespace Ha.Core.Tests.Policy;

/// <summary>Where the general policy engine puts resources.</summary>
public sealed class PlacementTests
{
    private static SmallCluster Two(params ResourceModel[] resources)
    {
        var cluster = new SmallCluster("s1", "s2").With(resources);
        foreach (var resource in resources) cluster.Runs(resource.Id);
        return cluster;
    }

    [Fact]
    public void NothingSpeaksForANode_ResourcesSpreadByNumberThenName()
    {
        var cluster = Two(Primitive("a"), Primitive("b"));
        Assert.Equal(("s1", "s2"), (cluster.Place("a"), cluster.Place("b")));
    }

    [Fact]
    public void PreferenceGreaterThanStickiness_Moves_SmallerStays()
    {
        Assert.Equal("s2", new SmallCluster("s1", "s2").With(Primitive("a", "resource-stickiness=50")).Runs("a", "s1")
            .Prefers("a", "s2", 100).Place("a"));
        Assert.Equal("s1", new SmallCluster("s1", "s2").With(Primitive("a", "resource-stickiness=200")).Runs("a", "s1")
            .Prefers("a", "s2", 100).Place("a"));
    }

    [Fact]
    public void NegativeEverywhere_RunsNowhere() =>
        Assert.Equal("", Two(Primitive("a")).Prefers("a", "s1", -1).Prefers("a", "s2", -Score.Infinity).Place("a"));

    [Fact]
    public void AsymmetricCluster_OnlyNodesThatAConstraintNames()
    {
        var cluster = Two(Primitive("a"), Primitive("b")).Prefers("a", "s2", 0);
        cluster.Options = cluster.Options with { SymmetricCluster = false };
        Assert.Equal(("s2", ""), (cluster.Place("a"), cluster.Place("b")));
    }

    [Fact]
    public void MustBeApart_OnOneNode_TheLessImportantDoesNotRun()
    {
        var cluster = new SmallCluster("s1").With(Primitive("a"), Primitive("b", "priority=5")).Runs("a").Runs("b")
            .Together("a", "b", -Score.Infinity);
        Assert.Equal(("", "s1"), (cluster.Place("a"), cluster.Place("b")));
    }

    [Fact]
    public void MustBeTogether_PrimaryCannotRun_DependentDoesNotRun() =>
        Assert.Equal("", Two(Primitive("a"), Primitive("b", "target-role=Stopped")).Together("a", "b").Place("a"));

    [Fact]
    public void WouldLikeToBeTogether_PrimaryCannotRun_DependentRuns() =>
        Assert.Equal("s1", Two(Primitive("a"), Primitive("b", "target-role=Stopped")).Together("a", "b", 100)
            .Place("a"));

    [Fact]
    public void DependentsWish_InfluencesWhereThePrimaryGoes()
    {
        var cluster = Two(Primitive("primary"), Primitive("dependent")).Together("dependent", "primary")
            .Prefers("dependent", "s2", 10);
        Assert.Equal("s2", cluster.Place("primary"));
    }

    [Fact]
    public void DependentsBan_LeavesNoCommonNode_PrimaryRunsAlone()
    {
        var cluster = Two(Primitive("primary"), Primitive("dependent")).Together("dependent", "primary")
            .Prefers("dependent", "s1", -Score.Infinity).Prefers("dependent", "s2", -Score.Infinity);
        Assert.Equal(("s1", ""), (cluster.Place("primary"), cluster.Place("dependent")));
    }

    [Fact]
    public void Group_ChoosesByTheWishesOfAllMembers()
    {
        var cluster = new SmallCluster("s1", "s2").Group("g", Primitive("a"), Primitive("b")).Runs("a").Runs("b")
            .Prefers("a", "s1", 10).Prefers("b", "s2", 20);
        Assert.Equal(("s2", "s2"), (cluster.Place("a"), cluster.Place("b")));
    }

    [Fact]
    public void GroupMemberThatCanRunNowhere_EarlierOnesRun_LaterOnesDoNot()
    {
        var cluster = new SmallCluster("s1")
            .Group("g", Primitive("a"), Primitive("b", "target-role=Stopped"), Primitive("c"))
            .Runs("a").Runs("b").Runs("c");
        Assert.Equal(("s1", "", ""), (cluster.Place("a"), cluster.Place("b"), cluster.Place("c")));
    }

    [Fact]
    public void FailuresReachTheThreshold_NodeIsBanned_UntilTheyExpire()
    {
        SmallCluster Failed(string meta) =>
            new SmallCluster("s1", "s2").With(Primitive("a", "migration-threshold=2" + meta))
            .Runs("a").Prefers("a", "s1", 100).Failures("a", "s1", 2, Now.AddMinutes(-5));
        Assert.Equal("s2", Failed("").Place("a"));
        Assert.Equal("s2", Failed(" failure-timeout=10min").Place("a"));
        Assert.Equal("s1", Failed(" failure-timeout=60").Place("a"));
    }

    [Fact]
    public void AttributeAndDateRules_DecideWhereAndWhen()
    {
        var fast = new Rule(All: true, [new NodeCondition("speed", Comparison.Greater, ValueKind.Integer, "9"),
            new TimeRange(Now.AddHours(-1), Now.AddHours(1), StartIncluded: true, EndIncluded: true)]);
        var over = new Rule(All: true,
            [new TimeRange(null, Now.AddHours(-1), StartIncluded: true, EndIncluded: false)]);
        SmallCluster Fast() => Two(Primitive("a")).Node("s2", node => node with { Attributes = Sets("speed=10") });
        Assert.Equal("s2", Fast().PrefersWhere("a", fast, 100).Place("a"));
        Assert.Equal("s1", Fast().PrefersWhere("a",
            over with { Conditions = [.. fast.Conditions, .. over.Conditions] }, 100).Place("a"));
    }

    [Fact]
    public void AnonymousClone_OneCopyANode_AndNoMoreThanCloneMax()
    {
        var cluster = new SmallCluster("s1", "s2", "s3").Clone("c", Primitive("a"), "clone-max=2").Runs("a", "s2");
        Assert.Equal("s1 s2", cluster.Place("a"));
    }

    [Fact]
    public void EveryNodeIsToldWithWhatSpokeAgainstIt()
    {
        var cluster = new SmallCluster("s1", "s2", "s3").With(Primitive("a", "resource-stickiness=5")).Runs("a", "s2")
            .Standby("s1").Prefers("a", "s3", -Score.Infinity);
        var placement = Assert.Single(cluster.Plan().Placements);
        Assert.Equal("s2", placement.Node);
        Assert.Contains("is in standby", placement.Candidates[0].Reasons);
        Assert.Equal("runs it now (5)", Assert.Single(placement.Candidates[1].Reasons));
        Assert.Equal("is ruled out by a-s3", Assert.Single(placement.Candidates[2].Reasons));
        Assert.Equal("s2 runs it now; s1 is in standby; s3 is ruled out by a-s3", placement.Reason);
    }
}
