using System.Diagnostics;
using System.Globalization;
using Ha.Agent.Health;
using Ha.Agent.Interop;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Agent.Tests.Resources;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>Checks that look at this machine: processes, files, units, programs.</summary>
public sealed class LocalCheckTests : IDisposable
{
    private readonly ScriptFolder folder = new();
    private readonly List<Process> started = [];

    public void Dispose()
    {
        foreach (var process in started)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        folder.Dispose();
    }

    [Fact]
    public void Process_IsFoundByItsName_AlsoALongOne()
    {
        // The kernel keeps fifteen characters of it.
        var path = folder.File("a-sleeper-with-a-long-name");
        CopySleep(path);
        var check = new ProcessCheck();
        var name = ("name", "a-sleeper-with-a-long-name");
        Bad("no process a-sleeper-with-a-long-name runs", check.Look(At(CheckKind.Process, name)));

        var first = Start(path, "1000");
        WaitFor(() => check.Look(At(CheckKind.Process, name)).IsGood);
        Good("runs", check.Look(At(CheckKind.Process, name)));
        Bad("1 of 2 run", check.Look(At(CheckKind.Process, name, ("least", "2"))));
        Start(path, "1000");
        WaitFor(() => check.Look(At(CheckKind.Process, name, ("least", "2"))).IsGood);

        var file = folder.File("pid");
        File.WriteAllText(file, first.Id.ToString(CultureInfo.InvariantCulture) + "\n");
        Good($"process {first.Id} runs", check.Look(At(CheckKind.Process, ("pidFile", file))));
        first.Kill();
        first.WaitForExit();
        Bad($"process {first.Id} of {file} does not run", check.Look(At(CheckKind.Process, ("pidFile", file))));
    }

    [Fact]
    public void ZombiesDoNotRun()
    {
        var path = folder.File("hl-zombie");
        CopySleep(path);
        Start("/bin/sh", "-c", $"{path} 0 & exec sleep 1000");
        var check = new ProcessCheck();

        WaitFor(() => check.Look(At(CheckKind.Process, ("name", "hl-zombie"))).Text
            == "no process hl-zombie runs, 1 have ended and nobody collects them");
    }

    [Theory]
    [InlineData("", "holds no process number")]
    [InlineData("-1", "holds no process number")]
    [InlineData("99999999999999999999", "holds no process number")]
    [InlineData("4194305", "does not run")]
    public void PidFileThatHoldsNothingGood_IsBad(string content, string expected)
    {
        var file = folder.File("pid");
        File.WriteAllText(file, content);

        Bad(expected, Once(new ProcessCheck(), At(CheckKind.Process, ("pidFile", file))));
        File.Delete(file);
        Bad("Could not find file", Once(new ProcessCheck(), At(CheckKind.Process, ("pidFile", file))));
    }

    [Fact]
    public void File_IsThere_YoungEnough_AndContainsTheText()
    {
        var time = new SetTime { Now = DateTimeOffset.UtcNow };
        var check = new FileCheck(time);
        var path = folder.File("state");
        Bad($"{path} is not there", check.Look(At(CheckKind.File, ("path", path))));
        Good($"{path} is not there", check.Look(At(CheckKind.File, ("path", path), ("state", "absent"))));

        File.WriteAllText(path, "all is well\n");
        Good($"{path} is there", check.Look(At(CheckKind.File, ("path", path))));
        Bad($"{path} is there", check.Look(At(CheckKind.File, ("path", path), ("state", "absent"))));
        Good($"{path} contains the text", check.Look(At(CheckKind.File, ("path", path), ("contains", "well"))));
        Bad($"{path} does not contain 'ill'", check.Look(At(CheckKind.File, ("path", path), ("contains", "ill"))));
        Good($"{path} is there", check.Look(At(CheckKind.File, ("path", path), ("maxAge", "2min"))));
        time.Now += TimeSpan.FromMinutes(3);
        Bad("longer than 2min ago", check.Look(At(CheckKind.File, ("path", path), ("maxAge", "2min"))));
        Good($"{folder.Directory} is there", check.Look(At(CheckKind.File, ("path", folder.Directory))));
    }

