using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.History;

internal static class EventEndpoints
{
    public static void MapEvents(this RouteGroupBuilder api)
    {
        var events = api.MapGroup("/events").WithTags("Events").WithProblems(ProblemType.StorageUnavailable);
        events.MapGet("", List).WithName("listEvents")
            .WithSummary("Events of the whole cluster, newest first")
            .WithDescription(
                "Filters narrow the list; a repeated parameter means one or the other. 'nextLink' leads to the next " +
                "page and is missing on the last. The order is that of this node's journal.")
            .WithMetadata(EventQueryText.Known)
            .WithProblems(ProblemType.MalformedRequest, ProblemType.CursorExpired);
        events.MapGet("/{**id}", Find).WithName("getEvent")
            .WithSummary("One event")
            .WithDescription("Ids look like s1/5/123: node, generation, number. Slashes may be percent-encoded.")
            .WithProblems(ProblemType.NotFound);
    }

    private static Results<Ok<Page<ClusterEvent>>, ProblemResult> List(
        [AsParameters] EventQueryText text, SqliteFile<HistoryContext> file, HttpRequest request)
    {
        var (query, errors) = EventQuery.Parse(text);
        if (query is null) return ProblemResult.Malformed(errors);
        return file.Use<Results<Ok<Page<ClusterEvent>>, ProblemResult>>(history =>
        {
            var epoch = history.Marks.AsNoTracking().SingleOrDefault()?.Epoch;
            if (query.Cursor is { } cursor && cursor.Epoch != epoch)
                return new ProblemResult(ProblemType.CursorExpired, ProblemType.CursorExpired.Help);
            var rows = query.Apply(history.Events.AsNoTracking()).Take(query.Limit + 1).ToList();
            var more = rows.Count > query.Limit;
            if (more) rows.RemoveAt(query.Limit);
            return TypedResults.Ok(new Page<ClusterEvent>(
                [.. rows.Select(row => row.ToEvent())], more ? NextLink(request, new(epoch!, rows[^1].RowId)) : null));
        });
    }

    private static Results<Ok<ClusterEvent>, ProblemResult> Find(string id, SqliteFile<HistoryContext> file)
    {
        var eventId = PathId.Decode(id);
        return file.Use(history => history.Events.AsNoTracking().SingleOrDefault(row => row.EventId == eventId))
            is { } found
            ? TypedResults.Ok(found.ToEvent())
            : new ProblemResult(ProblemType.NotFound,
                $"There is no event '{eventId}' in the history of this node; it may be older than what is kept.");
    }

    private static string NextLink(HttpRequest request, EventCursor cursor) => QueryHelpers.AddQueryString(
        request.Path, request.Query.Where(pair => pair.Key != "cursor")
            .SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value))
            .Append(KeyValuePair.Create("cursor", (string?)cursor.ToString())));
}
