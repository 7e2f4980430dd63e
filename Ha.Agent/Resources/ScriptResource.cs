using Ha.Agent.Interop;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>heartbeat:SCRIPT</c>: a program of resource.d or init.d, called as Heartbeat calls it
/// (<c>PATH ARGUMENTS… start|stop|status</c>, CONFIG.md 3.2 and 3.3). Waits for its end: not for the loop thread.
/// </summary>
/// <param name="environment">Where scripts are and what they get.</param>
/// <param name="running">Remembers what runs, for the life after this one.</param>
internal sealed class ScriptResource(ScriptEnvironment environment, RunningScripts running)
{
    /// <summary>Carries out one operation.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="kind">What to do.</param>
    /// <param name="limit">After this its process group is killed.</param>
    /// <param name="started">Called with the running program, so that it can be killed from elsewhere.</param>
    public OperationResult Run(
        ResourceDefinition resource, OperationKind kind, TimeSpan limit, Action<ChildProcess> started)
    {
        if (kind == OperationKind.Announce) return OperationResult.Succeeded();
        if (Locate(resource.Type) is not { } path)
        {
            return new(OperationOutcome.NotInstalled, $"Cannot locate resource script {resource.Type}: no executable "
                + $"file of that name in {string.Join(" or ", environment.ScriptDirectories)}.");
        }

        var verb = Verb(kind);
        var errno = ChildProcess.Start(path, [.. resource.Arguments, verb], environment.Variables, out var child);
        if (child is null)
        {
            var advice = errno is Errno.NotExecutable or Errno.NoEntry ? "; check its first line (#!)" : "";
            return new(OperationOutcome.NotInstalled, $"{path} cannot be executed: {Errno.Text(errno)}{advice}.");
        }

        using (child)
        {
            var command = $"{path} {verb}";
            running.Add(child.Id, command);
            started(child);
            var exit = child.Wait(limit);
            running.Remove(child.Id);
            return Judge(kind, command, exit, limit);
        }
    }

    /// <summary>
    /// Heartbeat's rule for the output of <c>status</c> (its shell patterns <c>*[Nn][Oo][Tt]\ *[Rr]unning*</c>, then
    /// <c>*[Rr]unning*|*OK*</c>); the exit code does not count.
    /// </summary>
    public static bool SaysRunning(string output)
    {
        const string no = "not ";
        var negation = output.IndexOf(no, StringComparison.OrdinalIgnoreCase);
        if (negation >= 0 && NamesRunning(output.AsSpan(negation + no.Length))) return false;
        return NamesRunning(output) || output.Contains("OK", StringComparison.Ordinal);
    }

    private static bool NamesRunning(ReadOnlySpan<char> text) =>
        text.Contains("running", StringComparison.Ordinal) || text.Contains("Running", StringComparison.Ordinal);

    /// <summary>The first executable file of that name in the script directories; null when there is none.</summary>
    private string? Locate(string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal)) return null;
        return environment.ScriptDirectories
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(path => File.Exists(path) && Libc.Access(path, Libc.Executable) == 0);
    }

    private static string Verb(OperationKind kind) => kind switch
    {
        OperationKind.Probe or OperationKind.Monitor => "status",
        OperationKind.Start => "start",
        OperationKind.Stop => "stop",
        OperationKind.Announce => throw new ArgumentOutOfRangeException(nameof(kind), "a script announces nothing"),
    };

    private static OperationResult Judge(OperationKind kind, string command, ChildExit exit, TimeSpan limit)
    {
        switch (exit.End)
        {
            case ChildEnd.TimedOut:
                return new(OperationOutcome.TimedOut, WithOutput(
                    $"{command} did not end within {limit.TotalSeconds:0.###} s; its process group was killed", exit));
            case ChildEnd.Killed:
                return OperationResult.Failed(WithOutput($"{command} was ended by signal {exit.Code}", exit));
            case ChildEnd.Lost:
                return OperationResult.Failed(WithOutput($"{command} ended, but its exit code is lost", exit));
            case ChildEnd.Exited when kind is OperationKind.Probe or OperationKind.Monitor:
                return new(
                    SaysRunning(exit.Output) ? OperationOutcome.Succeeded : OperationOutcome.NotRunning, exit.Output);
            case ChildEnd.Exited:
                return exit.Code == 0
                    ? OperationResult.Succeeded(exit.Output)
                    : OperationResult.Failed(WithOutput($"{command} exited with {exit.Code}", exit));
        }

        throw new System.Diagnostics.UnreachableException($"{exit.End} is no end of a program");
    }

    private static string WithOutput(string sentence, ChildExit exit) =>
        exit.Output.Length == 0 ? $"{sentence}." : $"{sentence}: {exit.Output}";
}
