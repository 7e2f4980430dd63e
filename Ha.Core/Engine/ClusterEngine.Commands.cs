using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// What operators ask for. Any member judges a command at once from what it knows, and hands it to the coordinator, who
/// changes the intents.
/// </summary>
public sealed partial class ClusterEngine
{
    private const int MaxForwarded = 8;
    private static readonly TimeSpan ForwardTimeout = TimeSpan.FromSeconds(10);

    private readonly List<ForwardedCommand> forwarded = [];
    private MonotonicTime nextForward = MonotonicTime.Never;
    private long lastOperation;

    private CommandAnswer Accept(OperatorCommand command)
    {
        command = command with { Node = command.Node ?? options.LocalNode, Server = Resolve(command.Server) };
        if (operations.FirstOrDefault(one => one.Command?.Id == command.Id) is { } known)
            return new CommandAnswer(known.Id, null);
        if ((Refuse(command) ?? RefuseDocument(command) ?? RefuseDrift(command)) is { } rejection)
        {
            TellRefusal(command, rejection);
            return new CommandAnswer(null, rejection);
        }

        var forced = command.Force ? FindDriftingMove(command) : null;
        var id = $"{options.LocalNode}-{options.Generation}-{++lastOperation}";
        if (command.Kind == CommandKind.Configure) submitted = submitted! with { Operation = id };
        // The operation goes into reports and snapshots; the document does not.
        command = command with { Document = null };
        Emit(EventKind.CommandReceived, EventSeverity.Info, command.Group ?? command.Node,
            $"{command.Actor} asks: {Title(command)}{(command.Reason.Length > 0 ? $" ({command.Reason})" : "")}"
            + (forced is null ? "" : $"; forced, although {forced}"));
        if (IsCoordinator)
        {
            Begin(id, command, now.Wall);
            return new CommandAnswer(id, null);
        }

        var message = new CommandMessage(
            id, command, now.Wall, command.Kind == CommandKind.Configure ? submitted!.Hash : null);
        forwarded.Add(new ForwardedCommand(id, message, now.Monotonic + ForwardTimeout));
        Remember(Describe(message, OperationState.Queued));
        Forward(message);
        return new CommandAnswer(id, null);
    }

    private CommandRejection? Refuse(OperatorCommand command)
    {
        if (CommandRules.Check(command, options.Nodes, configuration.Groups) is { } malformed) return malformed;
        if (view is null || departing)
            return new(RejectionCode.NotReady, $"{options.LocalNode} is {(departing ? "leaving" : "not a member of")} "
                + "the cluster: ask another node, or try again when it has joined");
        if (forwarded.Count >= MaxForwarded || operations.Count(one => !IsFinal(one)) >= MaxForwarded)
            return new(RejectionCode.Busy, $"{MaxForwarded} operations are under way: try again when one has ended");
        var node = command.Node!;
        return command.Kind switch
        {
            CommandKind.Standby => RefuseStandby(command, node),
            CommandKind.Online => RequireMember(node),
            CommandKind.Takeover => RequireMember(node),
            CommandKind.Move => RefuseMove(command),
            CommandKind.SetServer =>
                ServerIntentRules.Check(command.Server!, configuration.Groups, intents, now.Wall),
            CommandKind.ConfirmOff => RefuseConfirmation(command),
            CommandKind.Cleanup or CommandKind.Maintenance or CommandKind.Configure or CommandKind.RollBack => null,
        };
    }

    private CommandRejection? RequireMember(string node) => view!.Contains(options.Nodes.IndexOf(node))
        ? null
        : new(RejectionCode.NodeNotOnline,
            $"{node} is not a member of the cluster now ({WhyNot(options.Nodes.IndexOf(node))})");

    private CommandRejection? RefuseStandby(OperatorCommand command, string node)
    {
        if (RequireMember(node) is { } notOnline) return notOnline;
        var moves = CommandRules.GroupsOf(command.Set, node, configuration.Groups)
            .Any(group => IsActive(group.Id, node));
        var others = view!.Members.Any(member => NameOf(member.Node) != node && MayRunOn(member.Node));
        return moves && !others
            ? new(RejectionCode.NoOtherNode, $"no other node could take over from {node}: the service would stop. "
                + "Bring another node online first")
            : null;
    }

