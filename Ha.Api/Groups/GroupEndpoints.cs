using Ha.Api.Agent;
using Ha.Api.Cluster;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Groups;

internal static class GroupEndpoints
{
    public static void MapGroups(this RouteGroupBuilder api)
    {
        var groups = api.MapGroup("/groups").WithTags("Groups").WithProblems(ProblemType.NoState);
        groups.MapGet("", List).WithName("listGroups")
            .WithSummary("All resource groups")
            .WithDescription("In the order of haresources, each with its resources in start order.");
        groups.MapGet("/{**id}", Find).WithName("getGroup")
            .WithSummary("One resource group")
            .WithDescription(
                "The id is the first resource word of its haresources line; slashes may be percent-encoded.")
            .WithProblems(ProblemType.UnknownGroup);
        groups.MapPost("/{id}/cleanup", CleanUp).WithName("cleanUpGroup")
            .WithSummary("Forget failures and blocks of a group, and probe it again")
            .WithDescription(
                "After a failed stop: make sure by hand that nothing of it runs any more, then clean up. Slashes of " +
                "the id have to be percent-encoded here.")
            .WithMetadata(TakesIdempotencyKey.Yes)
            .WithProblems(CommandSender.Problems).WithProblems(ProblemType.UnknownGroup, ProblemType.KeyReused);
    }

    private static Results<Ok<Page<GroupSnapshot>>, ProblemResult> List(AgentClient agent) =>
        agent.State.Snapshot is { } snapshot
            ? TypedResults.Ok(new Page<GroupSnapshot>(snapshot.Groups, null))
            : StateReading.NoState;

    private static Results<Ok<GroupSnapshot>, ProblemResult> Find(string id, AgentClient agent)
    {
        var groupId = PathId.Decode(id);
        if (agent.State.Snapshot is not { } snapshot) return StateReading.NoState;
        return snapshot.Groups.FirstOrDefault(candidate => candidate.Id == groupId) is { } found
            ? TypedResults.Ok(found)
            : new ProblemResult(ProblemType.UnknownGroup, $"There is no group '{groupId}'.");
    }

    private static async Task<Results<AcceptedOperation, ProblemResult>> CleanUp(
        string id, CommandSender commands, HttpContext context)
    {
        var groupId = PathId.Decode(id);
        if (Text.CheckId(groupId, "id") is { } error) return ProblemResult.Malformed([error]);
        var command = CommandSender.Command(context, CommandKind.Cleanup, reason: null) with { Group = groupId };
        return await commands.SendAsync(context, command, fingerprint: $"cleanup {groupId}") switch
        {
            { Accepted: { } accepted } => accepted,
            { Problem: var problem } => problem!,
        };
    }
}
