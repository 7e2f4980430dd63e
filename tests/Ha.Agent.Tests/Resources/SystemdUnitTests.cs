using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class SystemdUnitTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("loaded", "active", "running", OperationOutcome.Succeeded, "is active (running)")]
    [InlineData("loaded", "reloading", "reload", OperationOutcome.Succeeded, "is reloading")]
    [InlineData("not-found", "active", "running", OperationOutcome.Succeeded, "is active")]
    [InlineData("loaded", "inactive", "dead", OperationOutcome.NotRunning, "is inactive (dead)")]
    [InlineData("loaded", "failed", "failed", OperationOutcome.NotRunning, "has failed (exit-code): journalctl -u web")]
    [InlineData("loaded", "activating", "start", OperationOutcome.Failed, "is activating (start)")]
    [InlineData("loaded", "deactivating", "stop", OperationOutcome.Failed, "is deactivating (stop)")]
    [InlineData("not-found", "inactive", "dead", OperationOutcome.NotInstalled, "There is no unit web.service")]
    [InlineData("masked", "inactive", "dead", OperationOutcome.NotInstalled, "systemctl unmask web.service")]
    [InlineData("bad-setting", "inactive", "dead", OperationOutcome.NotInstalled, "systemd-analyze verify web.service")]
    public void State_DecidesWhetherItRuns(
        string load, string active, string detail, OperationOutcome outcome, string sentence)
    {
        FakeSystemctl($"printf 'LoadState={load}\\nActiveState={active}\\nSubState={detail}\\nResult=exit-code\\n'");

        var result = Run("web", OperationKind.Monitor);

        Assert.Equal(outcome, result.Outcome);
        Assert.Contains(sentence, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--root=/x")]
    [InlineData("../web")]
    public void WordThatIsNoUnit_IsRefused(string name)
    {
        FakeSystemctl("echo called");

        Assert.Equal(OperationOutcome.NotConfigured, Run(name, OperationKind.Start).Outcome);
    }

    [Fact]
    public void HostWithoutSystemd_SaysSo()
    {
        var environment = folder.Environment with
        {
            Systemctl = "/no/such/systemctl", UnitDirectory = folder.File("u"),
        };
        var result = Run("web", OperationKind.Probe, environment: environment);

        Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
        Assert.Contains("/no/such/systemctl cannot be executed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AllProgramsOfOneOperation_ShareItsLimit()
    {
        FakeSystemctl("exec sleep 600");
        var start = System.Diagnostics.Stopwatch.GetTimestamp();

        Assert.Equal(OperationOutcome.TimedOut,
            Run("web", OperationKind.Start, TimeSpan.FromMilliseconds(300)).Outcome);

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60));
        // Settings that systemd has not read must be written again by the next start.
        Assert.Empty(Directory.GetFiles(folder.File("units"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void UnitsOfARealSystemd_AreStartedWatchedAndStopped()
    {
        using var host = new SystemdHost();
        host.AddUnit("good.service", "[Service]\nExecStart=/bin/sleep 1000\n");
        host.AddUnit("bad.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n");
        host.AddUnit("slow.service", "[Service]\nType=notify\nExecStart=/bin/sleep 1000\n");
        host.AddUnit("brief.service", "[Service]\nExecStart=/bin/true\n");
        var environment = folder.Environment with { Systemctl = host.Systemctl, UnitDirectory = host.UnitDirectory };
        OperationOutcome Do(string unit, OperationKind kind, double seconds = 120) =>
            Run(unit, kind, TimeSpan.FromSeconds(seconds), environment).Outcome;

        Assert.Equal(OperationOutcome.NotRunning, Do("good", OperationKind.Probe));
        Assert.Equal(OperationOutcome.Succeeded, Do("good", OperationKind.Start));
        Assert.Equal(OperationOutcome.Succeeded, Do("good", OperationKind.Monitor));
        // The agent leaves the cluster before systemd stops the unit at the host's shutdown.
        Assert.Contains("ha-agent.service", host.Run("show", "--property=Before", "good.service"),
            StringComparison.Ordinal);
        Assert.Equal("Restart=no", host.Run("show", "--property=Restart", "good.service"));
        host.Run("kill", "--signal=KILL", "good.service");
        Wait.Until(() => Do("good", OperationKind.Monitor) == OperationOutcome.NotRunning, "its end is seen");
        Assert.Equal(OperationOutcome.Succeeded, Do("good", OperationKind.Start));
        Assert.Equal(OperationOutcome.Succeeded, Do("good", OperationKind.Stop));
        Assert.Equal(OperationOutcome.NotRunning, Do("good", OperationKind.Monitor));

        var bad = Run("bad", OperationKind.Start, TimeSpan.FromSeconds(120), environment);
        Assert.Equal(OperationOutcome.Failed, bad.Outcome);
        Assert.Contains("look at: journalctl -u bad.service", bad.Output, StringComparison.Ordinal);

        // The job is awaited: a unit that never says that it is ready does not count as started.
        // On a busy machine a second may end before systemd has even begun.
        foreach (var seconds in new[] { 1, 10, 60 })
        {
            Assert.Equal(OperationOutcome.TimedOut, Do("slow", OperationKind.Start, seconds));
            if (Do("slow", OperationKind.Monitor) == OperationOutcome.Failed) break;
        }

        Assert.Equal(OperationOutcome.Failed, Do("slow", OperationKind.Monitor));
        Assert.Equal(OperationOutcome.Succeeded, Do("slow", OperationKind.Stop));
        Assert.Equal(OperationOutcome.NotRunning, Do("slow", OperationKind.Probe));

        // A start that says done for what is not running: the first monitor decides.
        Assert.Equal(OperationOutcome.Succeeded, Do("brief", OperationKind.Start));
        Wait.Until(() => Do("brief", OperationKind.Monitor) == OperationOutcome.NotRunning, "it does not run");

        Assert.Equal(OperationOutcome.NotInstalled, Do("absent", OperationKind.Start));
        Assert.Equal(OperationOutcome.NotInstalled, Do("absent", OperationKind.Probe));
        Assert.Equal(OperationOutcome.Succeeded, Do("absent", OperationKind.Stop));
    }

    private void FakeSystemctl(string body) => folder.AddRaw("systemctl", "#!/bin/sh\n" + body + "\n", folder: ".");

    private OperationResult Run(
        string unit, OperationKind kind, TimeSpan? limit = null, ScriptEnvironment? environment = null) =>
        new SystemdUnit(
            environment ?? folder.Environment with
            {
                Systemctl = folder.File("systemctl"),
                UnitDirectory = Directory.CreateDirectory(folder.File("units")).FullName,
            },
            folder.Programs)
            .Run(new AgentCall(
                new ResourceDefinition { Id = "res", Class = "systemd", Type = unit }, kind,
                limit ?? TimeSpan.FromSeconds(60), 0, static _ => { }));
}
