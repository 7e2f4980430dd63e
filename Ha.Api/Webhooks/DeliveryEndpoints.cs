using System.Globalization;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Webhooks;

internal static class DeliveryEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void MapDeliveries(this RouteGroupBuilder api)
    {
        var deliveries = api.MapGroup("/webhooks/{id}/deliveries").WithTags("Webhooks")
            .WithProblems(ProblemType.NotFound, ProblemType.StorageUnavailable);
        deliveries.MapGet("", List).WithName("listDeliveries").WithSummary("Messages to one receiver, newest first")
            .WithDescription("Those that wait, and the last 1,000 delivered and 1,000 given up.")
            .WithMetadata(new KnownQuery(
            [
                new("state", "Only deliveries in one of these states.", QueryWords.Of<DeliveryState>()),
                KnownParameter.Cursor, KnownParameter.Limit(DefaultLimit, MaxLimit),
            ]))
            .WithProblems(ProblemType.MalformedRequest);
        deliveries.MapPost("/{delivery}/redeliver", Redeliver).WithName("redeliver").WithSummary("Send a message again")
            .WithDescription("Puts a delivered or given-up message back into the outbox, under its old place and id.")
            .WithProblems(ProblemType.Conflict);
    }

    private static Results<Ok<Page<WebhookDelivery>>, ProblemResult> List(
        string id, string[]? state, string? cursor, string? limit, SqliteFile<WebhooksContext> file)
    {
        var errors = ImmutableArray.CreateBuilder<ProblemError>();
        var states = QueryWords.Parse<DeliveryState>(state, "?state", errors);
        var most = QueryWords.Limit(limit, DefaultLimit, MaxLimit, errors);
        var before = long.MaxValue;
        if (cursor is not null && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
            errors.Add(new("?cursor", "Take the cursor from 'nextLink' of a page."));
        if (errors.Count > 0) return ProblemResult.Malformed(errors.ToImmutable());
        var rows = file.Use(outbox =>
        {
            if (!outbox.Webhooks.Any(webhook => webhook.Id == id)) return null;
            var query = outbox.Deliveries.AsNoTracking().Where(row => row.WebhookId == id && row.Id < before);
            if (!states.IsEmpty) query = query.Where(row => states.ToArray().Contains(row.State));
            return query.OrderByDescending(row => row.Id).Take(most + 1).ToList();
        });
        if (rows is null) return WebhookEndpoints.Unknown(id);
        var shown = rows.Take(most).Select(row => row.ToDelivery()).ToImmutableArray();
        var filter = string.Concat((state ?? []).Select(word => $"&state={word}"));
        return TypedResults.Ok(new Page<WebhookDelivery>(shown, rows.Count > most
            ? $"/api/v1/webhooks/{id}/deliveries?limit={most}{filter}&cursor={shown[^1].Id}" : null));
    }

    private static Results<Ok<WebhookDelivery>, ProblemResult> Redeliver(
        string id, long delivery, SqliteFile<WebhooksContext> file, WebhookOptions options, OutboxSignal signal,
        TimeProvider clock)
    {
        var result = file.Use<Results<Ok<WebhookDelivery>, ProblemResult>>(outbox =>
        {
            if (outbox.Deliveries.SingleOrDefault(row => row.Id == delivery && row.WebhookId == id) is not { } row)
                return new ProblemResult(ProblemType.NotFound, $"The webhook '{id}' has no delivery {delivery}.");
            if (row.State == DeliveryState.Pending)
                return new ProblemResult(ProblemType.Conflict, "This message is waiting to be delivered already.");
            row.State = DeliveryState.Pending;
            row.DeadlineMicroseconds = clock.GetUtcNow().AddSeconds(options.GiveUpAfterSeconds).ToMicroseconds();
            outbox.SaveChanges();
            return TypedResults.Ok(row.ToDelivery());
        });
        signal.Raise();
        return result;
    }
}
