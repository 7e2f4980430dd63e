using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The reference cluster with a third node: a majority decides.</summary>
public sealed class ThreeNodeTests(ITestOutputHelper output) : ClusterStory(output)
{
    [Fact]
    public void PreferredNodeDies_AnotherServes_AndServiceReturnsWithTheNode()
    {
        BuildAndServe(Quick, nodes: 3);
        var foretold = S3.Cli("simulate", "--fail-node", "s1");
        Assert.True(foretold.ExitCode == 0, foretold.Output + foretold.Error);
        Tell(foretold.Output);

        var died = S1.Node.Die();
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node) || Cluster.Lab.Vip.IsOnlyOn(S3.Node), "nobody takes over");
        var heir = Cluster.Nodes.Single(node => Cluster.Lab.Vip.IsOnlyOn(node.Node));
        Probe.WaitUntilServedBy(heir.Node, Soon);
        Assert.Contains($"s1 -> {heir.Node.Name}; SERVICE STOPS", foretold.Output, StringComparison.Ordinal);
        Assert.InRange(OutageMs(died), 0, Cluster.Timers.DeadtimeSpan.TotalMilliseconds + BusyMs);

        S1.Node.Boot();
        var back = LabClock.Now;
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        Assert.InRange(OutageMs(back), 0, BusyMs);
        AssertNeverTwoOwners(died);
        AssertTold(heir, "s1", "is dead");
    }

    [Fact]
    public void ServingNodeIsCutOff_ItStopsForWantOfQuorum_AndTheMajorityServes()
    {
        BuildAndServe(Quick, nodes: 3);

        var cut = LabClock.Now;
        Cluster.Lab.Switch.Cut(S1.Node);
        WaitUntil(() => !Cluster.Lab.Vip.Holders.Contains(S1.Node.Name), "s1 goes on without quorum");
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node) || Cluster.Lab.Vip.IsOnlyOn(S3.Node), "nobody takes over");
        var heir = Cluster.Nodes.Single(node => Cluster.Lab.Vip.IsOnlyOn(node.Node));
        Probe.WaitUntilServedBy(heir.Node, Soon);
        Assert.InRange(OutageMs(cut), 0, Cluster.Timers.DeadtimeSpan.TotalMilliseconds + BusyMs);
        AssertTold(S1, "no quorum", "no-quorum-policy is stop");
        WaitUntil(() => S1.Node.Processes("haproxy").Count == 0, "haproxy goes on on s1");

        Cluster.Lab.Switch.Heal();
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S1.Node), "s1 does not take its group back");
        Probe.WaitUntilServedBy(S1.Node, Soon);
    }

    [Fact]
    public void NodeWithoutServiceIsCutOff_TheServiceStaysWhereItIs_AndItStartsNothing()
    {
        BuildAndServe(Calm, nodes: 3);

        // Two unicast lines a node: over each exactly one peer is expected.
        Last(Calm.DeadtimeSpan.TotalSeconds + 1);
        Assert.All(Cluster.Nodes, node => Assert.False(node.Saw(EventKind.LinkDead), node.Story));

        var cut = LabClock.Now;
        Cluster.Lab.Switch.Cut(S3.Node);
        WaitUntil(() => S1.View("s3") is { State: NodeState.Dead } && S3.View("s1") is { State: NodeState.Dead },
            "the cut is not noticed");
        Last(2);

        AssertNoChangeOfOwner(cut);
        Assert.Equal(["s1"], Probe.Recording.ServedBy(cut));
        AssertTold(S3, "no quorum");
    }

    private void AssertTold(HaNode node, params string[] words) => WaitUntil(() => node.Events.Any(one =>
        one.Kind is EventKind.TransitionStarted or EventKind.GroupFailed
            && words.All(word => one.Sentence.Contains(word, StringComparison.Ordinal))), node.Story);
}
