using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The agent itself is killed, hangs, or finds its disk full.</summary>
public sealed class ProcessTroubleTests(ITestOutputHelper output) : ClusterStory(output)
{
    /// <summary>Time enough to start an agent again before it is missed.</summary>
    private static readonly TimerProfile s_calm = new("calm", "300ms", "3000ms", "1500ms", "4000ms");

    [Fact]
    public void AgentKilledAndStartedAgainWithinDeadtime_NobodyNotices()
    {
        BuildAndServe(s_calm);

        var from = LabClock.Now;
        Assert.Equal(1, S1.Node.Kill(HaNode.AgentProcess));
        S1.StartAgent();
        Last(2 * s_calm.DeadtimeSpan.TotalSeconds);

        AssertNoChangeOfOwner(from);
        foreach (var kind in Probe.Recording.Records.Where(r => !r.IsAnswered && r.Start >= from).GroupBy(r => r.Outcome))
        {
            Tell($"{kind.Count()} {kind.Key}, from {LabClock.Milliseconds(from, kind.First().Start):0} to "
                + $"{LabClock.Milliseconds(from, kind.Last().End):0} ms after the kill");
        }

        Assert.Equal(0, Probe.Recording.Failures(from));
        Assert.False(S2.Saw(EventKind.NodeDead), S2.Story);
        Assert.Equal(NodeState.Online, S2.View("s1")!.State);
        Assert.Equal(NodeState.Online, S1.View("s2")!.State);
    }

    [Fact]
    public void AgentKilledForGood_OtherNodeServes_AndOneOwnerWhenItIsStartedAgain()
    {
        BuildAndServe(TimerProfile.Fast);

        var from = LabClock.Now;
        Assert.Equal(1, S1.Node.Kill(HaNode.AgentProcess));
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
        BuildAndServe(TimerProfile.Fast);

        var from = LabClock.Now;
        Assert.Equal(1, S1.Node.Freeze(HaNode.AgentProcess));
        WaitUntil(() => S2.Saw(EventKind.NodeDead, e => e.Subject == "s1"), "s2 does not notice");
        Last(1.5);
        S1.Node.Thaw(HaNode.AgentProcess);
        var thawed = LabClock.Now;
        Last(8);

        var two = Cluster.Lab.Vip.Ownership.WithSeveralOwners(thawed + 3_000_000_000, LabClock.Now);
        Assert.True(two.Count == 0, Cluster.Lab.Vip.Ownership.Since(from));
        Assert.Single(Cluster.Lab.Vip.Holders);
        Assert.True(LabClock.Milliseconds(Probe.LastAnswer, LabClock.Now) < 500, "nobody serves");
        Assert.True(S1.Saw(EventKind.LoopStalled), S1.Story);
        Assert.False(S1.Saw(EventKind.NodeDead, e => e.Node == "s1"),
            "the node that hung blamed its peer:\n" + S1.Story);
    }

    [Fact]
    public void DiskFullUnderTheStateDirectory_FailoverStillWorks_AndItIsReported()
    {
        Build(TimerProfile.Fast);
        S2.Node.Run("mkdir", "-p", "/var/lib/ha-appliance");
        S2.Node.Run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", "/var/lib/ha-appliance");
        Cluster.StartAndServe();
        S2.Node.Try("dd", "if=/dev/zero", "of=/var/lib/ha-appliance/full", "bs=4k");

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.InRange(OutageMs(died), 0, 2000);
        WaitUntil(() => S2.Node.Read("/var/log/ha-log").Contains("No space left", StringComparison.Ordinal),
            "nothing in the log about the disk:\n" + S2.Node.Read("/var/log/ha-log"));

        S2.Node.Run("rm", "/var/lib/ha-appliance/full");
        S1.Node.Boot();
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        WaitUntil(() => S2.Saw(EventKind.StorageRecovered), "the recovery of the disk is not told:\n" + S2.Story);
        Assert.True(S2.Saw(EventKind.StorageFailed), S2.Story);
    }
}
