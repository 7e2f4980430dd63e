using System.Diagnostics;
using System.Text;

namespace Ha.Lab;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Exit code; 128 + signal when a signal ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs programs by argument vector, in a clean environment.</summary>
public static class Command
{
    /// <summary>How long a program may run when nothing else is said.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(120);

    /// <summary>Runs a program to its end; a non-zero exit is an error.</summary>
    public static string Run(IReadOnlyList<string> arguments, string? input = null)
    {
        var result = Try(arguments, input);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException(
                $"{string.Join(' ', arguments)}: exit code {result.ExitCode}: {result.Error} {result.Output}".Trim());
    }

    /// <summary>Runs a program to its end, however it ends. Killed when it takes longer than the limit.</summary>
    /// <exception cref="TimeoutException">It took longer than the limit.</exception>
    public static CommandResult Try(IReadOnlyList<string> arguments, string? input = null, TimeSpan? limit = null)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }
        process.StandardInput.Close();
        if (!process.WaitForExit(limit ?? DefaultLimit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', arguments)}: still running after {limit ?? DefaultLimit}");
        }
        // A daemon left behind may hold the pipes open: what has come by now is the answer.
        Task.WaitAll([output, error], TimeSpan.FromSeconds(5));
        return new CommandResult(process.ExitCode,
            output.IsCompletedSuccessfully ? output.Result : "", error.IsCompletedSuccessfully ? error.Result : "");
    }

    /// <summary>Starts a program with its three streams redirected.</summary>
    public static Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(arguments[0], arguments.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment())
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException($"{arguments[0]} could not be started");
    }

    /// <summary>The environment of everything that the lab starts.</summary>
    public static IEnumerable<KeyValuePair<string, string>> CleanEnvironment()
    {
        yield return new("PATH", "/run/lab/ha-agent:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        yield return new("HOME", "/root");
        yield return new("LANG", "C.UTF-8");
        yield return new("DOTNET_ROOT", DotnetRoot);
        yield return new("DOTNET_NOLOGO", "1");
        yield return new("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
    }

    /// <summary>Folder of the running .NET.</summary>
    public static string DotnetRoot { get; } = Path.GetFullPath(
        Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>Command line that runs this very program with other arguments, in whatever namespace.</summary>
    public static string[] Self(params string[] arguments) =>
        [Path.Combine(DotnetRoot, "dotnet"), typeof(Command).Assembly.Location, .. arguments];
}
