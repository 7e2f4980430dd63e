using Ha.Core.Policy;
using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Model;
using static Ha.Core.Tests.Policy.SmallCluster;

namespace Ha.Core.Tests.Policy;

/// <summary>What the general policy engine does to get there.</summary>
public sealed class PlanTests
{
    private static SmallCluster Fenced(params string[] nodes)
    {
        var cluster = new SmallCluster(nodes);
        cluster.Options = cluster.Options with { FencingEnabled = true };
        return cluster.FenceDevice().Runs("fence", nodes[0]);
    }

    [Fact]
    public void UnknownState_IsProbedEverywhere_BeforeAnythingStarts()
    {
        var plan = new SmallCluster("s1", "s2").With(Primitive("a")).Plan();
        Assert.Equal([ActionKind.Probe, ActionKind.Probe, ActionKind.Start], plan.Steps.Select(step => step.Kind));
        Assert.Equal("0 1", string.Join(' ', plan.Steps[2].After));
    }

    [Fact]
    public void StandbyNode_GroupStopsInReverseAndStartsInOrderElsewhere()
    {
        var cluster = new SmallCluster("s1", "s2").Group("g", Primitive("a"), Primitive("b")).Runs("a", "s1")
            .Runs("b", "s1").Standby("s1");
        Assert.Equal(["stop b s1", "stop a s1", "start a s2", "start b s2"], cluster.Steps());
    }

    [Fact]
    public void FailedMonitor_RestartsWithEverythingOrderedAfterIt()
    {
        var cluster = new SmallCluster("s1").With(Primitive("db", monitor: "timeout=20"), Primitive("web"))
            .Runs("db", "s1").Runs("web", "s1").Order("db", "web").Reports("s1", "db", "monitor", 1, 10_000);
        Assert.Equal(["stop web s1", "stop db s1", "start db s1", "start web s1", "monitor db s1"],
            cluster.Steps().Order(StepOrder));
    }

    [Fact]
    public void OptionalOrder_OtherRestarts_DoesNotDisturb()
    {
        var cluster = new SmallCluster("s1").With(Primitive("db", monitor: "timeout=20"), Primitive("web"))
            .Runs("db", "s1").Runs("web", "s1").Order("db", "web", OrderKind.Optional)
            .Reports("s1", "db", "monitor", 1, 10_000);
        Assert.DoesNotContain(cluster.Steps(), step => step.Contains("web", StringComparison.Ordinal));
    }

    [Fact]
    public void FirstCannotStart_MandatoryStopsThen_AsymmetricalLetsItRun()
    {
        SmallCluster Ordered(bool symmetrical) =>
            new SmallCluster("s1").With(Primitive("db", "target-role=Stopped"), Primitive("web"))
            .Runs("db").Runs("web", "s1").Order("db", "web", symmetrical: symmetrical);
        Assert.Equal(["stop web s1"], Ordered(symmetrical: true).Steps());
        Assert.Empty(Ordered(symmetrical: false).Steps());
    }

    [Fact]
    public void OneOfASetIsEnough_OthersMayBeDown()
    {
        SmallCluster Set(string b) =>
            new SmallCluster("s1").With(Primitive("a", "target-role=Stopped"), Primitive("b", b), Primitive("c"))
            .Runs("a").Runs("b").Runs("c").Order("a b", "c", requireAll: false);
        Assert.Equal(["start b s1", "start c s1"], Set("target-role=Started").Steps());
        Assert.Empty(Set("target-role=Stopped").Steps());
    }

