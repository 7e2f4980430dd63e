using System.Globalization;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ha.Api.Operations;

internal static class OperationEndpoints
{
    public const string Path = "/api/v1/operations/";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void MapOperations(this RouteGroupBuilder api)
    {
        var operations = api.MapGroup("/operations").WithTags("Operations")
            .WithProblems(ProblemType.StorageUnavailable);
        operations.MapGet("", List).WithName("listOperations")
            .WithSummary("Operators' operations, newest first")
            .WithDescription("Those under way and those that ended, kept as long as the event history.")
            .WithMetadata(new KnownQuery([KnownParameter.Cursor, KnownParameter.Limit(DefaultLimit, MaxLimit)]))
            .WithProblems(ProblemType.MalformedRequest);
        operations.MapGet("/{**id}", Find).WithName("getOperation")
            .WithSummary("How far an operation is")
            .WithDescription(
                "queued and running may change; succeeded and failed are final. Steps tell what was done for it.")
            .WithProblems(ProblemType.NotFound);
    }

    internal static Results<Ok<OperationSnapshot>, ProblemResult> Find(string id, OperationLog log)
    {
        var operationId = PathId.Decode(id);
        return log.Find(operationId) is { } found
            ? TypedResults.Ok(found)
            : new ProblemResult(ProblemType.NotFound, $"This node knows no operation '{operationId}'.");
    }

    private static Results<Ok<Page<OperationSnapshot>>, ProblemResult> List(
        string? cursor, string? limit, OperationLog log)
    {
        var errors = ImmutableArray.CreateBuilder<ProblemError>();
        var before = Cursor(cursor, errors);
        var most = QueryWords.Limit(limit, DefaultLimit, MaxLimit, errors);
        if (errors.Count > 0) return ProblemResult.Malformed(errors.ToImmutable());
        var found = log.List(before, most + 1);
        if (found.Count <= most) return TypedResults.Ok(new Page<OperationSnapshot>([.. found], null));
        var last = found[most - 1];
        var next = $"{last.RequestedAt.ToMicroseconds()}-{PathId.Encode(last.Id)}";
        return TypedResults.Ok(new Page<OperationSnapshot>(
            [.. found.Take(most)], $"{Path.TrimEnd('/')}?limit={most}&cursor={next}"));
    }

    private static OperationCursor? Cursor(string? text, ImmutableArray<ProblemError>.Builder errors)
    {
        if (text is null) return null;
        if (text.Split('-', 2) is [var time, { Length: > 0 } id]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var requestedAt))
            return new(requestedAt, id);
        errors.Add(new("?cursor", "Take the cursor from 'nextLink' of a page."));
        return null;
    }
}