    private CommandRejection? RefuseMove(OperatorCommand command)
    {
        if (RequireMember(command.To!) is { } notOnline) return notOnline;
        if (intents.Standby.Contains(command.To!))
            return new(RejectionCode.NodeInStandby, $"{command.To} is in standby: set it online first");
        if (command.From is { } from && !IsActive(command.Group!, from))
            return new(RejectionCode.WrongBelief,
                $"{command.Group} does not run on {from} now: look again before moving it");
        if (view!.Members.Any(member => Resources(command.Group!)
            .Any(one => ReportOf(member.Node, one.Id)?.StopFailure is not null)))
            return new(RejectionCode.Blocked, $"{command.Group} is blocked by a failed stop: see to it, then clean up");
        return null;
    }

    private ImmutableArray<ResourceDefinition> Resources(string group) =>
        configuration.Groups.First(one => one.Id == group).Resources;

    private bool IsActive(string group, string node) =>
        Resources(group)
            .Any(one => ReportOf(options.Nodes.IndexOf(node), one.Id) is { State: not ResourceState.Stopped });

    private bool IsComplete(string group, string node) =>
        Resources(group).All(one => ReportOf(options.Nodes.IndexOf(node), one.Id) is { State: ResourceState.Started });

    // On the coordinator.
    private void Begin(string id, OperatorCommand command, DateTimeOffset requestedAt)
    {
        if (operations.Any(one => one.Id == id && one.State != OperationState.Queued)) return;
        Remember(Describe(new CommandMessage(id, command, requestedAt), OperationState.Running));
        trigger = $"{command.Actor} asked: {Title(command)}";
        reportDue = true;
        if (command.Kind is CommandKind.Configure or CommandKind.RollBack)
        {
            BeginConfigure(id, command);
            return;
        }

        if (command.Kind == CommandKind.ConfirmOff)
        {
            Confirm(id, command);
            return;
        }

        ChangeIntents(command.Kind == CommandKind.SetServer
            ? ServerIntentRules.Apply(command, intents, now.Wall)
            : CommandRules.Apply(command, intents, configuration.Groups, OtherNodeFor));
    }

    // Where a group goes that must leave a node: the node it prefers if that may run it, else the first that may.
    private string? OtherNodeFor(ResourceGroup group, string from)
    {
        if (group.PreferredNode is { } preferred && preferred != from && MayRunOn(options.Nodes.IndexOf(preferred)))
            return preferred;
        return options.Nodes.FirstOrDefault(node => node != from && MayRunOn(options.Nodes.IndexOf(node)));
    }

    private void ReceiveCommand(Peer from, in HeartbeatMessage message)
    {
        if (!TryReadBody(message, EngineJson.Default.CommandMessage, from, out var body) || !IsCoordinator)
            return;
        if (operations.Any(one => one.Id == body.OperationId)) return;
        if ((Refuse(body.Command) ?? RefuseDrift(body.Command)) is { } rejection)
        {
            TellRefusal(body.Command, rejection);
            Remember(Describe(body, OperationState.Failed) with { Detail = rejection.Detail, FinishedAt = now.Wall });
        }
        else if (body.Command.Kind == CommandKind.Configure)
        {
            Remember(Describe(body, OperationState.Queued));
            FetchSubmission(from, body);
        }
        else
        {
            Begin(body.OperationId, body.Command, body.RequestedAt);
        }

        reportDue = true;
    }

    private void Forward(CommandMessage message)
    {
        nextForward = now.Monotonic + RepeatPause;
        if (view is null || FindPeer(view.Coordinator) is not { } coordinator) return;
        sender.Begin(ClusterMessageTypes.Command);
        MessageBody.Add(sender.Encoder,
            JsonSerializer.SerializeToUtf8Bytes(message, EngineJson.Default.CommandMessage));
        sender.Send(now, effects, coordinator);
    }

    private void RepeatForwardedCommands()
    {
        if (now.Monotonic < nextForward) return;
        nextForward = MonotonicTime.Never;
        foreach (var command in forwarded.ToList())
        {
            if (now.Monotonic >= command.GiveUpAt)
            {
                forwarded.Remove(command);
                End(command.OperationId, OperationState.Failed,
                    $"the coordinator did not answer within {Seconds(ForwardTimeout)}");
            }
            else if (IsCoordinator)
            {
                forwarded.Remove(command);
                Begin(command.OperationId, command.Message.Command, command.Message.RequestedAt);
            }
            else
            {
                Forward(command.Message);
            }
        }
    }

    private sealed record ForwardedCommand(string OperationId, CommandMessage Message, MonotonicTime GiveUpAt);
}
