using System.Collections.Immutable;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class OcfAgentTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Agent_GetsTheWholeEnvironmentOfTheApi_AndNothingElse()
    {
        Write("show", "env | sort; echo \"args $*\"");
        var resource = Resource("show") with
        {
            Parameters = Parameters(("ip", "10.0.0.1"), ("options", "a=b; $(touch x) 'q'")),
            Monitors = [new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), 10)],
        };
        Environment.SetEnvironmentVariable("HA_TEST_OF_THE_AGENT_ITSELF", "secret");

        var lines = Run(resource, OperationKind.Monitor, depth: 10).Output.Split('\n');

        Assert.Contains("OCF_ROOT=" + Root, lines);
        Assert.Contains("OCF_RA_VERSION_MAJOR=1", lines);
        Assert.Contains("OCF_RA_VERSION_MINOR=1", lines);
        Assert.Contains("OCF_RESOURCE_INSTANCE=res", lines);
        Assert.Contains("OCF_RESOURCE_TYPE=show", lines);
        Assert.Contains("OCF_RESOURCE_PROVIDER=test", lines);
        Assert.Contains("OCF_RESKEY_ip=10.0.0.1", lines);
        Assert.Contains("OCF_RESKEY_options=a=b; $(touch x) 'q'", lines);
        Assert.Contains("OCF_RESKEY_CRM_meta_name=monitor", lines);
        Assert.Contains("OCF_RESKEY_CRM_meta_timeout=20000", lines);
        Assert.Contains("OCF_RESKEY_CRM_meta_interval=10000", lines);
        Assert.Contains("OCF_RESKEY_CRM_meta_on_node=s1", lines);
        Assert.Contains("OCF_CHECK_LEVEL=10", lines);
        Assert.Contains("HA_CURHOST=s1", lines);
        Assert.Contains($"HA_RSCTMP={folder.Directory}/resource-agents", lines);
        Assert.Contains("args monitor", lines);
        Assert.DoesNotContain("HA_LOGFILE=/dev/null", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("HA_TEST_OF", StringComparison.Ordinal));
        Assert.True(Directory.Exists(Path.Combine(folder.Directory, "resource-agents")));
    }

    [Fact]
    public void Probe_HasIntervalZero()
    {
        Write("show", "echo $OCF_RESKEY_CRM_meta_interval/$OCF_CHECK_LEVEL/$1");
        var resource = Resource("show") with { Monitors = [new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5))] };

        Assert.Equal("0/0/monitor", Run(resource, OperationKind.Probe).Output);
        Assert.Equal("10000/0/monitor", Run(resource, OperationKind.Monitor).Output);
        Assert.Equal("0//stop", Run(resource, OperationKind.Stop).Output);
    }

    [Theory]
    [InlineData(0, OperationKind.Start, OperationOutcome.Succeeded)]
    [InlineData(1, OperationKind.Start, OperationOutcome.Failed)]
    [InlineData(2, OperationKind.Start, OperationOutcome.InvalidParameters)]
    [InlineData(3, OperationKind.Start, OperationOutcome.NotImplemented)]
    [InlineData(4, OperationKind.Start, OperationOutcome.NotPermitted)]
    [InlineData(5, OperationKind.Start, OperationOutcome.NotInstalled)]
    [InlineData(6, OperationKind.Start, OperationOutcome.NotConfigured)]
    [InlineData(7, OperationKind.Start, OperationOutcome.Failed)]
    [InlineData(7, OperationKind.Probe, OperationOutcome.NotRunning)]
    [InlineData(7, OperationKind.Monitor, OperationOutcome.NotRunning)]
    [InlineData(7, OperationKind.Stop, OperationOutcome.Succeeded)]
    [InlineData(8, OperationKind.Monitor, OperationOutcome.Succeeded)]
    [InlineData(8, OperationKind.Start, OperationOutcome.Failed)]
    [InlineData(9, OperationKind.Monitor, OperationOutcome.Failed)]
    [InlineData(42, OperationKind.Stop, OperationOutcome.Failed)]
    [InlineData(190, OperationKind.Monitor, OperationOutcome.Succeeded)]
    [InlineData(191, OperationKind.Monitor, OperationOutcome.Succeeded)]
    [InlineData(255, OperationKind.Monitor, OperationOutcome.Failed)]
    public void ExitCode_HasTheMeaningOfTheApi(int code, OperationKind kind, OperationOutcome outcome)
    {
        Write("exits", $"echo noise; echo 'ocf-exit-reason:no such\ndevice' >&2; exit {code}");

        var result = Run(Resource("exits"), kind);

        Assert.Equal(outcome, result.Outcome);
        if (code == 0) return;
        if (outcome == OperationOutcome.NotRunning) Assert.Equal("no such", result.Output);
        else Assert.Matches($@"exits (start|stop|monitor) exited with {code} \([^)]+\): no such$", result.Output);
    }

    [Fact]
    public void DegradedService_RunsWithARemark()
    {
        Write("tired", "exit 190");

        Assert.Contains("degraded", Run(Resource("tired"), OperationKind.Monitor).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OperationKind.Probe)]
    [InlineData(OperationKind.Start)]
    [InlineData(OperationKind.Stop)]
    public void UnknownAgent_IsNotInstalled_AndTheAdviceNamesWhatIsThere(OperationKind kind)
    {
        Write("Filesystem", "exit 0");

        var wrongCase = Run(Resource("filesystem"), kind);
        var absent = Run(Resource("zfs"), kind);
        var odd = Run(Resource("../../../bin/true"), kind);

        Assert.All([wrongCase, absent, odd], result => Assert.Equal(OperationOutcome.NotInstalled, result.Outcome));
        Assert.EndsWith("did you mean ocf:test:Filesystem?", wrongCase.Output, StringComparison.Ordinal);
        Assert.Contains("install the package that brings it (Debian: resource-agents)", absent.Output,
            StringComparison.Ordinal);
        Assert.Contains("names no agent", odd.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AgentThatIsNotExecutable_IsNotInstalled_AndTheAdviceIsChmod()
    {
        Write("plain", "exit 0", executable: false);

        var result = Run(Resource("plain"), OperationKind.Start);

        Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
        Assert.Contains("chmod 755", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void StartThatSaysDoneButIsNot_IsFoundByTheFirstMonitor()
    {
        Write("liar", "[ $1 = monitor ] && exit 7; exit 0");

        Assert.Equal(OperationOutcome.Succeeded, Run(Resource("liar"), OperationKind.Start).Outcome);
        Assert.Equal(OperationOutcome.NotRunning, Run(Resource("liar"), OperationKind.Monitor).Outcome);
    }

    [Theory]
    [InlineData(OperationKind.Probe, "monitor")]
    [InlineData(OperationKind.Start, "start")]
    [InlineData(OperationKind.Stop, "stop")]
    [InlineData(OperationKind.Monitor, "monitor")]
    public void HangingAgent_TimesOut_WhateverItWasAsked(OperationKind kind, string verb)
    {
        Write("hang", "echo before; exec sleep 600");

        var (result, limit) = ScriptFolder.RunUntilItHangs(limit => Run(Resource("hang"), kind, limit: limit),
            static result => result.Output.EndsWith("before", StringComparison.Ordinal));

        Assert.Equal(OperationOutcome.TimedOut, result.Outcome);
        Assert.EndsWith(
            $"hang {verb} did not end within {limit.TotalSeconds:0.###} s; all its processes were killed: before",
            result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AgentThatDies_IsMissingAnInterpreter_OrSaysNothing_IsNeverTakenForRunning()
    {
        Write("dies", "kill -SEGV $$");
        Write("silent", "exit 200");
        folder.AddRaw("orphan", "#!/no/such/interpreter\n", folder: "ocf/resource.d/test");

        Assert.Equal(OperationOutcome.Failed, Run(Resource("dies"), OperationKind.Monitor).Outcome);
        Assert.Equal(OperationOutcome.Failed, Run(Resource("silent"), OperationKind.Monitor).Outcome);
        Assert.Equal(OperationOutcome.NotInstalled, Run(Resource("orphan"), OperationKind.Monitor).Outcome);
    }

    private string Root => Path.Combine(folder.Directory, "ocf");

    private static ResourceDefinition Resource(string type) =>
        new() { Id = "res", Class = "ocf", Provider = "test", Type = type };

    private static ImmutableSortedDictionary<string, string> Parameters(params (string Name, string Value)[] all) =>
        all.ToImmutableSortedDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal);

    private void Write(string name, string body, bool executable = true)
    {
        Directory.CreateDirectory(Path.Combine(Root, "resource.d/test"));
        folder.AddRaw(name, "#!/bin/sh\n" + body + "\n", executable, "ocf/resource.d/test");
    }

    private OperationResult Run(
        ResourceDefinition resource, OperationKind kind, int depth = 0, TimeSpan? limit = null) =>
        new OcfAgent(folder.Environment with { OcfRoot = Root }, folder.Programs)
            .Run(new AgentCall(resource, kind, limit ?? TimeSpan.FromSeconds(20), depth, static _ => { }));
}
