using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>exec:PATH</c>: a program of one's own, called with the configured arguments and <c>start</c>, <c>stop</c> or
/// <c>monitor</c>; parameters and exit codes are those of OCF.
/// </summary>
/// <param name="environment">What every program gets.</param>
/// <param name="programs">Runs them.</param>
internal sealed class ExecProgram(ScriptEnvironment environment, ProgramRun programs) : IAgentClass
{
    /// <inheritdoc/>
    public OperationResult Run(AgentCall call)
    {
        var path = call.Resource.Type;
        if (ProgramFile.Refusal(path) is { } refusal) return refusal;
        var verb = ScriptVerb.Of(call.Kind, "monitor");
        var end = programs.Run(
            call, path, [.. call.Resource.Arguments, verb], OcfAgent.Variables(environment, call, verb), verb);
        return end.Failure ?? OcfExitCode.Judge(call, end);
    }
}
