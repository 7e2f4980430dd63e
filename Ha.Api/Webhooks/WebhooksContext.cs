using System.Text.Json;
using Ha.Api.Journal;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Webhooks;

/// <summary>
/// Webhooks and their outbox: unlike the history this cannot be rebuilt, so it has a file of its own.
/// </summary>
internal sealed class WebhooksContext(DbContextOptions<WebhooksContext> options) : DbContext(options)
{
    public DbSet<WebhookRow> Webhooks => Set<WebhookRow>();

    public DbSet<DeliveryRow> Deliveries => Set<DeliveryRow>();

    public DbSet<OutboxMark> Marks => Set<OutboxMark>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<WebhookRow>(row => row.ToTable("Webhooks").HasKey(w => w.Id));
        modelBuilder.Entity<DeliveryRow>(row =>
        {
            row.ToTable("Deliveries").HasKey(d => d.Id);
            row.HasIndex(d => new { d.WebhookId, d.MessageId }).IsUnique();
            row.HasIndex(d => new { d.WebhookId, d.State, d.Id });
        });
        modelBuilder.Entity<OutboxMark>(mark =>
        {
            mark.ToTable("Marks").HasKey(m => m.Id);
            mark.Property(m => m.Id).ValueGeneratedNever();
        });
    }
}

/// <summary>One webhook.</summary>
internal sealed class WebhookRow
{
    public required string Id { get; init; }

    public required string Url { get; set; }

    /// <summary>Needed in the clear to sign; the file is for this user alone.</summary>
    public required string Secret { get; set; }

    public required bool Enabled { get; set; }

    public string? DisabledReason { get; set; }

    public required EventSeverity MinimumSeverity { get; set; }

    /// <summary>Kinds as a JSON array of words.</summary>
    public required string Kinds { get; set; }

    public required long CreatedAtMicroseconds { get; init; }

    public ImmutableArray<EventKind> KindsOrAll() =>
        JsonSerializer.Deserialize(Kinds, ApiJson.Shared.ImmutableArrayEventKind);

    public static string KindsText(ImmutableArray<EventKind> kinds) =>
        JsonSerializer.Serialize(kinds, ApiJson.Shared.ImmutableArrayEventKind);

    public bool Wants(ClusterEvent happened, ImmutableArray<EventKind> kinds) =>
        happened.Severity >= MinimumSeverity && (kinds.IsEmpty || kinds.Contains(happened.Kind));
}

/// <summary>
/// One message to one receiver. The body is kept as it is signed, so that every attempt sends the same.
/// </summary>
internal sealed class DeliveryRow
{
    public long Id { get; init; }

    public required string WebhookId { get; init; }

    public required string MessageId { get; init; }

    public required string Body { get; init; }

    public required DeliveryState State { get; set; }

    public int Attempts { get; set; }

    public required long CreatedAtMicroseconds { get; init; }

    public required long DeadlineMicroseconds { get; set; }

    public long? LastAttemptMicroseconds { get; set; }

    public int? LastStatus { get; set; }

    public string? LastError { get; set; }

    public WebhookDelivery ToDelivery() => new()
    {
        Id = Id,
        MessageId = MessageId,
        State = State,
        Attempts = Attempts,
        CreatedAt = UnixTime.FromMicroseconds(CreatedAtMicroseconds),
        Deadline = UnixTime.FromMicroseconds(DeadlineMicroseconds),
        LastAttemptAt = LastAttemptMicroseconds is { } time ? UnixTime.FromMicroseconds(time) : null,
        LastStatus = LastStatus,
        LastError = LastError,
    };
}

/// <summary>How far the journal was put into the outbox. One row.</summary>
internal sealed class OutboxMark
{
    public const int TheOne = 1;

    public required int Id { get; init; }

    public required long Position { get; set; }

    public required string EventId { get; set; }

    public JournalMark ToMark() => new(Position, EventId);
}
