using Ha.Agent.Resources;
using Ha.Core.Configuration;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>A configuration directory with resource scripts written by a test.</summary>
internal sealed class ScriptFolder : IDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public ScriptFolder()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "resource.d"));
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "init.d"));
        var configuration = new HaCf { Nodes = ["s1", "s2"], Media = [], AutoFailback = AutoFailback.On };
        Environment = ScriptEnvironment.Create(Directory, "s1", configuration) with
        {
            ScriptDirectories = [Path.Combine(Directory, "resource.d"), Path.Combine(Directory, "init.d")],
            InitDirectory = Path.Combine(Directory, "init.d"),
            ResourceTemporaryDirectory = Path.Combine(Directory, "resource-agents"),
        };
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("hl-devices-").FullName;

    public ScriptEnvironment Environment { get; }

    public RunningScripts Running => new(Path.Combine(Directory, "running"));

    public ProgramRun Programs => new(Running, Groups);

    /// <summary>Null leaves only the environment to know a program's descendants by.</summary>
    public ControlGroup? Groups { get; init; } = ControlGroup.Open();

    /// <summary>Path of a file that scripts may write.</summary>
    public string File(string name) => Path.Combine(Directory, name);

    /// <summary>Writes a shell script.</summary>
    public ResourceDefinition Add(string name, string body, bool executable = true, string folder = "resource.d") =>
        AddRaw(name, "#!/bin/sh\n" + body + "\n", executable, folder);

    /// <summary>Writes a file as it is.</summary>
    public ResourceDefinition AddRaw(string name, string content, bool executable = true, string folder = "resource.d")
    {
        var path = Path.Combine(Directory, folder, name);
        System.IO.File.WriteAllText(path, content);
        System.IO.File.SetUnixFileMode(path, executable ? Readable | UnixFileMode.UserExecute : Readable);
        return Resource(name);
    }

    public static ResourceDefinition Resource(string name, params string[] arguments) =>
        new() { Id = name, Class = "heartbeat", Type = name, Arguments = [.. arguments] };

    /// <summary>
    /// Runs what hangs with a short limit; with a longer one when this busy machine did not get as far as the hanging
    /// within it.
    /// </summary>
    public static (OperationResult Result, TimeSpan Limit) RunUntilItHangs(
        Func<TimeSpan, OperationResult> run, Func<OperationResult, bool> hung)
    {
        for (var limit = TimeSpan.FromMilliseconds(300); ; limit *= 5)
        {
            var result = run(limit);
            if (hung(result) || limit > TimeSpan.FromSeconds(30)) return (result, limit);
        }
    }

    public void Dispose()
    {
        Groups?.Sweep();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
