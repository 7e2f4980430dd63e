using System.Text;
using System.Text.Json;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Contracts;
using Ha.Core.Transitions;
using Ha.Core.WhatIf;

namespace Ha.Core.Tests.WhatIf;

/// <summary>What-if: the real planner and transition engine on a supposed state, every step succeeding.</summary>
public sealed class SimulatedWalkTests
{
    private const string Vip = "192.168.1.100/24/eth0:0";

    private readonly RunningCluster two = new("s1", "s2");
    private readonly RunningCluster three = new("s1", "s2", "s3");

    [Fact]
    public void NothingIsSupposed_NothingIsToBeDone()
    {
        var walk = two.Walk();

        Assert.True(walk.Settles);
        Assert.True(Assert.Single(walk.Transitions).Decided.Graph.IsEmpty);
        Assert.Equal(ServiceEffect.Unaffected, Assert.Single(walk.Groups).Effect);
        Assert.Equal("s1", string.Join(' ', walk.Groups[0].After));
    }

    [Fact]
    public void NothingRunsYet_EverythingIsProbedAndStartedOnThePreferredNode()
    {
        var empty = RunningCluster.Empty("s1", "s2");
        var walk = SimulatedWalk.Run(two.Configuration, empty, empty);

        Assert.True(walk.Settles);
        Assert.Equal(ServiceEffect.Begins, walk.Groups[0].Effect);
        Assert.Equal("s1", string.Join(' ', walk.Groups[0].After));
        var actions = walk.Transitions.SelectMany(one => one.Decided.Graph.Actions).ToList();
        Assert.Equal(4, actions.Count(one => one.Kind == OperationKind.Probe));
        Assert.All(actions.Where(one => one.Kind == OperationKind.Start), one => Assert.Equal("s1", one.Node));
    }

    [Fact]
    public void PreferredNodeDies_TheOtherServes_AndThePlanIsOrdered()
    {
        var walk = two.Walk(two.Dies("s1"));

        Assert.True(walk.Settles);
        Assert.Equal(ServiceEffect.Interrupted, walk.Groups[0].Effect);
        Assert.Equal("s2", string.Join(' ', walk.Groups[0].After));
        Assert.Equal(
            $"0: start {Vip} on s2\n1: start haproxy on s2 after 0\n2: watch {Vip} on s2 after 0\n"
                + "3: watch haproxy on s2 after 1\n",
            walk.Transitions[0].Decided.Graph.ToString());
    }

    [Fact]
    public void NodeWithoutServiceDies_ServiceGoesOn()
    {
        var walk = two.Walk(two.Dies("s2"));

        Assert.Equal(ServiceEffect.Unaffected, walk.Groups[0].Effect);
        Assert.Equal("s1", string.Join(' ', walk.Groups[0].After));
    }

