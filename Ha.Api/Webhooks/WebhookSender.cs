using System.Net;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Ha.Api.Webhooks;

/// <summary>
/// Empties the outbox: one worker for each receiver that has messages, one message after the other, each until it is
/// delivered, given up or the webhook is changed.
/// </summary>
internal sealed class WebhookSender(
    SqliteFile<WebhooksContext> file, WebhookRequest request, WebhookOptions options, OutboxSignal signal,
    TimeProvider clock, ILogger<WebhookSender> log) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterStorageFault = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly Dictionary<string, (Task Work, CancellationTokenSource Restart)> workers = [];

    /// <summary>
    /// A webhook was changed: what is waiting for its next attempt is tried at once, with the new settings.
    /// </summary>
    public void Restart(string webhookId)
    {
        lock (gate)
            if (workers.TryGetValue(webhookId, out var worker)) worker.Restart.Cancel();
        signal.Raise();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var id in file.Use(Waiting)) Employ(id, stoppingToken);
            }
            catch (Exception error) when (SqliteFault.IsStorageFault(error))
            {
                log.WebhooksHeldUp(error.GetBaseException().Message);
            }
            await signal.WaitAsync(LookInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Task[] last;
        lock (gate) last = [.. workers.Values.Select(worker => worker.Work)];
        await Task.WhenAll(last);
    }

    private static List<string> Waiting(WebhooksContext outbox) =>
        [.. outbox.Webhooks.Where(webhook => webhook.Enabled && outbox.Deliveries.Any(
            row => row.WebhookId == webhook.Id && row.State == DeliveryState.Pending)).Select(webhook => webhook.Id)];

    private void Employ(string webhookId, CancellationToken stop)
    {
        lock (gate)
        {
            if (workers.TryGetValue(webhookId, out var worker))
            {
                if (!worker.Work.IsCompleted) return;
                worker.Restart.Dispose();
            }
            var restart = CancellationTokenSource.CreateLinkedTokenSource(stop);
            workers[webhookId] = (Task.Run(() => WorkAsync(webhookId, restart.Token), CancellationToken.None), restart);
        }
    }

    private async Task WorkAsync(string webhookId, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested && file.Use(outbox => Next(outbox, webhookId)) is { } next)
                await DeliverAsync(next.Webhook, next.Delivery, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            signal.Raise(); // changed, not finished: the next worker begins at once
        }
        catch (Exception error) when (SqliteFault.IsStorageFault(error))
        {
            log.WebhooksHeldUp(error.GetBaseException().Message);
            await Task.Delay(AfterStorageFault, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static (WebhookRow Webhook, DeliveryRow Delivery)? Next(WebhooksContext outbox, string webhookId)
    {
        var webhook = outbox.Webhooks.AsNoTracking().SingleOrDefault(row => row.Id == webhookId && row.Enabled);
        if (webhook is null) return null;
        return outbox.Deliveries.AsNoTracking()
            .Where(row => row.WebhookId == webhookId && row.State == DeliveryState.Pending)
            .OrderBy(row => row.Id).FirstOrDefault() is { } delivery ? (webhook, delivery) : null;
    }

    private async Task DeliverAsync(WebhookRow webhook, DeliveryRow delivery, CancellationToken cancel)
    {
        var deadline = UnixTime.FromMicroseconds(delivery.DeadlineMicroseconds);
        var pipeline = new ResiliencePipelineBuilder<HttpStatusCode> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpStatusCode>
            {
                MaxRetryAttempts = int.MaxValue, // the deadline is the limit
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(options.FirstRetryMs),
                MaxDelay = TimeSpan.FromSeconds(options.LongestRetrySeconds),
                ShouldHandle = tried => ValueTask.FromResult(
                    !IsFinal(tried.Outcome) && clock.GetUtcNow() < deadline
                        && !tried.Context.CancellationToken.IsCancellationRequested),
                OnRetry = tried =>
                {
                    Record(webhook, delivery, tried.Outcome, DeliveryState.Pending);
                    return default;
                },
            })
            .AddTimeout(TimeSpan.FromSeconds(options.AttemptSeconds))
            .Build();
        var context = ResilienceContextPool.Shared.Get(cancel);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync((attempt, _) =>
                AttemptAsync(webhook, delivery, attempt.CancellationToken), context, 0);
            cancel.ThrowIfCancellationRequested();
            Record(webhook, delivery, outcome, IsSuccess(outcome) ? DeliveryState.Delivered : DeliveryState.Dead);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<Outcome<HttpStatusCode>> AttemptAsync(
        WebhookRow webhook, DeliveryRow delivery, CancellationToken cancel)
    {
        try
        {
            return Outcome.FromResult(await request.SendAsync(webhook, delivery.MessageId, delivery.Body, cancel));
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            return Outcome.FromException<HttpStatusCode>(error);
        }
    }

    /// <summary>One attempt outside the outbox, for the test button.</summary>
    public async Task<WebhookTestResult> TestAsync(
        WebhookRow webhook, string messageId, string body, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(options.AttemptSeconds));
        var delivery = new DeliveryRow
        {
            WebhookId = webhook.Id, MessageId = messageId, Body = body, State = DeliveryState.Pending,
            CreatedAtMicroseconds = 0, DeadlineMicroseconds = 0,
        };
        var outcome = await AttemptAsync(webhook, delivery, limit.Token);
        return new WebhookTestResult
        {
            Delivered = IsSuccess(outcome),
            Status = StatusOf(outcome),
            Error = WhyFailed(outcome),
            DurationMs = (long)clock.GetElapsedTime(began).TotalMilliseconds,
        };
    }

    private void Record(WebhookRow webhook, DeliveryRow delivery, Outcome<HttpStatusCode> outcome, DeliveryState state)
    {
        var isGone = StatusOf(outcome) == (int)HttpStatusCode.Gone;
        file.Use(outbox =>
        {
            if (outbox.Deliveries.Find(delivery.Id) is not { } row) return; // the webhook was deleted meanwhile
            row.Attempts++;
            row.State = state;
            row.LastAttemptMicroseconds = clock.GetUtcNow().ToMicroseconds();
            row.LastStatus = StatusOf(outcome);
            row.LastError = WhyFailed(outcome);
            if (isGone && outbox.Webhooks.Find(webhook.Id) is { } disabled)
                (disabled.Enabled, disabled.DisabledReason) = (false, "The receiver answered 410 Gone.");
            outbox.SaveChanges();
            delivery.Attempts = row.Attempts;
        });
        if (isGone) log.WebhookGone(webhook.Id);
        else if (state == DeliveryState.Dead) log.WebhookDead(webhook.Id, delivery.MessageId, WhyFailed(outcome) ?? "");
        else if (state == DeliveryState.Pending)
            log.WebhookFailed(webhook.Id, delivery.MessageId, delivery.Attempts, WhyFailed(outcome) ?? "");
    }

    private static bool IsSuccess(Outcome<HttpStatusCode> outcome) => StatusOf(outcome) is >= 200 and < 300;

    private static bool IsFinal(Outcome<HttpStatusCode> outcome) =>
        IsSuccess(outcome) || StatusOf(outcome) == (int)HttpStatusCode.Gone;

    private static int? StatusOf(Outcome<HttpStatusCode> outcome) =>
        outcome.Exception is null ? (int)outcome.Result : null;

    private string? WhyFailed(Outcome<HttpStatusCode> outcome) => outcome switch
    {
        { Exception: TimeoutRejectedException or OperationCanceledException } =>
            $"No answer within {options.AttemptSeconds} s.",
        { Exception: { } error } => error.GetBaseException().Message,
        _ => IsSuccess(outcome) ? null : $"The receiver answered {(int)outcome.Result}.",
    };
}
