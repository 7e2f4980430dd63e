using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Resources;

public sealed class RunningScriptsTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ScriptOfAKilledAgent_IsEndedByTheNextLife_ItsDaemonIsNot()
    {
        var (daemonFile, scriptFile) = (folder.File("daemon"), folder.File("script"));
        var resource = folder.Add("slow",
            $"setsid sleep 300 >/dev/null 2>&1 & echo $! > {daemonFile}; echo $$ > {scriptFile}; exec sleep 300");
        // The life that started it knows nothing more of it: only the files are left.
        var abandoned = Task.Run(() => new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, OperationKind.Start, TimeSpan.FromSeconds(60), 0, static _ => { })));
        Wait.Until(() => File.Exists(scriptFile) && File.ReadAllText(scriptFile).Length > 1, "the script runs");
        // Until setsid has run, what will be the daemon still belongs to the script's own group, and ends with it.
        Wait.Until(() => IsLeaderOfItsGroup(File.ReadAllText(daemonFile).Trim()), "the daemon stands alone");
        var note = Path.Combine(folder.Directory, "running", File.ReadAllText(scriptFile).Trim());
        Wait.Until(() => File.Exists(note), "the script is remembered");

        var ended = folder.Running.EndLeftOvers();

        Assert.EndsWith("slow start", Assert.Single(ended), StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, (await abandoned).Outcome);
        var daemon = File.ReadAllText(daemonFile).Trim();
        Assert.True(HeartbeatScriptTests.IsAlive(daemon));
        System.Diagnostics.Process.GetProcessById(int.Parse(daemon)).Kill();
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Directory, "running")));
    }

    /// <summary>Field 5 of its stat: the group; counted after the name, which may hold blanks itself.</summary>
    private static bool IsLeaderOfItsGroup(string process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2] == process;
    }

    [Fact]
    public void ProcessNumberUsedAgain_IsLeftAlone()
    {
        var running = Path.Combine(folder.Directory, "running");
        Directory.CreateDirectory(running);
        File.WriteAllText(Path.Combine(running, Environment.ProcessId.ToString()), "1\n/etc/init.d/other start\n");

        Assert.Empty(folder.Running.EndLeftOvers());
        Assert.Empty(Directory.GetFiles(running));
    }

    [Fact]
    public void ScriptThatEnded_IsForgotten()
    {
        var resource = folder.Add("quick", "exit 0");
        new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, OperationKind.Start, TimeSpan.FromSeconds(60), 0, static _ => { }));
        Assert.Empty(Directory.GetFiles(Path.Combine(folder.Directory, "running")));
    }

    [Fact]
    public void FullDisk_KeepsNoScriptFromRunning()
    {
        var resource = folder.Add("quick", "echo done");
        // Where the notes belong is a file: as on a full disk, nothing can be written there.
        File.WriteAllText(Path.Combine(folder.Directory, "running"), "");

        var result = new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, OperationKind.Stop, TimeSpan.FromSeconds(60), 0, static _ => { }));

        Assert.Equal(new OperationResult(OperationOutcome.Succeeded, "done"), result);
    }
}
