using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Health;
using Ha.Core.Resources;

namespace Ha.Agent.Health;

/// <summary>Whether a program exits with 0; what it prints is the evidence.</summary>
/// <param name="environment">What it gets.</param>
/// <param name="programs">Runs it.</param>
internal sealed class ExecCheck(ScriptEnvironment environment, ProgramRun programs) : ICheckKind
{
    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var path = look.Parameter(CheckParameters.Path);
        if (ProgramFile.Refusal(path) is { } refusal) return CheckFinding.Bad(refusal.Output);
        var end = programs.Run(Call(look), path, look.Check.Arguments,
            [.. environment.Variables, $"HA_CHECK={look.Check.Id}"], "check");
        if (end.Failure is { } failure) return CheckFinding.Bad(failure.Output);
        return end.Code == 0 ? CheckFinding.Good(end.Output.Length > 0 ? end.Output : "exited with 0")
            : CheckFinding.Bad(ProgramEnd.WithOutput($"exited with {end.Code}", end.Output));
    }

    /// <summary>A look as programs are called.</summary>
    internal static AgentCall Call(CheckLook look) => new(
        new ResourceDefinition { Id = look.Check.Id, Class = "exec", Type = look.Check.Target },
        OperationKind.Monitor, look.Left, 0, look.Started);
}
