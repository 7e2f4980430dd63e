using System.Text.Json.Nodes;
using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The agent itself is killed, hangs, or finds its disk full.</summary>
public sealed class ProcessTroubleTests(ITestOutputHelper output) : ClusterStory(output)
{
    [Fact]
    public void AgentKilledAndStartedAgainWithinDeadtime_NobodyNotices()
    {
        BuildAndServe(Patient);
        // A busy machine may need longer for the start than the usual lease of three seconds lasts.
        Configure("builtin:vip", "parameters", VipWithLease(60));
        var generation = S1.Snapshot!.Generation;

        var from = LabClock.Now;
        Assert.NotEqual(0, S1.Node.Kill(HaNode.AgentProcess));
        S1.StartAgent();
        WaitUntil(() => S1.Snapshot is { Transition: null, View.Members.Length: 2 } now && now.Generation > generation,
            "the agent does not come back");
        Last(3);

        AssertServedAllTheTime(from);
        Assert.False(S2.Saw(EventKind.NodeDead), S2.Story);
        WaitUntil(() => S2.View("s1") is { State: NodeState.Online } && S1.View("s2") is { State: NodeState.Online },
            "they do not call each other online");
    }

    [Fact]
    public void AgentKilledForGood_OtherNodeServes_AndOneOwnerWhenItIsStartedAgain()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        Assert.NotEqual(0, S1.Node.Kill(HaNode.AgentProcess));
        WaitUntil(() => S2.Saw(EventKind.NodeDead, e => e.Subject == "s1"), "s2 does not notice");
        // Nobody is left on s1 to take the address away: the survivor's announcement is what moves the client.
        Probe.WaitUntilServedBy(S2.Node, Soon);
        OutageMs(from);

        S1.StartAgent();
        WaitUntil(() => Cluster.Lab.Vip.Holders.Count == 1 && S2.View("s1")?.State == NodeState.Online,
            "s1 does not come back in order: " + Cluster.Lab.Vip.Ownership.Since(from));
        Probe.WaitUntilServedBy(S1.Node, Soon);
        Assert.True(Cluster.Lab.Vip.IsOnlyOn(S1.Node), Cluster.Lab.Vip.Ownership.Since(from));
    }

    [Fact]
    public void AgentHangsLongerThanDeadtimeAndGoesOn_OneOwnerAgain()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        Assert.NotEqual(0, S1.Node.Freeze(HaNode.AgentProcess));
        WaitUntil(() => S2.Saw(EventKind.NodeDead, e => e.Subject == "s1"), "s2 does not notice");
        Last(1.5);
        S1.Node.Thaw(HaNode.AgentProcess);
        var thawed = LabClock.Now;
        WaitUntil(() => S1.Saw(EventKind.LoopStalled), "s1 does not notice that it hung");
        WaitUntil(() => Cluster.Lab.Vip.Holders.Count == 1 && Cluster.Nodes.All(node =>
            node.Snapshot is { Transition: null, View.Members.Length: 2 }), "they do not agree on one owner");
        var settled = LabClock.Now;
        Last(4);

        AssertNeverTwoOwners(settled);
        Tell($"one owner {LabClock.Milliseconds(thawed, settled):0} ms after it went on");
        WaitUntil(() => LabClock.Milliseconds(Probe.LastAnswer, LabClock.Now) < 500, "nobody serves");
        Assert.False(S1.Saw(EventKind.NodeDead, e => e.Node == "s1"),
            "the node that hung blamed its peer:\n" + S1.Story);
    }

    [Fact]
    public void DiskFullUnderTheStateDirectory_FailoverStillWorks_AndItIsReported()
    {
        Build(Quick);
        S2.Node.Run("mkdir", "-p", "/var/lib/ha-appliance");
        S2.Node.Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", "/var/lib/ha-appliance");
        Cluster.StartAndServe();
        S2.Node.Try("dd", "if=/dev/zero", "of=/var/lib/ha-appliance/full", "bs=4k");

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.InRange(OutageMs(died), 0, 1000 + BusyMs);
        WaitUntil(() => S2.Node.Read("/var/log/ha-log").Contains("No space left", StringComparison.Ordinal),
            "nothing in the log about the disk:\n" + S2.Node.Read("/var/log/ha-log"));

        S2.Node.Run("rm", "/var/lib/ha-appliance/full");
        S1.Node.Boot();
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        WaitUntil(() => S2.Saw(EventKind.StorageRecovered), "the recovery of the disk is not told:\n" + S2.Story);
        Assert.True(S2.Saw(EventKind.StorageFailed), S2.Story);
    }

    private static JsonObject VipWithLease(int seconds) => new()
    {
        ["address"] = "192.168.1.100", ["prefix"] = "24", ["interface"] = "eth0", ["label"] = "eth0:0",
        ["lease"] = $"{seconds}",
    };
}
