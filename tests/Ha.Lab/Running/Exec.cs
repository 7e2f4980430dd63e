using System.Diagnostics;

namespace Ha.Lab.Running;

/// <summary><c>./run.sh exec s1 COMMAND…</c>: a command on a node of the running scenario, on this terminal.</summary>
internal static class Exec
{
    internal static int Run(string node, string[] command)
    {
        if (RunControl.RunningFolder is not { } folder)
        {
            Console.Error.WriteLine("the reference scenario does not run: start it with ./run.sh in another terminal");
            return 3;
        }
        var answer = RunControl.Exchange(folder, "pid " + node);
        if (!int.TryParse(answer, out var pid))
        {
            Console.Error.WriteLine(answer);
            return 4;
        }
        var start = new ProcessStartInfo("nsenter",
            ["-t", pid.ToString(), "-n", "-m", "-u", "-i", "-p", "--", .. command]) { UseShellExecute = false };
        foreach (var (name, value) in Command.CleanEnvironment())
        {
            start.Environment[name] = value;
        }
        Console.CancelKeyPress += (_, key) => key.Cancel = true; // Ctrl-C is for the command on the node
        using var process = Process.Start(start) ?? throw new InvalidOperationException("nsenter could not be started");
        process.WaitForExit();
        return process.ExitCode;
    }
}
