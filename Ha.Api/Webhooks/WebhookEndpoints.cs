using System.Text.Json;
using Ha.Api.Agent;
using Ha.Api.Operations;
using Ha.Api.Problems;
using Ha.Api.Requests;
using Ha.Api.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Webhooks;

internal static class WebhookEndpoints
{
    private const string Path = "/api/v1/webhooks/";
    private const int MostWebhooks = 50;

    public static void MapWebhooks(this RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Webhooks").WithProblems(ProblemType.StorageUnavailable);
        webhooks.MapGet("", List).WithName("listWebhooks").WithSummary("All webhooks of this node")
            .WithDescription("Each node has its own list: give the same webhooks to all nodes.");
        webhooks.MapPost("", Create).WithName("createWebhook").WithSummary("Send events to an address")
            .WithDescription(
                "Messages are signed as Standard Webhooks prescribe. Without 'secret' one is generated and shown in " +
                "this answer, and only there.")
            .WithMetadata(TakesIdempotencyKey.Yes)
            .WithProblems(ProblemType.MalformedRequest, ProblemType.UnsupportedMediaType, ProblemType.TooLarge,
                ProblemType.Conflict, ProblemType.KeyReused);
        webhooks.MapGet("/{id}", Find).WithName("getWebhook").WithSummary("One webhook")
            .WithDescription("With the numbers of messages that wait and that were given up; never with its secret.")
            .WithProblems(ProblemType.NotFound);
        webhooks.MapPut("/{id}", Replace).WithName("replaceWebhook").WithSummary("Change a webhook")
            .WithDescription(
                "Replaces all settings; a missing 'secret' stays as it is. What waits for a retry is tried at once.")
            .WithProblems(ProblemType.NotFound, ProblemType.MalformedRequest, ProblemType.UnsupportedMediaType,
                ProblemType.TooLarge);
        webhooks.MapDelete("/{id}", Remove).WithName("deleteWebhook").WithSummary("Delete a webhook")
            .WithDescription("With everything that waits to be delivered to it.").WithProblems(ProblemType.NotFound);
        webhooks.MapPost("/{id}/test", TestAsync).WithName("testWebhook").WithSummary("Send a test message now")
            .WithDescription("One attempt, from this node, past the outbox; the type of the message is 'ha.test'.")
            .WithProblems(ProblemType.NotFound);
    }

    internal static ProblemResult Unknown(string id) => new(ProblemType.NotFound, $"This node has no webhook '{id}'.");

    private static Ok<Page<Webhook>> List(SqliteFile<WebhooksContext> file) => TypedResults.Ok(file.Use(outbox =>
        new Page<Webhook>([.. outbox.Webhooks.AsNoTracking().OrderBy(row => row.CreatedAtMicroseconds).ToList()
            .Select(row => Show(outbox, row))], null)));

    private static Results<Ok<Webhook>, ProblemResult> Find(string id, SqliteFile<WebhooksContext> file) =>
        file.Use(outbox => outbox.Webhooks.AsNoTracking().SingleOrDefault(row => row.Id == id) is { } row
            ? Show(outbox, row) : null)
            is { } found ? TypedResults.Ok(found) : Unknown(id);

    private static Results<Created<Webhook>, ProblemResult> Create(
        WebhookSettings settings, SqliteFile<WebhooksContext> file, TargetGuard guard, IdempotencyKeys keys,
        HttpContext context, TimeProvider clock)
    {
        var errors = Check(settings, guard);
        if (!errors.IsEmpty) return ProblemResult.Malformed(errors);
        var key = KeyReading.From(context.Request, context.User.Identity?.Name ?? "",
            "webhook " + JsonSerializer.Serialize(settings, ApiJson.Shared.WebhookSettings));
        if (key.Error is { } error) return ProblemResult.Malformed([error]);
        var earlier = key.Hash is null ? EarlierRequest.None : keys.Remember(key.Hash, key.Fingerprint!);
        if (earlier.OtherRequest) return new ProblemResult(ProblemType.KeyReused, ProblemType.KeyReused.Help);
        var made = file.Use(outbox => Made(outbox, earlier.ResultId) ?? Make(outbox, settings, clock));
        if (made is null)
        {
            return new ProblemResult(
                ProblemType.Conflict, $"A node has at most {MostWebhooks} webhooks: delete one first.");
        }
        if (key.Hash is not null) keys.Complete(key.Hash, made.Id);
        return TypedResults.Created(Path + made.Id, made);
    }

