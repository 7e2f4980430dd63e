using Ha.Core.Cib;
using Ha.Core.Policy;
using Ha.Core.Tests.Policy.Random;
using static Ha.Core.Tests.Policy.SmallCluster;

namespace Ha.Core.Tests.Policy;

/// <summary>S16: a plan that succeeded leaves nothing to do.</summary>
public sealed class FixpointTests
{
    private const int Clusters = 1000;

    /// <summary>
    /// What waits for something that cannot happen in one plan is done by the next one, as in Pacemaker
    /// (docs/policy.md); more than two more plans are never needed.
    /// </summary>
    [Fact]
    public void RandomClusters_SettleAfterTheirPlan_OrAtMostTwoMore()
    {
        var atOnce = 0;
        for (ulong seed = 1; seed <= Clusters; seed++)
        {
            var model = CibReader.Read(RandomCib.Text(seed), DateTimeOffset.UnixEpoch).Model!;
            // What is right, not what Pacemaker does.
            model = model with { Options = model.Options with { AsPacemaker = false } };
            var plan = ClusterPlanner.Plan(model);
            var plans = 0;
            while (plan.Steps.Length > 0)
            {
                var steps = string.Join(", ", plan.Steps.Select(Words));
                Assert.True(plans++ < 3, $"seed {seed} is still not settled: {steps}");
                model = PlanOutcome.Apply(model, plan);
                plan = ClusterPlanner.Plan(model);
            }

            if (plans <= 1) atOnce++;
        }

        Assert.True(atOnce >= Clusters * 97 / 100, $"only {atOnce} of {Clusters} clusters settled after one plan");
    }

    [Fact]
    public void EndStateOfAPlan_IsWhereEverythingRunsInTheModelAfterIt()
    {
        var cluster = new SmallCluster("s1", "s2").Group("g", Primitive("a", "", "timeout=20"), Primitive("b"))
            .Runs("a", "s1").Runs("b", "s1").Standby("s1");
        var plan = cluster.Plan();
        var after = ClusterPlanner.Plan(PlanOutcome.Apply(cluster.Model, plan));
        Assert.Empty(after.Steps);
        Assert.Equal(plan.EndState.Select(place => string.Join(' ', place.Nodes)),
            after.EndState.Select(place => string.Join(' ', place.Nodes)));
    }

    [Fact]
    public void FencedNode_IsGoneInTheModelAfterwards()
    {
        var cluster = new SmallCluster("s1", "s2");
        cluster.Options = cluster.Options with { FencingEnabled = true };
        cluster.FenceDevice().With(Primitive("a")).Runs("fence", "s1").Runs("a", "s2").Lost("s2");
        var after = PlanOutcome.Apply(cluster.Model, cluster.Plan());
        Assert.DoesNotContain(after.History, one => one.NodeId == "s2");
        Assert.Empty(ClusterPlanner.Plan(after).Steps);
    }
}
