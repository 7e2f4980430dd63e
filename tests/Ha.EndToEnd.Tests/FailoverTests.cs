using Ha.Core.Contracts;
using Ha.Lab;
using Ha.Lab.Clusters;
using Xunit.Abstractions;

namespace Ha.EndToEnd.Tests;

/// <summary>The reference cluster on good days: it starts, moves, stops and fails over.</summary>
public sealed class FailoverTests(ITestOutputHelper output) : ClusterStory(output)
{
    private const double ColdStartMs = 2000;

    [Fact]
    public void SeedFilesAsTheyAre_BothNodesStarted_ServiceWithinTwoSeconds()
    {
        Build(timers: null);
        _ = Probe;

        var from = LabClock.Now;
        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S1.Node, Soon);

        Assert.InRange(LabClock.Milliseconds(from, FirstAnswer(from)), 0, ColdStartMs);
        AssertNeverTwoOwners(from);
        Assert.Contains("md5", string.Join(' ', S1.Snapshot!.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void BothStartedAtTheSameMoment_PreferredNodeServesWithinTwoSeconds()
    {
        Build(TimerProfile.Fast);
        _ = Probe;

        var from = LabClock.Now;
        Cluster.StartAgents();
        Probe.WaitUntilServedBy(S1.Node, Soon);

        Assert.InRange(LabClock.Milliseconds(from, FirstAnswer(from)), 0, ColdStartMs);
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

        Assert.InRange(LabClock.Milliseconds(from, FirstAnswer(from)), 1000, 3000);
        Assert.Equal(NodeState.Dead, S2.View("s1")!.State);
    }

    [Fact]
    public void ActiveNodeDies_OtherServes_AndServiceReturnsWithTheNode()
    {
        BuildAndServe(TimerProfile.Fast);

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.InRange(OutageMs(died), 0, Cluster.Timers.DeadtimeSpan.TotalMilliseconds + 1000);
        Assert.True(S2.Saw(EventKind.NodeDead, e => e.Subject == "s1"), S2.Story);

        S1.Node.Boot();
        var back = LabClock.Now;
        S1.StartAgent();
        Probe.WaitUntilServedBy(S1.Node, Soon);
        Assert.InRange(OutageMs(back), 0, 1000);
        AssertNeverTwoOwners(died);
    }

    [Fact]
    public void SeedTimers_ActiveNodeDies_OtherServesAfterDeadtime()
    {
        BuildAndServe(timers: null);

        var died = S1.Node.Die();
        Probe.WaitUntilServedBy(S2.Node, TimeSpan.FromSeconds(40));

        Assert.InRange(OutageMs(died), 26_000, 32_200);
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
        Assert.InRange(OutageMs(from), 0, 1000);
        AssertNeverTwoOwners(from);
        Assert.Empty(S1.Node.Processes("haproxy"));
        Assert.Equal(NodeState.Left, S2.View("s1")!.State);
    }

    [Fact]
    public void StandbyAndOnline_ServiceMovesAwayAndBack()
    {
        BuildAndServe(TimerProfile.Fast);

        var from = LabClock.Now;
        var standby = S1.Cli("standby", "s1", "--reason", "kernel update", "--wait");
        Assert.True(standby.ExitCode == 0, standby.Output + standby.Error);
        Probe.WaitUntilServedBy(S2.Node, Soon);
        Assert.True(Cluster.Lab.Vip.IsOnlyOn(S2.Node));
        Assert.Equal(NodeMode.Standby, S2.View("s1")!.Mode);

        var online = S1.Cli("online", "s1", "--wait");
        Assert.True(online.ExitCode == 0, online.Output + online.Error);
        Probe.WaitUntilServedBy(S1.Node, Soon);

        Assert.InRange(OutageMs(from), 0, 1000);
        AssertNeverTwoOwners(from);
        Assert.Contains("kernel update", S1.Story, StringComparison.Ordinal);
    }

    [Fact]
    public void Takeover_TheAskedNodeServes()
    {
        BuildAndServe(TimerProfile.Fast);

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
