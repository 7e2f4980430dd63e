using System.Text.Json;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Takeovers;

internal static class TakeoverEndpoints
{
    public static void MapTakeovers(this RouteGroupBuilder api)
    {
        var takeovers = api.MapGroup("/takeovers").WithTags("Takeovers");
        takeovers.MapPost("", Start).WithName("startTakeover")
            .WithSummary("Move one group, or let a node take groups over")
            .WithDescription(
                "With 'group': it moves to 'to'; 'from' is where you believe it runs now, a wrong belief is refused. " +
                "Without: the node 'to' (this node, if it is missing) takes over the groups of 'kind'. Answers 202 " +
                "with an operation to follow.")
            .WithMetadata(TakesIdempotencyKey.Yes)
            .WithProblems(CommandSender.Problems)
            .WithProblems(ProblemType.UnknownNode, ProblemType.UnknownGroup, ProblemType.WrongBelief,
                ProblemType.Blocked, ProblemType.NodeInStandby, ProblemType.ConfigurationDrift, ProblemType.KeyReused);
        takeovers.MapGet("/{**id}", OperationEndpoints.Find).WithName("getTakeover")
            .WithSummary("How far a takeover is").WithDescription("The same as getOperation.")
            .WithProblems(ProblemType.NotFound, ProblemType.StorageUnavailable);
    }

    private static async Task<Results<AcceptedOperation, ProblemResult>> Start(
        TakeoverRequest request, CommandSender commands, HttpContext context)
    {
        var errors = Check(request);
        if (!errors.IsEmpty) return ProblemResult.Malformed(errors);
        var command = request.Group is { } moved
            ? CommandSender.Command(context, CommandKind.Move, request.Reason) with
            {
                Group = moved, To = request.To, From = request.From, Force = request.Force == true,
            }
            : CommandSender.Command(context, CommandKind.Takeover, request.Reason) with
            {
                Node = request.To, Set = request.Kind ?? GroupSet.All, Force = request.Force == true,
            };
        var fingerprint = "takeover " + JsonSerializer.Serialize(request, HaJson.Default.TakeoverRequest);
        return await commands.SendAsync(context, command, fingerprint) switch
        {
            { Accepted: { } accepted } => accepted,
            { Problem: var problem } => problem!,
        };
    }

    private static ImmutableArray<ProblemError> Check(TakeoverRequest request) => Text.Collect(
        Text.CheckId(request.Group, "/group"),
        Text.CheckNode(request.To, "/to"),
        Text.CheckNode(request.From, "/from"),
        Text.CheckReason(request.Reason, "/reason"),
        request is { Group: not null, To: null } ? new("/to", "Needed with 'group': the node it shall move to.") : null,
        request is { Group: not null, Kind: not null } ? new("/kind", "Not together with 'group'.") : null,
        request is { Group: null, From: not null } ? new("/from", "Only together with 'group'.") : null);
}