    private static Webhook? Made(WebhooksContext outbox, string? id) =>
        id is not null && outbox.Webhooks.AsNoTracking().SingleOrDefault(row => row.Id == id) is { } row
            ? Show(outbox, row) : null;

    private static Webhook? Make(WebhooksContext outbox, WebhookSettings settings, TimeProvider clock)
    {
        if (outbox.Webhooks.Count() >= MostWebhooks) return null;
        var generated = settings.Secret is null ? WebhookRequest.NewSecret() : null;
        var row = new WebhookRow
        {
            Id = $"wh-{Guid.NewGuid():N}",
            Url = settings.Url,
            Secret = settings.Secret ?? generated!,
            Enabled = settings.Enabled ?? true,
            MinimumSeverity = settings.MinimumSeverity ?? EventSeverity.Info,
            Kinds = WebhookRow.KindsText(settings.Kinds ?? []),
            CreatedAtMicroseconds = clock.GetUtcNow().ToMicroseconds(),
        };
        outbox.Webhooks.Add(row);
        outbox.SaveChanges();
        return Show(outbox, row) with { Secret = generated };
    }

    private static Results<Ok<Webhook>, ProblemResult> Replace(
        string id, WebhookSettings settings, SqliteFile<WebhooksContext> file, TargetGuard guard, WebhookSender sender)
    {
        var errors = Check(settings, guard);
        if (!errors.IsEmpty) return ProblemResult.Malformed(errors);
        var changed = file.Use(outbox =>
        {
            if (outbox.Webhooks.Find(id) is not { } row) return null;
            (row.Url, row.Secret) = (settings.Url, settings.Secret ?? row.Secret);
            (row.Enabled, row.DisabledReason) = (settings.Enabled ?? true, null);
            row.MinimumSeverity = settings.MinimumSeverity ?? EventSeverity.Info;
            row.Kinds = WebhookRow.KindsText(settings.Kinds ?? []);
            outbox.SaveChanges();
            return Show(outbox, row);
        });
        if (changed is null) return Unknown(id);
        sender.Restart(id);
        return TypedResults.Ok(changed);
    }

    private static Results<NoContent, ProblemResult> Remove(
        string id, SqliteFile<WebhooksContext> file, WebhookSender sender)
    {
        var removed = file.Use(outbox =>
        {
            using var transaction = outbox.Database.BeginTransaction();
            outbox.Deliveries.Where(row => row.WebhookId == id).ExecuteDelete();
            var rows = outbox.Webhooks.Where(row => row.Id == id).ExecuteDelete();
            transaction.Commit();
            return rows;
        });
        if (removed == 0) return Unknown(id);
        sender.Restart(id);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<WebhookTestResult>, ProblemResult>> TestAsync(
        string id, SqliteFile<WebhooksContext> file, WebhookSender sender, AgentClient agent, TimeProvider clock,
        CancellationToken cancel)
    {
        var webhook = file.Use(outbox => outbox.Webhooks.AsNoTracking().SingleOrDefault(row => row.Id == id));
        if (webhook is null) return Unknown(id);
        var node = agent.State.Snapshot?.Node ?? Environment.MachineName;
        var message = new WebhookMessage { Type = "ha.test", Timestamp = clock.GetUtcNow() };
        return TypedResults.Ok(await sender.TestAsync(webhook, $"test/{node}/{Guid.NewGuid():N}",
            JsonSerializer.Serialize(message, ApiJson.Shared.WebhookMessage), cancel));
    }

    private static ImmutableArray<ProblemError> Check(WebhookSettings settings, TargetGuard guard) => Text.Collect(
        guard.Check(settings.Url) is { } url ? new("/url", url) : null,
        settings.Secret is { } secret && WebhookRequest.CheckSecret(secret) is { } wrong
            ? new("/secret", wrong) : null);

    private static Webhook Show(WebhooksContext outbox, WebhookRow row) => new()
    {
        Id = row.Id,
        Url = row.Url,
        Enabled = row.Enabled,
        DisabledReason = row.DisabledReason,
        MinimumSeverity = row.MinimumSeverity,
        Kinds = row.KindsOrAll(),
        CreatedAt = UnixTime.FromMicroseconds(row.CreatedAtMicroseconds),
        Pending = outbox.Deliveries.Count(message =>
            message.WebhookId == row.Id && message.State == DeliveryState.Pending),
        DeadLetters = outbox.Deliveries.Count(message =>
            message.WebhookId == row.Id && message.State == DeliveryState.Dead),
    };
}
