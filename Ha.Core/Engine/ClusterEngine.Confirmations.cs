using Ha.Core.Contracts;

namespace Ha.Core.Engine;

/// <summary>
/// An operator confirms that a lost node is off (S14): in place of a fence device that cannot be asked. It names node and
/// life, is recorded with who said it, and is void once that life is heard.
/// </summary>
public sealed partial class ClusterEngine
{
    private CommandRejection? RefuseConfirmation(OperatorCommand command)
    {
        if (!FencingEnabled)
        {
            return new(RejectionCode.WrongBelief, "nodes are not fenced in this cluster: "
                + "nothing waits for anybody to confirm that one is off");
        }

        return fencer.WhyNotAcknowledged(command.Node!, command.Generation!.Value) is { } why
            ? new(RejectionCode.WrongBelief, $"{why}; look again, and confirm only what you have seen") : null;
    }

    // On the coordinator; the others learn it from the record in its report.
    private void Confirm(string id, OperatorCommand command)
    {
        if (fencer.Acknowledge(command.Node!, command.Generation!.Value, command.Actor, now) is { } why)
            End(id, OperationState.Failed, why);
        coordinationDue = true;
    }
}