    [Fact]
    public void ThreeNodesTwoDie_TheLastHasNoQuorum_ServiceIsLost()
    {
        var walk = three.Walk(three.Dies("s2"), three.Dies("s3"));

        Assert.Equal(ServiceEffect.Lost, walk.Groups[0].Effect);
        Assert.Contains("quorum", walk.Transitions[0].Placements[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ThreeNodesPreferredDies_OneOfTheOthersServes()
    {
        var walk = three.Walk(three.Dies("s1"));

        Assert.Equal(ServiceEffect.Interrupted, walk.Groups[0].Effect);
        Assert.Contains(Assert.Single(walk.Groups[0].After), new[] { "s2", "s3" });
    }

    [Fact]
    public void MonitorFailsOnce_ItIsRestartedInPlace_AndThreeTimes_ItMoves()
    {
        var once = two.Walk(two.Fails("haproxy"));
        Assert.Equal("s1", string.Join(' ', once.Groups[0].After));
        Assert.Equal(ServiceEffect.Interrupted, once.Groups[0].Effect);
        Assert.Contains("stop haproxy on s1", once.Transitions[0].Decided.Graph.ToString(), StringComparison.Ordinal);

        var thrice = two.Walk(two.Fails("haproxy"), two.Fails("haproxy"), two.Fails("haproxy"));
        Assert.Equal("s2", string.Join(' ', thrice.Groups[0].After));
        Assert.Equal(ServiceEffect.Interrupted, thrice.Groups[0].Effect);
        Assert.True(thrice.Settles);
    }

    [Fact]
    public void StandbyAndOnline_AwayAndBack()
    {
        var away = two.Walk(state => Supposition.NodeInStandby(state, "s1"));
        Assert.Equal("s2", string.Join(' ', away.Groups[0].After));

        var back = Supposition.NodeOnline(two.Configuration, away.End, "s1");
        var walk = SimulatedWalk.Run(two.Configuration, away.End, back.State!);
        Assert.Equal("s1", string.Join(' ', walk.Groups[0].After));
        Assert.Contains("    s2: could run it: runs it now", two.Text(walk, back.Words), StringComparison.Ordinal);
    }

    [Fact]
    public void BothNodesInStandby_ServiceIsLost()
    {
        var walk = two.Walk(state => Supposition.NodeInStandby(state, "s1"),
            state => Supposition.NodeInStandby(state, "s2"));

        Assert.Equal(ServiceEffect.Lost, walk.Groups[0].Effect);
        Assert.Empty(walk.Groups[0].After);
    }

    [Theory]
    [InlineData("s9", "there is no node s9; the nodes are s1, s2")]
    public void UnknownNode_IsRefusedWithTheNamesThatThereAre(string node, string words)
    {
        Assert.Equal(words, Supposition.NodeFails(two.Configuration, two.State, node).Words);
        Assert.Equal(words, Supposition.NodeInStandby(two.State, node).Words);
        Assert.Equal(words, Supposition.NodeOnline(two.Configuration, two.State, node).Words);
        Assert.Equal(words, Supposition.ResourceFails(two.Configuration, two.State, "haproxy", node).Words);
    }

    [Fact]
    public void WhatCannotBe_IsRefusedWithTheReason()
    {
        Assert.Equal("s1 is not in standby", Supposition.NodeOnline(two.Configuration, two.State, "s1").Words);
        Assert.Equal("haproxy does not run on s2: it runs on s1",
            Supposition.ResourceFails(two.Configuration, two.State, "haproxy", "s2").Words);
        Assert.Equal($"there is no resource nginx; the resources are {Vip}, haproxy",
            Supposition.ResourceFails(two.Configuration, two.State, "nginx", null).Words);
        var alone = Supposition.NodeFails(two.Configuration, two.State, "s2").State!;
        Assert.Equal("s1 is the only node that is up: nobody would be left to decide",
            Supposition.NodeFails(two.Configuration, alone, "s1").Words);
        Assert.Equal("s2 takes no part in the cluster already: it is dead",
            Supposition.NodeFails(two.Configuration, alone, "s2").Words);
    }

    [Fact]
    public void OtherConfiguration_WithoutTheGroup_StopsIt()
    {
        var nothing = HaresourcesImport.Configure([], ["s1", "s2"], Core.Configuration.AutoFailback.On);

        var walk = SimulatedWalk.Run(nothing, two.State, two.State);

        Assert.True(walk.Settles);
        Assert.Contains("stop haproxy on s1", walk.Transitions[0].Decided.Graph.ToString(), StringComparison.Ordinal);
        Assert.Equal(ResourceState.Stopped, walk.End.Find("s1", "haproxy")!.State);
    }

    [Fact]
    public void StateSurvivesItsJson_AndTheSamePlanFollows()
    {
        var situation = new ClusterSituation
        {
            Node = "s1", Coordinator = "s1", KeepaliveMs = 100, DeadtimeMs = 1000, State = two.State,
            Configuration = JsonDocument.Parse("{}").RootElement,
        };
        var text = JsonSerializer.Serialize(situation, HaJson.Default.ClusterSituation);
        var read = JsonSerializer.Deserialize(text, HaJson.Default.ClusterSituation)!.State;

        var failed = Supposition.NodeFails(two.Configuration, read, "s1").State!;
        Assert.Equal(two.Walk(two.Dies("s1")).Transitions[0].Decided.Graph.ToString(),
            SimulatedWalk.Run(two.Configuration, read, failed).Transitions[0].Decided.Graph.ToString());
    }

    [Fact]
    public void PreferredNodeDies_TheTextSaysWhatBecomesOfTheServiceFirst_ThenWhy_ThenHow()
    {
        var text = two.Text(two.Walk(two.Dies("s1")), "s1 dies");

        Assert.Equal("""
            What if s1 dies?
            From the test

            Group 192.168.1.100/24/eth0:0: s1 -> s2; SERVICE STOPS for as long as the plan takes, then goes on
              why: only s2 is left: s1 is the preferred node but is dead
                s1: cannot: is dead
                s2: chosen

            Plan
              0: start 192.168.1.100/24/eth0:0 on s2
              1: start haproxy on s2 after 0
              2: watch 192.168.1.100/24/eth0:0 on s2 after 0
              3: watch haproxy on s2 after 1

            End state, if every step succeeds
              192.168.1.100/24/eth0:0: on s2
              haproxy: on s2

            """, text);
    }

    [Fact]
    public void MonitorFailsThrice_TheTextSaysWhatSpokeAgainstTheNode()
    {
        var text = two.Text(
            two.Walk(two.Fails("haproxy"), two.Fails("haproxy"), two.Fails("haproxy")), "haproxy fails three times");

        Assert.Equal("""
            What if haproxy fails three times?
            From the test

            Group 192.168.1.100/24/eth0:0: s1 -> s2; SERVICE STOPS for as long as the plan takes, then goes on
              why: only s2 is left: s1 is the preferred node and runs it now but has seen haproxy fail 3 times (migration-threshold 3)
                s1: cannot: has seen haproxy fail 3 times (migration-threshold 3)
                s2: chosen

            Plan
              0: stop haproxy on s1
              1: stop 192.168.1.100/24/eth0:0 on s1 after 0
              2: start 192.168.1.100/24/eth0:0 on s2 after 0, 1
              3: start haproxy on s2 after 0, 1, 2
              4: watch 192.168.1.100/24/eth0:0 on s2 after 1, 2
              5: watch haproxy on s2 after 0, 3

            End state, if every step succeeds
              192.168.1.100/24/eth0:0: on s2
              haproxy: on s2

            """, text);
    }
}
