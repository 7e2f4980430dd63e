using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests.Haproxy;

/// <summary>A real HAProxy is started, adopted, watched and stopped.</summary>
public sealed class HaproxyLifeTests : IDisposable
{
    private const int Kill = 9, Stop = 19;

    private readonly HaproxyBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Started_ItServes_OutlivesItsAgent_IsAdoptedByTheNext_AndStoppedWhole()
    {
        Assert.Equal(OperationOutcome.NotRunning, bench.Run(OperationKind.Probe).Outcome);

        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Start).Outcome);
        Assert.Equal("hello", bench.Request());
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Monitor).Outcome);
        var processes = bench.Processes;
        Assert.Equal(2, processes.Length);

        bench.RestartAgent();
        Assert.Equal("hello", bench.Request());
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Probe).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Start).Outcome);
        Assert.Equal(processes.AsEnumerable(), bench.Processes);

        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Stop).Outcome);
        Assert.Empty(bench.Processes);
        Assert.False(File.Exists(bench.Socket));
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Stop).Outcome);
        Assert.DoesNotContain(bench.Posted, static one => one is ResourceDisturbed);
    }

    [Fact]
    public void Killed_ItIsToldAtOnce_NotByTheNextLook()
    {
        bench.Parameters["check_interval"] = "60000";
        bench.Run(OperationKind.Start);

        foreach (var process in bench.Processes) bench.Signal(process, Kill);

        var told = bench.Await<ResourceDisturbed>(static one => one.Resource == HaproxyBench.Id, "its end is told");
        Assert.StartsWith("HAProxy has ended: its ", told.Detail, StringComparison.Ordinal);
        Wait.Until(() => bench.Run(OperationKind.Monitor).Outcome == OperationOutcome.NotRunning, "nothing is left", 50);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Stop).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Start).Outcome);
        Assert.Equal("hello", bench.Request());
    }

    [Fact]
    public void WorkerAloneKilled_IsToldAtOnce_AndAnotherStartLeavesOnlyOneHaproxy()
    {
        bench.Parameters["check_interval"] = "60000";
        bench.Run(OperationKind.Start);

        bench.Signal(bench.Status().Process!.Pid, Kill);

        bench.Await<ResourceDisturbed>(static one => one.Resource == HaproxyBench.Id, "its end is told");
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Start).Outcome);
        Wait.Until(() => bench.Processes.Length == 2, "one master, one worker", 50);
        Assert.Equal("hello", bench.Request());
    }

    [Fact]
    public void StandingStill_IsNoticed_AndEndedAtOnceWhenItIsStopped()
    {
        bench.Parameters["check_interval"] = "100";
        bench.Run(OperationKind.Start);
        var worker = bench.Status().Process!.Pid;

        bench.Signal(worker, Stop);

        var told = bench.Await<ResourceDisturbed>(static one => one.Resource == HaproxyBench.Id, "it is noticed");
        Assert.Equal($"HAProxy stands still: process {worker} is stopped (SIGSTOP).", told.Detail);
        var look = bench.Run(OperationKind.Monitor);
        Assert.Equal((OperationOutcome.Failed, $"process {worker} of HAProxy is stopped (SIGSTOP)."),
            (look.Outcome, look.Output));
        Assert.Contains("is stopped (SIGSTOP)", bench.Status().Problem, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Stop).Outcome);
        Assert.Empty(bench.Processes);
    }

    [Fact]
    public void RuntimeSocketGone_IsNoticed_AndItCanStillBeStopped()
    {
        bench.Parameters["check_interval"] = "100";
        bench.Run(OperationKind.Start);

        File.Delete(bench.Socket);

        var told = bench.Await<ResourceDisturbed>(static one => one.Resource == HaproxyBench.Id, "it is noticed");
        Assert.StartsWith($"the runtime socket {bench.Socket} does not answer", told.Detail, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, bench.Run(OperationKind.Monitor).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Stop).Outcome);
        Assert.Empty(bench.Processes);
    }

    [Fact]
    public void RequestThroughIt_DecidesToo()
    {
        bench.Parameters["check_url"] = "http://127.0.0.1:8080/bad";
        bench.Run(OperationKind.Start);

        var look = bench.Run(OperationKind.Monitor);

        Assert.Equal(OperationOutcome.Failed, look.Outcome);
        Assert.EndsWith("does not serve: http://127.0.0.1:8080/bad answers with 503.", look.Output,
            StringComparison.Ordinal);
        bench.Parameters["check_url"] = "http://127.0.0.1:8080/good";
        Assert.Equal(OperationOutcome.Succeeded, bench.Run(OperationKind.Monitor).Outcome);
        bench.Parameters["check_url"] = "http://127.0.0.1:8081/";
        Assert.Contains("http://127.0.0.1:8081/ does not answer: Connection refused",
            bench.Run(OperationKind.Monitor).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatSomebodyElseHasStarted_IsNamed_AndNotDoubled()
    {
        bench.Host.Execute("env", "/usr/sbin/haproxy", "-W", "-D", "-f", bench.Config, "-p", bench.File("stranger.pid"));
        Wait.Until(() => File.Exists(bench.File("stranger.pid"))
            && File.ReadAllText(bench.File("stranger.pid")).Length > 0, "it runs", 50);
        var stranger = int.Parse(File.ReadAllText(bench.File("stranger.pid")));
        try
        {
            var start = bench.Run(OperationKind.Start);

            Assert.Equal(OperationOutcome.Failed, start.Outcome);
            Assert.Contains($"runs with {bench.Config} as process {stranger}", start.Output, StringComparison.Ordinal);
            Assert.Empty(bench.Processes);
        }
        finally
        {
            bench.Signal(stranger, 15);
        }
    }

    [Fact]
    public void MissingProgramOrConfiguration_RulesTheNodeOut()
    {
        bench.Parameters["binary"] = "/usr/sbin/no-haproxy";
        var start = bench.Run(OperationKind.Start);
        Assert.Equal((OperationOutcome.NotInstalled,
            "/usr/sbin/no-haproxy is missing on this node: install HAProxy, or set the parameter binary."),
            (start.Outcome, start.Output));
        bench.Parameters.Clear();
        File.Delete(bench.Config);
        start = bench.Run(OperationKind.Start);
        Assert.Equal((OperationOutcome.NotInstalled,
            $"{bench.Config} is missing on this node: copy it there, or set the parameter config."),
            (start.Outcome, start.Output));
    }
}
