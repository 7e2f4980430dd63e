using Ha.Api.Agent;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.Metadata;
using System.Reflection;

namespace Ha.Api.Operations;

/// <summary>From a valid request to a command, and from the agent's answer to the client's.</summary>
internal sealed class CommandSender(
    AgentClient agent, OperationLog operations, IdempotencyKeys keys, TimeProvider clock, ILogger<CommandSender> log)
{
    /// <summary>What every command may be answered with.</summary>
    public static readonly ImmutableArray<ProblemType> Problems =
    [
        ProblemType.MalformedRequest, ProblemType.UnsupportedMediaType, ProblemType.TooLarge, ProblemType.NodeNotOnline,
        ProblemType.NotReady, ProblemType.Busy, ProblemType.AgentRefused, ProblemType.AgentNotRunning,
        ProblemType.AgentNoAnswer,
    ];

    public static OperatorCommand Command(HttpContext context, CommandKind kind, string? reason) => new()
    {
        Id = $"api-{Guid.NewGuid():N}",
        Kind = kind,
        Actor = context.User.Identity?.Name
            ?? throw new InvalidOperationException("A command without a signed-in actor."),
        Reason = reason ?? "",
    };

    /// <summary>Sends a command.</summary>
    /// <param name="context">The request.</param>
    /// <param name="command">The command, complete and checked.</param>
    /// <param name="fingerprint">Path and body: what an idempotency key stands for.</param>
    public async Task<CommandResult> SendAsync(HttpContext context, OperatorCommand command, string fingerprint)
    {
        var key = KeyReading.From(context.Request, command.Actor, fingerprint);
        if (key.Error is { } error) return new(null, ProblemResult.Malformed([error]));
        if (key.Hash is not null)
        {
            command = command with { Id = "key-" + key.Hash[..40] }; // the agent carries out one id once
            var earlier = keys.Remember(key.Hash, key.Fingerprint!);
            if (earlier.OtherRequest)
                return new(null, new ProblemResult(ProblemType.KeyReused, ProblemType.KeyReused.Help));
            if (earlier.ResultId is not null && operations.Find(earlier.ResultId) is { } made)
                return new(new AcceptedOperation(made), null);
        }
        var reply = await agent.AskAsync(
            new ControlRequest { Id = 1, Method = ControlMethod.Command, Command = command }, context.RequestAborted);
        var answer = reply.Answer ?? throw new AgentUnavailableException(
            AgentFault.Refused, "The agent answered a command with neither an operation nor a refusal.");
        if (answer.Rejection is { } rejection)
        {
            log.CommandAnswered(command.Actor, Describe(command), $"refused, {rejection.Detail}");
            return new(null, rejection.ToProblem());
        }
        var accepted = operations.Accept(Queued(answer.OperationId!, command));
        if (key.Hash is not null) keys.Complete(key.Hash, accepted.Id);
        log.CommandAnswered(command.Actor, Describe(command), $"operation {accepted.Id}");
        return new(new AcceptedOperation(accepted), null);
    }

    private OperationSnapshot Queued(string id, OperatorCommand command) => new()
    {
        Id = id,
        Kind = command.Kind,
        Title = Describe(command),
        State = OperationState.Queued,
        Actor = command.Actor,
        Reason = command.Reason,
        RequestedAt = clock.GetUtcNow(),
        Detail = "",
        Steps = [],
    };

    private static string Describe(OperatorCommand command) => command.Kind switch
    {
        CommandKind.Standby => $"standby {command.Node ?? "this node"}",
        CommandKind.Online => $"online {command.Node ?? "this node"}",
        CommandKind.Takeover => $"takeover by {command.Node ?? "this node"}",
        CommandKind.Move => $"move {command.Group} to {command.To}",
        CommandKind.Cleanup => $"cleanup {command.Group ?? "all groups"}",
        CommandKind.Maintenance => $"maintenance {(command.Enabled == true ? "on" : "off")}",
        CommandKind.Configure => $"change the cluster configuration (from version {command.ExpectedVersion})",
        CommandKind.RollBack => $"roll the cluster configuration back to version {command.ToVersion}",
        CommandKind.SetServer => $"set {command.Server?.Backend}/{command.Server?.Server}",
        CommandKind.ConfirmOff => $"confirm that {command.Node} (generation {command.Generation}) is off",
    };
}

/// <summary>What became of a command: one of the two.</summary>
internal readonly record struct CommandResult(AcceptedOperation? Accepted, ProblemResult? Problem);

/// <summary>202: the command is under way, here is where to follow it.</summary>
internal sealed record AcceptedOperation(OperationSnapshot Operation)
    : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status202Accepted;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(OperationSnapshot),
            ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var location = OperationEndpoints.Path + PathId.Encode(Operation.Id);
        httpContext.Response.Headers.Location = location;
        httpContext.Response.Headers["Operation-Location"] = location;
        httpContext.Response.Headers.RetryAfter = "1";
        httpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        return httpContext.Response.WriteAsJsonAsync(Operation, ApiJson.Readable.OperationSnapshot);
    }
}
