using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Health;
using Ha.Core.Resources;

namespace Ha.Agent.Health;

/// <summary>Whether a systemd unit is active.</summary>
/// <param name="units">Asks systemd.</param>
internal sealed class SystemdCheck(SystemdUnit units) : ICheckKind
{
    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var unit = new ResourceDefinition
        {
            Id = look.Check.Id, Class = "systemd", Type = look.Parameter(CheckParameters.Unit),
        };
        var result = units.Run(new AgentCall(unit, OperationKind.Monitor, look.Left, 0, look.Started));
        return new CheckFinding(result.Outcome == OperationOutcome.Succeeded, result.Output);
    }
}
