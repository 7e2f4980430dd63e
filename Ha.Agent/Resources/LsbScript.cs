using Ha.Agent.Interop;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary><c>lsb:SCRIPT</c>: an init.d script; its exit code decides, as the Linux Standard Base has it.</summary>
/// <param name="environment">Where scripts are and what they get.</param>
/// <param name="programs">Runs them.</param>
internal sealed class LsbScript(ScriptEnvironment environment, ProgramRun programs) : IAgentClass
{
    /// <inheritdoc/>
    public OperationResult Run(AgentCall call)
    {
        var name = call.Resource.Type;
        if (Locate(environment, name) is not { } path)
            return new(OperationOutcome.NotInstalled, Absent(environment, name));
        var verb = ScriptVerb.Of(call.Kind);
        var end = programs.Run(call, path, [.. call.Resource.Arguments, verb], environment.Variables, verb);
        if (end.Failure is { } failure) return failure;
        if (call.Asks) return JudgeStatus(end);
        // The codes of the other verbs are those that OCF took over: 2 to 7 mean the same.
        return OcfExitCode.Judge(call, end);
    }

    /// <summary>What is wrong when a script is not there.</summary>
    public static string Absent(ScriptEnvironment environment, string name) =>
        $"There is no executable init script {Path.Combine(environment.InitDirectory, name)}: "
            + $"install the service, or use systemd:{name}.";

    /// <summary>Path of a script; null when there is no executable file of that name.</summary>
    public static string? Locate(ScriptEnvironment environment, string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal)) return null;
        var path = Path.Combine(environment.InitDirectory, name);
        return File.Exists(path) && Libc.Access(path, Libc.Executable) == 0 ? path : null;
    }

    private static OperationResult JudgeStatus(ProgramEnd end) => end.Code switch
    {
        0 => OperationResult.Succeeded(end.Output),
        1 => new(OperationOutcome.NotRunning, Remark("it is dead and its pid file is left", end)),
        2 => new(OperationOutcome.NotRunning, Remark("it is dead and its lock file is left", end)),
        3 => new(OperationOutcome.NotRunning, end.Output),
        _ => OperationResult.Failed(end.Sentence),
    };

    private static string Remark(string remark, ProgramEnd end) =>
        ProgramEnd.WithOutput($"{end.Command} exited with {end.Code}: {remark}", end.Output);
}
