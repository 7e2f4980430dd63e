using Ha.Api.Agent;
using Ha.Api.Cluster;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Resources;

/// <summary>What this node did to its resources.</summary>
internal static class ResourceEndpoints
{
    public static void MapResources(this RouteGroupBuilder api)
    {
        var resources = api.MapGroup("/resources").WithTags("Resources").WithProblems(ProblemType.NoState,
            ProblemType.AgentRefused, ProblemType.AgentNotRunning, ProblemType.AgentNoAnswer);
        resources.MapGet("/{id}/results", Results).WithName("listResourceResults")
            .WithSummary("How the last operations on a resource ended on this node, newest first")
            .WithDescription(
                "At most 32 since its agent was started: 16 good monitors and 16 others, each with duration, exit " +
                "code and what the program printed. None where nothing was done to it yet; ask each node for its " +
                "own. Slashes of the id have to be percent-encoded here.")
            .WithProblems(ProblemType.UnknownResource, ProblemType.MalformedRequest);
    }

    private static async Task<Results<Ok<Page<ResourceResult>>, ProblemResult>> Results(
        string id, AgentClient agent, CancellationToken cancel)
    {
        var resource = PathId.Decode(id);
        if (Text.CheckId(resource, "id") is { } error) return ProblemResult.Malformed([error]);
        if (agent.State.Snapshot is not { } snapshot) return StateReading.NoState;
        var reply = await agent.AskAsync(
            new ControlRequest { Id = 1, Method = ControlMethod.Results, Resource = resource }, cancel);
        if (reply.Results is [var known]) return TypedResults.Ok(new Page<ResourceResult>(known.Results, null));
        // What is configured is known, although nothing was done to it yet.
        return snapshot.Groups.Any(group => group.Resources.Any(one => one.Id == resource))
            ? TypedResults.Ok(new Page<ResourceResult>([], null))
            : new ProblemResult(ProblemType.UnknownResource, $"There is no resource '{resource}'.");
    }
}
