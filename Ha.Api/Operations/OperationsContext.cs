using System.Text.Json;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Operations;

/// <summary>
/// Operations after they left the snapshot, and the keys of requests that must not be carried out twice.
/// </summary>
internal sealed class OperationsContext(DbContextOptions<OperationsContext> options) : DbContext(options)
{
    public DbSet<OperationRow> Operations => Set<OperationRow>();

    public DbSet<RequestKey> Keys => Set<RequestKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OperationRow>(row =>
        {
            row.ToTable("Operations").HasKey(o => o.Id);
            row.HasIndex(o => new { o.RequestedAtMicroseconds, o.Id });
            row.HasIndex(o => o.Final);
        });
        modelBuilder.Entity<RequestKey>(key =>
        {
            key.ToTable("Keys").HasKey(k => k.Key);
            key.HasIndex(k => k.CreatedAtMicroseconds);
        });
    }
}

/// <summary>One operation as it was last seen.</summary>
internal sealed class OperationRow
{
    public required string Id { get; init; }

    public required long RequestedAtMicroseconds { get; init; }

    /// <summary>It ended; only its end is of interest from then on.</summary>
    public required bool Final { get; set; }

    /// <summary>Life of the agent in which it was last seen.</summary>
    public required long Generation { get; set; }

    public required string Json { get; set; }

    public OperationSnapshot ToOperation() => JsonSerializer.Deserialize(Json, HaJson.Default.OperationSnapshot)!;

    public static OperationRow Of(TrackedOperation tracked) => new()
    {
        Id = tracked.Operation.Id,
        RequestedAtMicroseconds = tracked.Operation.RequestedAt.ToMicroseconds(),
        Final = tracked.IsFinal,
        Generation = tracked.Generation,
        Json = JsonSerializer.Serialize(tracked.Operation, HaJson.Default.OperationSnapshot),
    };
}

/// <summary>An idempotency key and the request it stands for.</summary>
internal sealed class RequestKey
{
    public required string Key { get; init; }

    /// <summary>Hash of path and body.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What the request made; null while it is not known.</summary>
    public string? ResultId { get; set; }

    public required long CreatedAtMicroseconds { get; init; }
}
