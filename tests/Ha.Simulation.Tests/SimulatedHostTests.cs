using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Simulation.Tests;

public sealed class SimulatedHostTests
{
    private static readonly ResourceDefinition Haproxy = new SimulationProfile().Groups[0].Resources[1];
    private readonly SimulatedHost host = new(1, new SplitMix64(3));

    [Fact]
    public void Start_BecomesTrueWhenItEnds()
    {
        var (run, duration) = Begin(OperationKind.Start);

        Assert.Equal(ResourceTruth.Starting, host[0]);
        Assert.InRange(duration, 1_000, 400_000);
        Assert.True(host.End(run));
        Assert.Equal(ResourceTruth.Running, host[0]);
        Assert.Equal(OperationOutcome.Succeeded, run.Outcome);
    }

    [Fact]
    public void Probe_TellsTheTruth()
    {
        Assert.Equal(OperationOutcome.NotRunning, Do(OperationKind.Probe));
        Do(OperationKind.Start);
        Assert.Equal(OperationOutcome.Succeeded, Do(OperationKind.Probe));
        Do(OperationKind.Stop);
        Assert.Equal(OperationOutcome.NotRunning, Do(OperationKind.Probe));
    }

    [Fact]
    public void HangingStop_EndsAtItsTimeout()
    {
        Do(OperationKind.Start);
        host.Begin(new Fault(FaultKind.HangingOperations, 0, 1, Node: 0, Amount: 1000));

        var (run, duration) = Begin(OperationKind.Stop);

        Assert.Equal(Micros.From(Haproxy.StopTimeout), duration);
        Assert.Equal(OperationOutcome.TimedOut, run.Outcome);
    }

    [Fact]
    public void FaultThatIsOver_StrikesNoMore()
    {
        var fault = new Fault(FaultKind.FailingStarts, 0, 1, Node: 0, Amount: 1000);
        host.Begin(fault);
        Assert.Equal(OperationOutcome.Failed, Do(OperationKind.Start));
        host.End(fault);
        Assert.Equal(OperationOutcome.Succeeded, Do(OperationKind.Start));
    }

    [Fact]
    public void KilledAgent_LeavesTheResourceButNotTheOperation()
    {
        Do(OperationKind.Start);
        var (probe, _) = Begin(OperationKind.Probe);
        host.AgentKilled();

        Assert.False(host.End(probe));
        Assert.Equal(ResourceTruth.Running, host[0]);
    }

    [Fact]
    public void LossOfPower_StopsEverything()
    {
        Do(OperationKind.Start);
        host.PowerLost();

        Assert.Equal(ResourceTruth.Stopped, host[0]);
    }

    [Fact]
    public void LyingStop_ReportsSuccessWithoutEffect()
    {
        Do(OperationKind.Start);
        host.Begin(new Fault(FaultKind.LyingOperations, 0, 1, Node: 0, Amount: 1000));

        Assert.Equal(OperationOutcome.Succeeded, Do(OperationKind.Stop));
        Assert.Equal(ResourceTruth.Running, host[0]);
    }

    private (OperationRun Run, long Duration) Begin(OperationKind kind) =>
        host.Begin(0, new RunOperation(1, Haproxy, kind, Haproxy.Timeout(kind), Urgent: false), 0, 1);

    private OperationOutcome Do(OperationKind kind)
    {
        var (run, _) = Begin(kind);
        Assert.True(host.End(run));
        return run.Outcome;
    }
}
