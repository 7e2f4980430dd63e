using System.Diagnostics;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>What programs of all classes may do to this agent, and what not.</summary>
public sealed class AgentProgramsTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HangingStart_TakesWhatLeftItsGroupAndSessionWithIt(bool controlGroups)
    {
        using var own = new ScriptFolder { Groups = controlGroups ? ControlGroup.Open() : null };
        if (controlGroups) Assert.NotNull(own.Groups);
        var pids = own.File("pids");
        // Twice forked in a session of its own: its parent is init, its group and session are new.
        var resource = own.Add("escape",
            $"(setsid sh -c 'echo $$ >> {pids}; exec sleep 600' >/dev/null 2>&1 &)\necho $$ >> {pids}\nexec sleep 600");

        var (result, _) = ScriptFolder.RunUntilItHangs(
            limit => Run(own, resource, limit), _ => File.Exists(pids) && File.ReadAllLines(pids).Length >= 2);

        Assert.Equal(OperationOutcome.TimedOut, result.Outcome);
        var started = File.ReadAllLines(pids);
        Assert.True(started.Length >= 2, "the script and what left its group");
        foreach (var pid in started) Wait.Until(() => !HeartbeatScriptTests.IsAlive(pid), $"process {pid} is gone");
    }

    [Fact]
    public void EscapeeWithACleanEnvironment_IsKilledByItsControlGroup()
    {
        var pids = folder.File("pids");
        var resource = folder.Add("escape", "until grep -q ha-operation /proc/self/cgroup; do :; done\n"
            + $"(env -i setsid sh -c 'echo $$ >> {pids}; exec sleep 600' >/dev/null 2>&1 &)\nexec sleep 600");

        var (result, _) = ScriptFolder.RunUntilItHangs(limit => Run(folder, resource, limit), _ => File.Exists(pids));

        Assert.Equal(OperationOutcome.TimedOut, result.Outcome);
        foreach (var escaped in File.ReadAllLines(pids))
            Wait.Until(() => !HeartbeatScriptTests.IsAlive(escaped), $"process {escaped} is gone");
    }

    [Fact]
    public void HangingMonitor_LeavesTheDaemonOfAnEarlierStartAlone()
    {
        var pid = folder.File("pid");
        var resource = folder.Add("service", $"""
            case $1 in
            start) (setsid sleep 300 >/dev/null 2>&1 & echo $! > {pid}) ;;
            status) exec sleep 600 ;;
            esac
            """);
        Assert.Equal(OperationOutcome.Succeeded, Run(folder, resource, TimeSpan.FromSeconds(20)).Outcome);

        Assert.Equal(OperationOutcome.TimedOut,
            Run(folder, resource, TimeSpan.FromMilliseconds(300), OperationKind.Monitor).Outcome);

        var daemon = File.ReadAllText(pid).Trim();
        Assert.True(HeartbeatScriptTests.IsAlive(daemon));
        Process.GetProcessById(int.Parse(daemon)).Kill();
    }

    [Fact]
    public void OneHundredOperations_LeaveNoControlGroupAndNoDescriptorBehind()
    {
        var groups = ControlGroup.Open();
        var programs = new ProgramRun(folder.Running, groups);
        var script = new HeartbeatScript(folder.Environment, programs);
        var resource = folder.Add("quick", "exit 0");
        var trial = groups!.Create()!;
        var parent = Path.GetDirectoryName(trial)!;
        groups.Remove(trial);
        OnePass(script, resource);
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;

        for (var i = 0; i < 100; i++) OnePass(script, resource);

        // Other tests open files meanwhile, and close them again; a leak would be a hundred and more for ever.
        Wait.Until(
            () => Directory.GetFileSystemEntries("/proc/self/fd").Length < descriptors + 50, "descriptors are closed");
        Assert.False(Directory.Exists(trial));
        Wait.Until(
            () => Directory.GetDirectories(parent, $"ha-operation-{Environment.ProcessId}-*").Length < 30,
            "the groups are gone");
    }

    [Fact]
    public void ProgramThatIsBeingWritten_IsRunWhenItIsWritten()
    {
        var resource = folder.Add("upgraded", "echo new");
        using var writer = new FileStream(
            folder.File("resource.d/upgraded"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        // A thread of its own: the pool may be full of other tests.
        var closing = new Thread(() =>
        {
            Thread.Sleep(100);
            writer.Dispose();
        });
        closing.Start();

        Assert.Equal(
            new OperationResult(OperationOutcome.Succeeded, "new"), Run(folder, resource, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void ParameterWithANul_IsRefusedBeforeAnythingRuns()
    {
        var resource = folder.Add("quick", $"touch {folder.File("ran")}") with { Arguments = ["a\0b"] };

        var result = Run(folder, resource, TimeSpan.FromSeconds(20));

        Assert.Equal(OperationOutcome.NotConfigured, result.Outcome);
        Assert.Contains(@"'a\0b' holds a NUL character", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("ran")));
    }

    private static void OnePass(HeartbeatScript script, ResourceDefinition resource)
    {
        var call = new AgentCall(resource, OperationKind.Start, TimeSpan.FromSeconds(20), 0, static _ => { });
        Assert.Equal(OperationOutcome.Succeeded, script.Run(call).Outcome);
    }

    private static OperationResult Run(
        ScriptFolder folder, ResourceDefinition resource, TimeSpan limit, OperationKind kind = OperationKind.Start) =>
        new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, kind, limit, 0, static _ => { }));
}