    [Fact]
    public void StopFailedWithoutFencing_ResourceIsBlocked_AndStartsNowhereElse()
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("a")).Runs("a", "s1").Standby("s1")
            .Reports("s1", "a", "stop", 1);
        Assert.Empty(cluster.Steps());
        Assert.True(cluster.Plan().Placements[0].Blocked);
        Assert.Equal("s1", cluster.Place("a"));
    }

    [Fact]
    public void StopFailedWithFencing_NodeIsFenced_ThenTheResourceStartsElsewhere()
    {
        var cluster = Fenced("s1", "s2").With(Primitive("a")).Runs("a", "s2").Reports("s2", "a", "stop", 1);
        Assert.Equal(["fence s2", "start a s1"], cluster.Steps());
    }

    [Fact]
    public void LostNode_ItsResourcesStartOnlyAfterTheFence()
    {
        var plan = Fenced("s1", "s2").With(Primitive("a")).Runs("a", "s2").Lost("s2").Plan();
        var start = Assert.Single(plan.Steps, step => step.Kind == ActionKind.Start);
        Assert.Contains(plan.Steps.Single(step => step.Kind == ActionKind.Fence).Number, start.After);
    }

    [Theory]
    [InlineData(NoQuorumPolicy.Stop, "stop a s1")]
    [InlineData(NoQuorumPolicy.Freeze, "")]
    [InlineData(NoQuorumPolicy.Ignore, "start b s2")]
    public void WithoutQuorum_ThePolicyDecides(NoQuorumPolicy policy, string steps)
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("a"), Primitive("b")).Runs("a", "s1").Runs("b");
        cluster.Options = cluster.Options with { HaveQuorum = false, NoQuorumPolicy = policy };
        Assert.Equal(steps, string.Join('\n', cluster.Steps()));
    }

    [Fact]
    public void NotManaged_IsLeftAlone_ButWatched()
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("a", "is-managed=false", "timeout=20")).Standby("s1")
            .Reports("s1", "a", "start", 0).Reports("s2", "a", "monitor", 7);
        Assert.Equal(["monitor a s1"], cluster.Steps());
    }

    [Fact]
    public void Maintenance_EndsMonitors_AndStartsAndStopsNothing()
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("a", "", "timeout=20"), Primitive("b"))
            .Runs("a", "s1").Runs("b");
        cluster.Options = cluster.Options with { MaintenanceMode = true };
        Assert.Equal(["cancel a s1"], cluster.Steps());
    }

    [Theory]
    [InlineData("stop_start", "stop a s2, stop a s1, start a s1")]
    [InlineData("stop_only", "stop a s2, stop a s1")]
    [InlineData("stop_unexpected", "stop a s2")]
    [InlineData("block", "")]
    public void RunsTwice_MultipleActiveDecides(string setting, string steps)
    {
        var cluster = new SmallCluster("s1", "s2").With(Primitive("a", $"multiple-active={setting}"))
            .Runs("a", "s1", "s2");
        Assert.Equal(steps, string.Join(", ", cluster.Steps().Order(StepOrder)));
    }

    [Fact]
    public void NotConfiguredAnyMore_IsStoppedAndForgotten_UnlessOrphansAreKept()
    {
        var cluster = new SmallCluster("s1").Runs("old", "s1");
        Assert.Equal(["stop old s1", "delete old s1"], cluster.Steps());
        cluster.Options = cluster.Options with { StopOrphanResources = false };
        Assert.Empty(cluster.Steps());
    }

    [Fact]
    public void ChangedParameters_RestartTheResource()
    {
        var changed = Primitive("a") with { Parameters = Sets("ip=10.0.0.1") };
        Assert.Equal(["stop a s1", "start a s1"], new SmallCluster("s1").With(changed).Runs("a", "s1").Steps());
    }

    [Fact]
    public void InterleavedClones_OrderHoldsNodeByNode()
    {
        var cluster = new SmallCluster("s1", "s2").Clone("c1", Primitive("a", "", "timeout=20"), "interleave=true")
            .Clone("c2", Primitive("b"), "interleave=true").Runs("a", "s1", "s2").Runs("b", "s1", "s2")
            .Order("c1", "c2")
            .Reports("s1", "a", "monitor", 1, 10_000);
        Assert.DoesNotContain(cluster.Steps(), step => step.EndsWith("s2", StringComparison.Ordinal));
        Assert.Contains("stop b s1", cluster.Steps());
    }

    [Fact]
    public void EqualModels_GiveEqualPlans()
    {
        static string Told()
        {
            var cluster = Fenced("s1", "s2", "s3").Group("g", Primitive("a"), Primitive("b")).With(Primitive("c"))
                .Clone("k", Primitive("d")).Runs("a", "s2").Runs("b", "s2").Runs("c", "s3").Runs("d", "s1", "s2", "s3")
                .Together("c", "g", -Score.Infinity).Order("k", "g").Lost("s2");
            var plan = cluster.Plan();
            return string.Join('\n', plan.Steps.Select(step => $"{Words(step)} {string.Join(',', step.After)}"))
                + string.Join('\n', plan.Placements.Select(one => $"{one.Group} {one.Node} {one.Reason}"));
        }

        Assert.Equal(Told(), Told());
    }

    // Steps that may happen in any order are compared stops first.
    private static Comparer<string> StepOrder { get; } = Comparer<string>.Create((a, b) => Rank(a).CompareTo(Rank(b)));

    private static int Rank(string step) => step.Split(' ')[0] switch
    {
        "stop" => 0,
        "start" => 1,
        _ => 2,
    };
}
