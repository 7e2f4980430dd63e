using System.Text.Json;
using Ha.Api.Agent;
using Ha.Api.Journal;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Webhooks;

/// <summary>
/// Puts events into the outbox, in the same transaction as the mark that says how far the journal was read. Only the
/// coordinator's node does; every other holds the last events back, because they tell of the coordinator's death, and
/// puts them in when it becomes the coordinator itself.
/// </summary>
internal sealed class Outbox(
    SqliteFile<WebhooksContext> file, AgentClient agent, WebhookOptions options, OutboxSignal signal,
    TimeProvider clock)
    : IJournalSink
{
    private const int MostHeldBack = 10_000;
    private const int MostPending = 10_000;
    private const int KeptEach = 1000;

    private readonly Queue<Held> held = new();
    private volatile JournalMark? taken; // ahead of the stored mark by what is held back

    public string Name => "the webhook outbox";

    public JournalMark ReadMark() => taken
        ?? file.Use(outbox => outbox.Marks.AsNoTracking().SingleOrDefault())?.ToMark() ?? JournalMark.Beginning;

    public void Take(IReadOnlyList<JournalEntry> entries)
    {
        Release(); // first what is there: when it cannot be written, nothing more is taken in
        foreach (var entry in entries) held.Enqueue(new Held(entry, clock.GetUtcNow(), clock.GetTimestamp()));
        if (entries.Count > 0) taken = JournalMark.Of(entries[^1]);
        Release();
    }

    private void Release()
    {
        var sends = IsCoordinator(agent.State);
        var count = sends ? held.Count : held.TakeWhile((one, at) => held.Count - at > MostHeldBack
            || clock.GetElapsedTime(one.ArrivedTimestamp).TotalSeconds > options.OverlapSeconds).Count();
        if (count == 0) return;
        var released = held.Take(count).ToList();
        file.Use(outbox =>
        {
            if (sends) Enqueue(outbox, released);
            MoveMark(outbox, JournalMark.Of(released[^1].Entry));
            outbox.SaveChanges(); // one transaction: messages and mark
        });
        for (var i = 0; i < count; i++) held.Dequeue();
        if (sends) signal.Raise();
    }

    private static bool IsCoordinator(AgentState state) =>
        state is { Connected: true, Snapshot: { View: { } view, Node: var node } } && view.Coordinator == node;

    private void Enqueue(WebhooksContext outbox, List<Held> released)
    {
        var now = clock.GetUtcNow();
        // What is too old to be delivered is no alert any more: a journal read from its start must not raise a storm.
        var recent = released.Where(one => (now - one.Event.At).TotalSeconds < options.GiveUpAfterSeconds).ToList();
        if (recent.Count == 0) return;
        var ids = recent.Select(one => one.Event.Id).ToArray();
        foreach (var webhook in outbox.Webhooks.Where(row => row.Enabled).ToList())
        {
            var kinds = webhook.KindsOrAll();
            var known = outbox.Deliveries.Where(row => row.WebhookId == webhook.Id && ids.Contains(row.MessageId))
                .Select(row => row.MessageId).ToHashSet();
            var room = MostPending - outbox.Deliveries.Count(row =>
                row.WebhookId == webhook.Id && row.State == DeliveryState.Pending);
            foreach (var one in recent.Where(one =>
                one.ArrivedAt.ToMicroseconds() >= webhook.CreatedAtMicroseconds && webhook.Wants(one.Event, kinds)))
                if (known.Add(one.Event.Id)) outbox.Deliveries.Add(Message(webhook, one.Event, now, room-- > 0));
            RemoveOld(outbox, webhook.Id, DeliveryState.Delivered);
            RemoveOld(outbox, webhook.Id, DeliveryState.Dead);
        }
    }

    private DeliveryRow Message(WebhookRow webhook, ClusterEvent happened, DateTimeOffset now, bool fits) => new()
    {
        WebhookId = webhook.Id,
        MessageId = happened.Id,
        Body = JsonSerializer.Serialize(
            new WebhookMessage { Type = "ha.event", Timestamp = happened.At, Data = happened },
            ApiJson.Shared.WebhookMessage),
        State = fits ? DeliveryState.Pending : DeliveryState.Dead,
        LastError = fits ? null : $"More than {MostPending} messages were waiting for this receiver.",
        CreatedAtMicroseconds = now.ToMicroseconds(),
        DeadlineMicroseconds = now.AddSeconds(options.GiveUpAfterSeconds).ToMicroseconds(),
    };

    private static void RemoveOld(WebhooksContext outbox, string webhookId, DeliveryState state)
    {
        var rows = outbox.Deliveries.Where(row => row.WebhookId == webhookId && row.State == state);
        var edge = rows.OrderByDescending(row => row.Id).Skip(KeptEach).Select(row => row.Id).FirstOrDefault();
        if (edge > 0) rows.Where(row => row.Id <= edge).ExecuteDelete();
    }

    private static void MoveMark(WebhooksContext outbox, JournalMark to)
    {
        if (outbox.Marks.SingleOrDefault() is { } mark) (mark.Position, mark.EventId) = to;
        else outbox.Marks.Add(new OutboxMark { Id = OutboxMark.TheOne, Position = to.Position, EventId = to.EventId });
    }
}

/// <summary>An event on its way into the outbox.</summary>
/// <param name="Entry">The event.</param>
/// <param name="ArrivedAt">When it was read here: a webhook gets nothing from before it was made.</param>
/// <param name="ArrivedTimestamp">The same on the monotonic clock.</param>
internal readonly record struct Held(JournalEntry Entry, DateTimeOffset ArrivedAt, long ArrivedTimestamp)
{
    public ClusterEvent Event => Entry.Event;
}

/// <summary>Tells the sender that there is something new, without waiting for it.</summary>
internal sealed class OutboxSignal : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim raised = new(0, 1);

    public void Raise()
    {
        lock (gate)
            if (raised.CurrentCount == 0) raised.Release();
    }

    public Task WaitAsync(TimeSpan limit, CancellationToken cancel) => raised.WaitAsync(limit, cancel);

    public void Dispose() => raised.Dispose();
}
