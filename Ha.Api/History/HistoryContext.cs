using System.Text.Json;
using Ha.Api.Journal;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.History;

/// <summary>The event history: a projection of the agent's journal that can be thrown away at any time.</summary>
internal sealed class HistoryContext(DbContextOptions<HistoryContext> options) : DbContext(options)
{
    public DbSet<EventRow> Events => Set<EventRow>();

    public DbSet<HistoryMark> Marks => Set<HistoryMark>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<EventRow>(row =>
        {
            row.ToTable("Events").HasKey(e => e.RowId);
            row.HasIndex(e => e.EventId).IsUnique();
            row.HasIndex(e => new { e.Kind, e.RowId });
            row.HasIndex(e => new { e.Severity, e.RowId });
            row.HasIndex(e => new { e.Node, e.RowId });
            row.HasIndex(e => new { e.Subject, e.RowId });
            row.HasIndex(e => e.AtMicroseconds);
        });
        modelBuilder.Entity<HistoryMark>(mark =>
        {
            mark.ToTable("Marks").HasKey(m => m.Id);
            mark.Property(m => m.Id).ValueGeneratedNever();
        });
    }
}

/// <summary>
/// One event. Rows are numbered in the order of the journal; the number is local, the event id is not.
/// </summary>
internal sealed class EventRow
{
    public long RowId { get; init; }

    public required string EventId { get; init; }

    public required string Node { get; init; }

    public required long AtMicroseconds { get; init; }

    public required long MonotonicMicroseconds { get; init; }

    public required EventKind Kind { get; init; }

    public required EventSeverity Severity { get; init; }

    public required string Subject { get; init; }

    public required string Sentence { get; init; }

    public string? TransitionId { get; init; }

    /// <summary>The facts as a JSON object; null when there are none.</summary>
    public string? Data { get; init; }

    public static EventRow Of(ClusterEvent happened) => new()
    {
        EventId = happened.Id,
        Node = happened.Node,
        AtMicroseconds = happened.At.ToMicroseconds(),
        MonotonicMicroseconds = happened.MonotonicMicroseconds,
        Kind = happened.Kind,
        Severity = happened.Severity,
        Subject = happened.Subject,
        Sentence = happened.Sentence,
        TransitionId = happened.TransitionId,
        Data = happened.Data.IsEmpty
            ? null
            : JsonSerializer.Serialize(happened.Data, HaJson.Default.ImmutableSortedDictionaryStringString),
    };

    public ClusterEvent ToEvent() => new()
    {
        Id = EventId,
        Node = Node,
        At = UnixTime.FromMicroseconds(AtMicroseconds),
        MonotonicMicroseconds = MonotonicMicroseconds,
        Kind = Kind,
        Severity = Severity,
        Subject = Subject,
        Sentence = Sentence,
        TransitionId = TransitionId,
        Data = Data is null
            ? ImmutableSortedDictionary<string, string>.Empty
            : JsonSerializer.Deserialize(Data, HaJson.Default.ImmutableSortedDictionaryStringString)!,
    };
}

/// <summary>How far the journal was read. One row.</summary>
internal sealed class HistoryMark
{
    public const int TheOne = 1;

    public required int Id { get; init; }

    public required long Position { get; set; }

    public required string EventId { get; set; }

    /// <summary>Names this life of the database: row numbers, and so cursors, mean nothing in another one.</summary>
    public required string Epoch { get; init; }

    public JournalMark ToMark() => new(Position, EventId);
}
