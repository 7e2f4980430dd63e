using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The reference cluster on good days: it starts, moves, stops and fails over.</summary>
public sealed class FailoverTests(ITestOutputHelper output) : ClusterStory(output)
{
    [Fact]
    public void SeedFilesAsTheyAre_BothNodesStarted_ServiceAtOnce()
    {
        Build(timers: null);
        _ = Probe;

        var from = LabClock.Now;
        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S1.Node, Soon);

        // Nobody waited for the sixty seconds of initdead, nor for the two of a keepalive more often than once.
        Assert.InRange(LabClock.Milliseconds(from, FirstAnswer(from)), 0, BusyMs);
        AssertNeverTwoOwners(from);
        Assert.Contains("md5", string.Join(' ', S1.Snapshot!.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void BothStartedAtTheSameMoment_OnlyThePreferredNodeServes()
    {
        Build(Quick);
        _ = Probe;

        var from = LabClock.Now;
        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S1.Node, Soon);

        Assert.Equal(["s1"], Probe.Recording.ServedBy(from));
        AssertNeverTwoOwners(from);
    }

    [Fact]
    public void PeerAbsentAtStart_NodeServesAloneAfterInitdead()
    {
        Build(TimerProfile.Fast);
        _ = Probe;

        var from = LabClock.Now;
        S2.StartAgent();
        Probe.WaitUntilServedBy(S2.Node, Soon);

        Assert.InRange(LabClock.Milliseconds(from, FirstAnswer(from)), 1000, 1000 + BusyMs);
        WaitUntil(() => S2.View("s1") is { State: NodeState.Dead }, "s1 is not called dead");
    }

    [Fact]
    public void ActiveNodeDies_OtherServes_AndServiceReturnsWithTheNode()
    {
        BuildAndServe(Quick);

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.InRange(OutageMs(died), 0, Cluster.Timers.DeadtimeSpan.TotalMilliseconds + BusyMs);
        Assert.True(S2.Saw(EventKind.NodeDead, e => e.Subject == "s1"), S2.Story);

        S1.Node.Boot();
        var back = LabClock.Now;
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        Assert.InRange(OutageMs(back), 0, BusyMs);
        AssertNeverTwoOwners(died);
    }

    [Fact]
    public void SeedTimers_ActiveNodeDies_OtherServesAfterDeadtime()
    {
        BuildAndServe(timers: null);

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, Soon);

        Assert.InRange(OutageMs(died), 26_000, 32_200 + BusyMs);
    }

    [Fact]
    public void GracefulStop_HandsOverWithoutWaitingForDeadtime()
    {
        BuildAndServe(timers: null);

        var from = LabClock.Now;
        S1.StopAgent();
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.True(S1.Agent!.WaitForEnd(Soon), "the agent does not end");

        Assert.Equal(0, S1.Agent.ExitCode);
        Assert.InRange(OutageMs(from), 0, BusyMs);
        AssertNeverTwoOwners(from);
        Assert.Empty(S1.Node.Processes("haproxy"));
        WaitUntil(() => S2.View("s1") is { State: NodeState.Left }, "s2 does not know that s1 has left");
    }

    [Fact]
    public void StandbyAndOnline_ServiceMovesAwayAndBack()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        var standby = S1.Cli("standby", "s1", "--reason", "kernel update", "--wait");
        Assert.True(standby.ExitCode == 0, standby.Output + standby.Error);
        Probe.WaitUntilServedBy(S2.Node, Soon);
        WaitUntil(() => Cluster.Lab.Vip.IsOnlyOn(S2.Node), "s1 keeps the address");
        WaitUntil(() => S2.View("s1") is { Mode: NodeMode.Standby }, "s2 does not know of the standby");

        var online = S1.Cli("online", "s1", "--wait");
        Assert.True(online.ExitCode == 0, online.Output + online.Error);
        Probe.WaitUntilServedBy(S1.Node, Soon);

        Assert.InRange(OutageMs(from), 0, BusyMs);
        AssertNeverTwoOwners(from);
        Assert.Contains(S1.Events, one => one.Sentence.Contains("kernel update", StringComparison.Ordinal));
    }

    [Fact]
    public void Takeover_TheAskedNodeServes()
    {
        BuildAndServe(Quick);

        var from = LabClock.Now;
        var takeover = S2.Cli("takeover", "--wait");
        Assert.True(takeover.ExitCode == 0, takeover.Output + takeover.Error);
        Probe.WaitUntilServedBy(S2.Node, Soon);

        AssertNeverTwoOwners(from);
    }

    [Fact]
    public void StandbyOfTheOnlyNode_IsRefusedWithTheReason()
    {
        Build(TimerProfile.Fast);
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);

        var standby = S1.Cli("standby", "s1", "--wait");

        Assert.Equal(4, standby.ExitCode);
        Assert.Contains("node", standby.Error, StringComparison.Ordinal);
        Assert.True(Cluster.Lab.Vip.IsOnlyOn(S1.Node));
    }

    private long FirstAnswer(long from) => Probe.Recording.Records.First(r => r.IsAnswered && r.End > from).End;
}
