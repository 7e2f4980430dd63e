using System.Text.Json;
using Ha.Api.Agent;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.Operations;

/// <summary>
/// Follows operations to their end and keeps them in the database, which lags behind and may fail: what is under way
/// is always in memory.
/// </summary>
internal sealed class OperationLog(
    AgentClient agent, SqliteFile<OperationsContext> file, ApiOptions options, TimeProvider clock,
    ILogger<OperationLog> log)
    : BackgroundService
{
    private const int MostInMemory = 256;
    private const int RemovedAtOnce = 1000;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<string, TrackedOperation> known = [];
    private readonly HashSet<string> unsaved = [];
    private ClusterSnapshot? merged;
    private bool storageFails;

    public static void AddTo(IServiceCollection parts)
    {
        parts.AddSingleton(provider => new SqliteFile<OperationsContext>(
            provider.GetRequiredService<ApiOptions>().OwnFile("operations.db"),
            options => new OperationsContext(options),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OperationsContext>>()));
        parts.AddRunning<OperationLog>();
        parts.AddSingleton<IdempotencyKeys>().AddSingleton<CommandSender>();
    }

    /// <summary>Whether any operation has not ended yet.</summary>
    public bool AnyUnderWay
    {
        get
        {
            lock (gate)
            {
                MergeState();
                return known.Values.Any(tracked => !tracked.IsFinal);
            }
        }
    }

    /// <summary>
    /// Takes in an operation that the agent has just accepted, before its first snapshot tells of it.
    /// </summary>
    public OperationSnapshot Accept(OperationSnapshot accepted)
    {
        lock (gate)
        {
            MergeState();
            if (!known.TryGetValue(accepted.Id, out var tracked))
                Track(tracked = new TrackedOperation(accepted, merged?.Generation ?? 0));
            return tracked.Operation;
        }
    }

    /// <summary>The operation, or null when it is not known or too long ago.</summary>
    public OperationSnapshot? Find(string id)
    {
        lock (gate)
        {
            MergeState();
            if (known.TryGetValue(id, out var tracked)) return tracked.Operation;
        }
        return file.Use(kept => kept.Operations.AsNoTracking().SingleOrDefault(row => row.Id == id))?.ToOperation();
    }

    /// <summary>A page, newest first, of the operations requested before a place in the list.</summary>
    public List<OperationSnapshot> List(OperationCursor? before, int limit)
    {
        var rows = file.Use(kept =>
        {
            var query = kept.Operations.AsNoTracking();
            if (before is { RequestedAt: var time, Id: var id })
                query = query.Where(row => row.RequestedAtMicroseconds < time
                    || (row.RequestedAtMicroseconds == time && string.Compare(row.Id, id) < 0));
            return query.OrderByDescending(row => row.RequestedAtMicroseconds).ThenByDescending(row => row.Id)
                .Take(limit).ToList();
        });
        var found = rows.ConvertAll(row => row.ToOperation());
        lock (gate)
        {
            MergeState();
            found.RemoveAll(operation => known.ContainsKey(operation.Id));
            found.AddRange(known.Values.Select(tracked => tracked.Operation)
                .Where(operation => before?.IsAfter(operation) ?? true));
        }
        return [.. found.OrderByDescending(operation => operation.RequestedAt)
            .ThenByDescending(operation => operation.Id, StringComparer.Ordinal).Take(limit)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var news = agent.Listen(eventCapacity: 1);
        var loaded = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            lock (gate) MergeState();
            try
            {
                if (!loaded) file.Use(LoadUnfinished);
                loaded = true;
                Save();
                storageFails = false;
            }
            catch (Exception error) when (SqliteFault.IsStorageFault(error))
            {
                if (!storageFails) log.OperationsNotKept(error.GetBaseException().Message);
                storageFails = true;
            }
            await news.WaitAsync(LookInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            news.Take();
        }
    }

    private void LoadUnfinished(OperationsContext kept)
    {
        var rows = kept.Operations.AsNoTracking().Where(row => !row.Final)
            .OrderByDescending(row => row.RequestedAtMicroseconds).Take(MostInMemory).ToList();
        lock (gate)
            foreach (var row in rows) known.TryAdd(row.Id, new TrackedOperation(row.ToOperation(), row.Generation));
    }

    // The gate is held, also while the state is read: an older snapshot must not overwrite a newer one.
    private void MergeState()
    {
        if (agent.State.Snapshot is not { } snapshot || ReferenceEquals(snapshot, merged)) return;
        merged = snapshot;
        foreach (var operation in snapshot.Operations)
            Track(new TrackedOperation(operation, snapshot.Generation));
        var lost = known.Values.Where(tracked => !tracked.IsFinal && tracked.Generation < snapshot.Generation).ToList();
        foreach (var tracked in lost) Track(tracked.Orphaned(snapshot));
    }

    // The gate is held.
    private void Track(TrackedOperation tracked)
    {
        var id = tracked.Operation.Id;
        if (known.TryGetValue(id, out var before) && IsSame(before, tracked)) return;
        known[id] = tracked;
        unsaved.Add(id);
        if (known.Count <= MostInMemory) return;
        var oldest = known.Values
            .OrderByDescending(other => other.IsFinal).ThenBy(other => other.Operation.RequestedAt).First();
        known.Remove(oldest.Operation.Id);
        unsaved.Remove(oldest.Operation.Id);
    }

    // Records compare their arrays by reference; what was read anew from the socket is never the same object.
    private static bool IsSame(TrackedOperation a, TrackedOperation b) => a.Generation == b.Generation
        && (ReferenceEquals(a.Operation, b.Operation) || Bytes(a).AsSpan().SequenceEqual(Bytes(b)));

    private static byte[] Bytes(TrackedOperation tracked) =>
        JsonSerializer.SerializeToUtf8Bytes(tracked.Operation, HaJson.Default.OperationSnapshot);

    private void Save()
    {
        List<TrackedOperation> changed;
        lock (gate) changed = [.. unsaved.Select(id => known[id])];
        if (changed.Count == 0) return;
        file.Use(kept =>
        {
            foreach (var row in changed.Select(OperationRow.Of))
            {
                if (kept.Operations.Find(row.Id) is { } present)
                    (present.Final, present.Generation, present.Json) = (row.Final, row.Generation, row.Json);
                else kept.Operations.Add(row);
            }
            kept.SaveChanges();
            var oldest = clock.GetUtcNow().AddDays(-options.HistoryDays).ToMicroseconds();
            kept.Operations.Where(row => row.RequestedAtMicroseconds < oldest).Take(RemovedAtOnce).ExecuteDelete();
        });
        lock (gate)
            foreach (var saved in changed.Where(saved => known.GetValueOrDefault(saved.Operation.Id) == saved))
                unsaved.Remove(saved.Operation.Id);
    }
}

/// <summary>A place in the list of operations.</summary>
internal sealed record OperationCursor(long RequestedAt, string Id)
{
    public bool IsAfter(OperationSnapshot operation) => operation.RequestedAt.ToMicroseconds() is var time
        && (time < RequestedAt || (time == RequestedAt && string.CompareOrdinal(operation.Id, Id) < 0));
}
