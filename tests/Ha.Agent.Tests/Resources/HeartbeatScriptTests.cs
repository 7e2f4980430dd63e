using System.Diagnostics;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class HeartbeatScriptTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Script_GetsItsArgumentsBeforeTheVerb_AndTheEnvironmentOfHeartbeat()
    {
        folder.Add("show", """echo "[$1][$2][$3] $HA_CURHOST $HA_NICEFAILBACK $OCF_ROOT $PWD $HA_RESOURCEDIR" """);
        var resource = ScriptFolder.Resource("show", "first", "sec ond; $(touch x)");

        var result = Run(resource, OperationKind.Start);

        Assert.Equal(OperationOutcome.Succeeded, result.Outcome);
        Assert.StartsWith(
            $"[first][sec ond; $(touch x)][start] s1 yes /usr/lib/ocf / {folder.Directory}/resource.d", result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Script_RunsWithOrdinaryPriority_DefaultSignals_NoOpenFiles_AndItsOwnGroup()
    {
        folder.Add("facts", """
            grep -E '^(SigBlk|SigIgn|SigCgt):' /proc/self/status
            ls /proc/self/fd | tr '\n' ' '
            readlink /proc/$$/fd/0
            chrt -p $$ | head -1
            cat /proc/$$/oom_score_adj
            [ "$(ps -o pgid= -p $$ | tr -d ' ')" = $$ ] && echo own group
            """);

        const string score = "/proc/self/oom_score_adj";
        var own = File.ReadAllText(score);
        File.WriteAllText(score, "50");
        var output = Run(ScriptFolder.Resource("facts"), OperationKind.Start).Output;
        File.WriteAllText(score, own);

        Assert.Contains("SigBlk:\t0000000000000000", output, StringComparison.Ordinal);
        Assert.Matches("SigIgn:\t0000000[01][08]0000000\n", output); // the C library's own signals 32 and 33 at most
        Assert.Contains("0 1 2 3 /dev/null", output, StringComparison.Ordinal);
        Assert.Contains("SCHED_OTHER", output, StringComparison.Ordinal);
        Assert.Contains("\n0\nown group", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HAProxy is running.", true)]
    [InlineData("INFO:  Running OK", true)]
    [InlineData("OK", true)]
    [InlineData("running", true)]
    [InlineData("haproxy is not running.", false)]
    [InlineData("NOT  running", false)]
    [InlineData("Not currently Running", false)]
    [InlineData("INFO:  Resource is stopped", false)]
    [InlineData("haproxy is stopped", false)]
    [InlineData("ok", false)]
    [InlineData("", false)]
    public void Status_IsDecidedByItsText(string text, bool running)
    {
        Assert.Equal(running, HeartbeatScript.SaysRunning(text));

        // The exit code says the opposite and does not count.
        folder.Add("daemon", $"echo '{text}'; exit {(running ? 3 : 0)}");
        Assert.Equal(
            running ? OperationOutcome.Succeeded : OperationOutcome.NotRunning,
            Run(ScriptFolder.Resource("daemon"), OperationKind.Probe).Outcome);
    }

    [Theory]
    [InlineData(OperationKind.Start, "start")]
    [InlineData(OperationKind.Stop, "stop")]
    [InlineData(OperationKind.Probe, "status")]
    public void HangingScript_IsKilledWithItsWholeGroup(OperationKind kind, string verb)
    {
        var pids = folder.File("pids");
        var resource = folder.Add("hang", $"echo before; sleep 600 & echo $! $$ > {pids}; wait");

        var start = Stopwatch.GetTimestamp();
        var (result, limit) = ScriptFolder.RunUntilItHangs(
            limit => Run(resource, kind, limit), _ => File.Exists(pids) && File.ReadAllText(pids).EndsWith('\n'));

        Assert.Equal(OperationOutcome.TimedOut, result.Outcome);
        Assert.Contains(
            $"hang {verb} did not end within {limit.TotalSeconds:0.###} s; all its processes were killed",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("before", result.Output, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(5), "the children were waited for");
        foreach (var pid in File.ReadAllText(pids).Split()[..2])
            Wait.Until(() => !IsAlive(pid), $"process {pid} of the group is gone");
    }

    [Theory]
    [InlineData("echo config bad >&2; exit 42", "exited with 42: config bad")]
    [InlineData("exit 255", "exited with 255.")]
    [InlineData("kill -SEGV $$", "was ended by signal 11.")]
    public void FailingStart_SaysHow(string body, string sentence)
    {
        var result = Run(folder.Add("bad", body), OperationKind.Start);

        Assert.Equal(OperationOutcome.Failed, result.Outcome);
        Assert.EndsWith(sentence, result.Output, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, Run(ScriptFolder.Resource("bad"), OperationKind.Stop).Outcome);
    }

    [Fact]
    public void OneGibibyteOfOutput_IsReadToItsEndAndCapped()
    {
        var resource = folder.Add(
            "loud", "echo first; head -c 1073741824 /dev/zero | tr '\\0' x; echo; echo last; exit 42");

        var result = Run(resource, OperationKind.Start, TimeSpan.FromMinutes(5));

        Assert.Equal(OperationOutcome.Failed, result.Outcome);
        Assert.Contains("exited with 42: first", result.Output, StringComparison.Ordinal);
        Assert.Contains("bytes left out]", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("last", result.Output, StringComparison.Ordinal);
        Assert.True(result.Output.Length < 2200);
    }

    [Fact]
    public void DaemonThatKeepsThePipe_DoesNotHoldTheOperation_AndLivesOn()
    {
        var pid = folder.File("pid");
        var resource = folder.Add("fork", $"sleep 300 & echo $! > {pid}; echo started");

        // Were the pipe waited for, the operation would end by its limit: the daemon sleeps longer.
        var result = Run(resource, OperationKind.Start);
        Assert.Equal(OperationOutcome.Succeeded, result.Outcome);
        Assert.StartsWith("started\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("nobody reads any more", result.Output, StringComparison.Ordinal);
        var daemon = File.ReadAllText(pid).Trim();
        Assert.True(IsAlive(daemon));
        Process.GetProcessById(int.Parse(daemon)).Kill();
    }

    [Theory]
    [InlineData(OperationKind.Start)]
    [InlineData(OperationKind.Stop)]
    [InlineData(OperationKind.Probe)]
    public void MissingScript_IsNotInstalled(OperationKind kind)
    {
        folder.Add("plain", "echo running", executable: false);
        foreach (var name in new[] { "absent", "plain", "../resource.d/plain", "" })
        {
            var result = Run(ScriptFolder.Resource(name), kind);
            Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
            Assert.StartsWith($"Cannot locate resource script {name}", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ScriptThatCannotBeExecuted_IsNotInstalled()
    {
        folder.AddRaw("headless", "echo no first line");
        folder.AddRaw("orphan", "#!/no/such/interpreter\n");
        foreach (var name in new[] { "headless", "orphan" })
        {
            var result = Run(ScriptFolder.Resource(name), OperationKind.Start);
            Assert.Equal(OperationOutcome.NotInstalled, result.Outcome);
            Assert.Contains("check its first line (#!)", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ResourceFolder_ComesBeforeInitScripts()
    {
        folder.Add("both", "echo resource.d");
        folder.Add("both", "echo init.d", folder: "init.d");
        folder.Add("initonly", "echo init.d", folder: "init.d");

        Assert.Equal("resource.d", Run(ScriptFolder.Resource("both"), OperationKind.Start).Output);
        Assert.Equal("init.d", Run(ScriptFolder.Resource("initonly"), OperationKind.Start).Output);
    }

    internal static bool IsAlive(string pid) =>
        File.Exists($"/proc/{pid}/stat")
        && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z", StringComparison.Ordinal);

    private OperationResult Run(ResourceDefinition resource, OperationKind kind, TimeSpan? limit = null) =>
        new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, kind, limit ?? Limit, 0, static _ => { }));
}
