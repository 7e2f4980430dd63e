using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Resources;

public sealed class RunningScriptsTests : IDisposable
{
    private readonly ScriptFolder folder = new();

    private string NotesFile => Path.Combine(folder.Directory, "running");

    private IEnumerable<string> Notes => !File.Exists(NotesFile) ? []
        : File.ReadAllLines(NotesFile).Select(static line => line.TrimEnd()).Where(static line => line.Length > 0);

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
        var note = File.ReadAllText(scriptFile).Trim() + " ";
        Wait.Until(() => Notes.Any(line => line.StartsWith(note, StringComparison.Ordinal)), "it is remembered");

        var ended = folder.Running.EndLeftOvers();

        Assert.EndsWith("slow start", Assert.Single(ended), StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, (await abandoned).Outcome);
        var daemon = File.ReadAllText(daemonFile).Trim();
        Assert.True(HeartbeatScriptTests.IsAlive(daemon));
        System.Diagnostics.Process.GetProcessById(int.Parse(daemon)).Kill();
        Assert.Empty(Notes);
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
        File.WriteAllText(NotesFile, $"{Environment.ProcessId} 1 /etc/init.d/other start\n");

        Assert.Empty(folder.Running.EndLeftOvers());
        Assert.Empty(Notes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no note at all\n\0\0\0")]
    [InlineData("1 1 init\n0 0 nobody\n-1 5 everybody\n99999999999 1 large\n")]
    public void WhatIsNoNote_IsPassedOver(string content)
    {
        File.WriteAllText(NotesFile, content);

        Assert.Empty(folder.Running.EndLeftOvers());
    }

    [Fact]
    public void ScriptsThatEnded_AreForgotten_TheirPlacesAreUsedAgain()
    {
        folder.Add("quick", "exit 0");
        var script = new HeartbeatScript(folder.Environment, folder.Programs);
        for (var i = 0; i < 3; i++)
        {
            script.Run(new AgentCall(ScriptFolder.Resource("quick"), OperationKind.Start, TimeSpan.FromMinutes(1), 0,
                static _ => { }));
        }

        Assert.Empty(Notes);
        Assert.Equal(RunningScripts.LineBytes, new FileInfo(NotesFile).Length);
    }

    [Fact]
    public void LongCommands_AreCut_AndEachScriptHasItsOwnLine()
    {
        using var running = folder.Running;
        running.Add(Environment.ProcessId, new string('x', 1000));
        running.Add(1, "init start");

        Assert.Equal(2, Notes.Count());
        Assert.Equal(2 * RunningScripts.LineBytes, new FileInfo(NotesFile).Length);
        running.Remove(Environment.ProcessId);
        Assert.EndsWith(" init start", Assert.Single(Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void FullDisk_KeepsNoScriptFromRunning()
    {
        var resource = folder.Add("quick", "echo done");
        // Where the notes belong is a directory: as on a full disk, nothing can be written there.
        Directory.CreateDirectory(NotesFile);

        var result = new HeartbeatScript(folder.Environment, folder.Programs)
            .Run(new AgentCall(resource, OperationKind.Stop, TimeSpan.FromSeconds(60), 0, static _ => { }));

        Assert.Equal(new OperationResult(OperationOutcome.Succeeded, "done"), result);
    }
}
