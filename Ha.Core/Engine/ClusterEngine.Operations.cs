using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// What became of operators' commands: the coordinator follows each, step by step, until what was asked for is true, or
/// cannot become true.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MaxSteps = 32;

    private readonly List<OperationSnapshot> operations = [];

    // At rest: what was asked for is true by now, or it will not become true.
    private void JudgeOperations()
    {
        foreach (var operation in operations.Where(one => one.State == OperationState.Running).ToList())
        {
            if (operation.Command is { } command && Shortfall(command) is { } shortfall)
                End(operation.Id, OperationState.Failed, shortfall);
            else
                End(operation.Id, OperationState.Succeeded, $"{operation.Title}: done");
        }
    }

    // What is missing from what was asked for; null when nothing is.
    private string? Shortfall(OperatorCommand command)
    {
        if (command.Kind is CommandKind.Configure or CommandKind.RollBack) return WhoRefuses();
        var node = command.Kind == CommandKind.Move ? command.To! : command.Node!;
        foreach (var group in CommandRules.GroupsConcerned(command, configuration.Groups))
        {
            var reason = placements.FirstOrDefault(one => one.Group == group.Id)?.Reason ?? "no decision yet";
            var missing = command.Kind switch
            {
                CommandKind.Standby => IsActive(group.Id, node) ? $"{group.Id} still runs on {node}: {reason}" : null,
                CommandKind.Takeover or CommandKind.Move =>
                    IsComplete(group.Id, node) ? null : $"{group.Id} does not run on {node}: {reason}",
                CommandKind.Cleanup => placements.Any(one => one.Group == group.Id && (one.Node is null || one.Blocked))
                    ? $"{group.Id} still cannot run: {reason}" : null,
                CommandKind.Online or CommandKind.Maintenance or CommandKind.Configure or CommandKind.RollBack
                    or CommandKind.SetServer or CommandKind.ConfirmOff => null,
            };
            if (missing is not null) return missing;
        }

        return null;
    }

    // A new coordinator finds the operations of the old one in its report and goes on with them.
    private void TakeOverOperations()
    {
        foreach (var operation in operations.Where(one => one.State == OperationState.Queued
            && one.Id != submission?.Message.OperationId
            && forwarded.All(command => command.OperationId != one.Id)).ToList())
        {
            End(operation.Id, OperationState.Failed, "the coordinator was lost before it took the command: ask again");
        }
    }

    private void NoteSteps(ImmutableArray<TransitionAction> actions) => UpdateSteps(actions, (steps, action) =>
        steps.Any(step => step.Title == action.Title && step.State == StepState.Running)
            ? steps : steps.Add(new OperationStep(action.Title, StepState.Running, now.Wall, null, "")));

    private void NoteStepEnd(TransitionAction action, bool succeeded, string detail) =>
        UpdateSteps([action], (steps, one) =>
        {
            var index = steps.ToList()
                .FindLastIndex(step => step.Title == one.Title && step.State == StepState.Running);
            return index < 0 ? steps : steps.SetItem(index, steps[index] with
            {
                State = succeeded ? StepState.Succeeded : StepState.Failed,
                FinishedAt = now.Wall,
                Detail = succeeded ? "" : OperationText.Shorten(detail),
            });
        });

    private void UpdateSteps(
        ImmutableArray<TransitionAction> actions,
        Func<ImmutableArray<OperationStep>, TransitionAction, ImmutableArray<OperationStep>> change)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            if (operations[i] is not { State: OperationState.Running, Command: { } command } operation) continue;
            var concerned = CommandRules.GroupsConcerned(command, configuration.Groups);
            var steps = operation.Steps;
            foreach (var action in actions.Where(action => concerned.Any(group => group.Id == action.Group)))
            {
                steps = change(steps, action);
                // What happened long ago in an operation that goes on and on is in the events.
                if (steps.Length > MaxSteps) steps = steps.RemoveAt(0);
            }

            operations[i] = operation with { Steps = steps };
        }
    }

    private static bool IsFinal(OperationSnapshot operation) =>
        operation.State is OperationState.Succeeded or OperationState.Failed;

    private static OperationSnapshot Describe(CommandMessage message, OperationState state) => new()
    {
        Id = message.OperationId,
        Kind = message.Command.Kind,
        Command = message.Command,
        Title = Title(message.Command),
        State = state,
        Actor = message.Command.Actor,
        Reason = message.Command.Reason,
        RequestedAt = message.RequestedAt,
        Detail = "",
        Steps = [],
    };

    private void Remember(OperationSnapshot operation)
    {
        operations.RemoveAll(one => one.Id == operation.Id);
        operations.Insert(0, operation);
        if (operations.Count > ClusterSnapshot.MaxOperations)
            operations.RemoveAt(operations.FindLastIndex(IsFinal) is var last and >= 0 ? last : operations.Count - 1);
        SnapshotVersion++;
    }

    private void End(string id, OperationState state, string detail)
    {
        var index = operations.FindIndex(one => one.Id == id);
        if (index < 0) return;
        var ended = operations[index] with { State = state, Detail = detail, FinishedAt = now.Wall };
        operations[index] = ended;
        reportDue = true;
        SnapshotVersion++;
        Emit(state == OperationState.Succeeded ? EventKind.CommandSucceeded : EventKind.CommandFailed,
            state == OperationState.Succeeded ? EventSeverity.Info : EventSeverity.Error,
            ended.Command?.Group ?? ended.Command?.Node ?? "cluster",
            state == OperationState.Succeeded ? $"done: {ended.Title}" : $"failed: {ended.Title}: {detail}");
    }

    private static string Title(OperatorCommand command) => command.Kind switch
    {
        CommandKind.Standby => $"standby {command.Node} ({Word(command.Set)})",
        CommandKind.Online => $"online {command.Node}",
        CommandKind.Takeover => $"takeover by {command.Node} ({Word(command.Set)})",
        CommandKind.Move => $"move {command.Group} to {command.To}",
        CommandKind.Cleanup => $"clean up {command.Group ?? "all groups"}",
        CommandKind.Maintenance => $"maintenance {(command.Enabled == true ? "on" : "off")}",
        CommandKind.Configure => $"change the cluster configuration (from version {command.ExpectedVersion})",
        CommandKind.RollBack => $"roll the cluster configuration back to version {command.ToVersion}",
        CommandKind.SetServer => ServerIntentRules.Title(command.Server!),
        CommandKind.ConfirmOff => $"confirm that {command.Node} (generation {command.Generation}) is off",
    };

    private static string Word(GroupSet set) => set.ToString().ToLowerInvariant();
}
