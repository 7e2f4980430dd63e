using Ha.Agent.Interop;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>heartbeat:SCRIPT</c>: a program of resource.d or init.d, called as Heartbeat calls it
/// (<c>PATH ARGUMENTS… start|stop|status</c>, CONFIG.md 3.2 and 3.3).
/// </summary>
/// <param name="environment">Where scripts are and what they get.</param>
/// <param name="programs">Runs them.</param>
internal sealed class HeartbeatScript(ScriptEnvironment environment, ProgramRun programs) : IAgentClass
{
    /// <inheritdoc/>
    public OperationResult Run(AgentCall call)
    {
        if (Locate(environment, call.Resource.Type) is not { } path)
            return new(OperationOutcome.NotInstalled, Absent(environment, call.Resource.Type));
        var verb = ScriptVerb.Of(call.Kind);
        var end = programs.Run(call, path, [.. call.Resource.Arguments, verb], environment.Variables, verb);
        if (end.Failure is { } failure) return failure;
        if (call.Asks)
            return new(SaysRunning(end.Output) ? OperationOutcome.Succeeded : OperationOutcome.NotRunning, end.Output);
        return end.Code == 0 ? OperationResult.Succeeded(end.Output) : OperationResult.Failed(end.Sentence);
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

    /// <summary>What is wrong when a script is not there.</summary>
    public static string Absent(ScriptEnvironment environment, string name) =>
        $"Cannot locate resource script {name}: no executable file of that name in "
            + $"{string.Join(" or ", environment.ScriptDirectories)}.";

    /// <summary>The first executable file of that name in the script directories; null when there is none.</summary>
    public static string? Locate(ScriptEnvironment environment, string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal)) return null;
        return environment.ScriptDirectories
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(path => File.Exists(path) && Libc.Access(path, Libc.Executable) == 0);
    }
}