    [Fact]
    public void FileThatHangs_IsBadInTime_AndTakesOneThreadOnly()
    {
        // A pipe that nobody writes: to open it waits, as a file system does whose server is gone.
        var path = folder.File("pipe");
        Start("/usr/bin/mkfifo", path).WaitForExit();
        var check = new FileCheck(TimeProvider.System);

        Bad("its file system hangs", check.Look(At(CheckKind.File, Short, ("path", path), ("contains", "x"))));
        Bad("its file system hangs", check.Look(At(CheckKind.File, Patience, ("path", path), ("contains", "x"))));
        File.WriteAllText(path, "x");
        WaitFor(() =>
        {
            File.Delete(path);
            File.WriteAllText(path, "x");
            return check.Look(At(CheckKind.File, ("path", path), ("contains", "x"))).IsGood;
        });
    }

    [Fact]
    public void Program_IsJudgedByItsExitCode_AndItsOutputIsTheEvidence()
    {
        folder.Add("good", "echo load 3 in $HA_CHECK $1");
        folder.Add("bad", "echo disk full >&2; exit 3");
        folder.Add("dies", "kill -9 $$");
        folder.Add("silent", "exit 0");

        Good("load 3 in tested now", Exec("good", ["now"]));
        Bad("exited with 3: disk full", Exec("bad"));
        Bad("was ended by signal 9", Exec("dies"));
        Good("exited with 0", Exec("silent"));
        Bad("There is no program", Exec("missing"));
        File.SetUnixFileMode(Script("good"), (UnixFileMode)0b111_111_111);
        Bad("is not run, because others than its owner may write it", Exec("good"));
    }

    [Fact]
    public void ProgramThatHangs_IsKilledWithAllItHasStarted()
    {
        folder.Add("hangs", $"sleep 1000 & echo $! > {folder.File("child")}; sleep 1000");

        Bad("did not end within 1 s; all its processes were killed", Exec("hangs", [], TimeSpan.FromSeconds(1)));
        // On a busy machine the second may be over before the program has begun.
        if (File.Exists(folder.File("child")) && File.ReadAllText(folder.File("child")) is { Length: > 1 } child)
            WaitFor(() => Libc.Kill(int.Parse(child, CultureInfo.InvariantCulture), 0) != 0
                || File.ReadAllText($"/proc/{child.Trim()}/stat").Contains(") Z", StringComparison.Ordinal));
    }

    [Fact]
    public void Unit_IsGoodWhenActive()
    {
        FakeSystemctl("active", "running", "success");
        var environment = folder.Environment with { Systemctl = Script("systemctl") };
        var check = new SystemdCheck(new SystemdUnit(environment, folder.Programs));

        Good("nginx.service is active (running).", check.Look(At(CheckKind.Systemd, ("unit", "nginx"))));
        FakeSystemctl("failed", "failed", "exit-code");
        Bad("nginx.service has failed (exit-code)", check.Look(At(CheckKind.Systemd, ("unit", "nginx"))));
    }

    private CheckFinding Exec(string name, string[]? arguments = null, TimeSpan? timeout = null)
    {
        var check = Check(CheckKind.Exec, timeout ?? Patience, ("path", Script(name))) with
        {
            Arguments = [.. arguments ?? []],
        };
        return new ExecCheck(folder.Environment, folder.Programs).Look(new CheckLook(check, static _ => { }));
    }

    private void FakeSystemctl(string active, string detail, string result) => folder.Add("systemctl",
        $"printf 'LoadState=loaded\\nActiveState={active}\\nSubState={detail}\\nResult={result}\\n'");

    private string Script(string name) => Path.Combine(folder.Directory, "resource.d", name);

    // Not by this process: what another test starts at this moment would hold the copy open, and it could not run.
    private void CopySleep(string path) => Start("/bin/cp", "/bin/sleep", path).WaitForExit();

    private Process Start(string program, params string[] arguments)
    {
        var process = Process.Start(program, arguments);
        started.Add(process);
        return process;
    }

    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static void WaitFor(Func<bool> condition) => Wait.Until(condition, "it comes true");
}
