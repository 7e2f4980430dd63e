using Ha.Agent.Interop;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>How the program of an operation ended.</summary>
/// <param name="Command">What was run, in short, for sentences.</param>
/// <param name="Failure">Why there is no exit code; null when there is one.</param>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Excerpt of what it printed.</param>
internal readonly record struct ProgramEnd(string Command, OperationResult? Failure, int Code, string Output)
{
    /// <summary><c>COMMAND exited with CODE: OUTPUT</c>.</summary>
    public string Sentence => WithOutput($"{Command} exited with {Code}", Output);

    /// <summary>A sentence with what the program said, if it said something.</summary>
    public static string WithOutput(string sentence, string output) =>
        output.Length == 0 ? $"{sentence}." : $"{sentence}: {output}";
}

/// <summary>
/// Runs the programs of operations: argument vector, given environment, own process group, capped output, killed whole
/// after the limit.
/// </summary>
/// <param name="running">Remembers what runs, for the life after this one; null where there is none.</param>
/// <param name="groups">Control groups; null when there are none here.</param>
internal sealed class ProgramRun(RunningScripts? running, ControlGroup? groups)
{
    /// <summary>Runs one program to its end.</summary>
    /// <param name="call">The operation.</param>
    /// <param name="path">Path of the program.</param>
    /// <param name="arguments">Arguments after its name.</param>
    /// <param name="environment">NAME=value entries; the whole environment.</param>
    /// <param name="verb">Word for what it does, for sentences.</param>
    /// <param name="excerpt">Takes its output; null: as much of it as an event holds.</param>
    public ProgramEnd Run(
        AgentCall call, string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string verb,
        OutputExcerpt? excerpt = null)
    {
        var command = $"{path} {verb}";
        // Of the environment the name only: the value may be a secret.
        var bad = WithNul(arguments)?.Replace("\0", "\\0", StringComparison.Ordinal)
            ?? WithNul(environment)?.Split('=')[0];
        if (bad is not null)
        {
            return call.Ran(new(command, new(OperationOutcome.NotConfigured,
                $"{path} was not run: '{bad}' holds a NUL character; correct the resource's parameters."), 0, ""));
        }

        using var scope = new OperationScope(groups);
        var errno = ChildProcess.Start(path, arguments, [.. environment, scope.Entry], out var child, scope, excerpt);
        if (child is null) return call.Ran(new(command, NotStarted(path, errno), 0, ""));

        using (child)
        {
            running?.Add(child.Id, command);
            call.Started(child);
            var exit = child.Wait(call.Left);
            running?.Remove(child.Id);
            return call.Ran(new(command, Failure(command, exit, call.Limit), exit.Code, Told(call, exit)));
        }
    }

    // A daemon that prints afterwards gets SIGPIPE or an error: it may die, or fail at each request, long after its start.
    private static string Told(AgentCall call, ChildExit exit)
    {
        if (call.Kind != OperationKind.Start || exit is not { HeldOpen: true, End: ChildEnd.Exited, Code: 0 })
            return exit.Output;
        const string note = "(What it left running still has this output open, which nobody reads any more: a daemon that "
            + "prints later may fail at that. Let the program redirect it, for example to a file.)";
        return exit.Output.Length == 0 ? note : $"{exit.Output}\n{note}";
    }

    private static string? WithNul(IReadOnlyList<string> texts) => texts.FirstOrDefault(static text => text.Contains('\0'));

    /// <summary>What lies in the program rules this node out; want of memory or processes passes.</summary>
    private static OperationResult NotStarted(string path, int errno) => errno switch
    {
        Errno.NotExecutable or Errno.NoEntry => new(OperationOutcome.NotInstalled,
            $"{path} cannot be executed: {Errno.Text(errno)}; check its first line (#!)."),
        Errno.AccessDenied => new(OperationOutcome.NotInstalled, $"{path} cannot be executed: {Errno.Text(errno)}."),
        _ => OperationResult.Failed($"{path} could not be started: {Errno.Text(errno)}."),
    };

    private static OperationResult? Failure(string command, ChildExit exit, TimeSpan limit) => exit.End switch
    {
        ChildEnd.Exited => null,
        ChildEnd.TimedOut => new(OperationOutcome.TimedOut, ProgramEnd.WithOutput(
            $"{command} did not end within {limit.TotalSeconds:0.###} s; all its processes were killed", exit.Output)),
        ChildEnd.Killed => OperationResult.Failed(
            ProgramEnd.WithOutput($"{command} was ended by signal {exit.Code}", exit.Output)),
        ChildEnd.Lost => OperationResult.Failed(
            ProgramEnd.WithOutput($"{command} ended, but its exit code is lost", exit.Output)),
    };
}
