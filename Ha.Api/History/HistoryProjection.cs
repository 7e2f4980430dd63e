using Ha.Api.Agent;
using Ha.Api.Journal;
using Ha.Api.Storage;
using Microsoft.EntityFrameworkCore;

namespace Ha.Api.History;

/// <summary>Writes the journal into the history, each event once, and removes what is too old or too much.</summary>
internal sealed class HistoryProjection(SqliteFile<HistoryContext> file, ApiOptions options, TimeProvider clock)
    : IJournalSink
{
    private const int RemovedAtOnce = 10_000;
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromMinutes(1);
    private const int RetentionAfterEvents = 1000;
    private long? retentionDoneAt;
    private int sinceRetention;

    public static void AddTo(IServiceCollection parts)
    {
        parts.AddSingleton(provider => new SqliteFile<HistoryContext>(
            provider.GetRequiredService<ApiOptions>().OwnFile("history.db"), options => new HistoryContext(options),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HistoryContext>>()));
        parts.AddSingleton<HistoryProjection>();
        parts.AddSingleton<IHostedService>(provider => new JournalFollower(provider.GetRequiredService<AgentClient>(),
            provider.GetRequiredService<HistoryProjection>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<JournalFollower>>()));
    }

    public string Name => "the event history";

    public JournalMark ReadMark() =>
        file.Use(history => history.Marks.AsNoTracking().SingleOrDefault())?.ToMark() ?? JournalMark.Beginning;

    public void Take(IReadOnlyList<JournalEntry> entries)
    {
        if (entries.Count > 0) file.Use(history => Append(history, entries));
        sinceRetention += entries.Count;
        if (sinceRetention < RetentionAfterEvents && retentionDoneAt is { } done
            && clock.GetElapsedTime(done) < RetentionInterval) return;
        (retentionDoneAt, sinceRetention) = (clock.GetTimestamp(), 0);
        file.Use(RemoveOld);
    }

    private static void Append(HistoryContext history, IReadOnlyList<JournalEntry> entries)
    {
        var ids = entries.Select(entry => entry.Event.Id).ToArray();
        var present = history.Events.Where(row => ids.Contains(row.EventId)).Select(row => row.EventId).ToHashSet();
        history.Events.AddRange(
            entries.Where(entry => present.Add(entry.Event.Id)).Select(entry => EventRow.Of(entry.Event)));
        var mark = history.Marks.SingleOrDefault();
        if (mark is null)
        {
            mark = new HistoryMark
            {
                Id = HistoryMark.TheOne, Position = 0, EventId = "", Epoch = Guid.NewGuid().ToString("N")[..8],
            };
            history.Marks.Add(mark);
        }
        (mark.Position, mark.EventId) = JournalMark.Of(entries[^1]);
        history.SaveChanges(); // one transaction: events and mark
    }

    // Bounded per call, so that a shortened retention does not lock the database for long.
    private void RemoveOld(HistoryContext history)
    {
        var oldest = clock.GetUtcNow().AddDays(-options.HistoryDays).ToMicroseconds();
        history.Events.Where(row => row.AtMicroseconds < oldest).OrderBy(row => row.RowId).Take(RemovedAtOnce)
            .ExecuteDelete();
        var surplus = history.Events.Count() - options.HistoryEvents;
        if (surplus > 0)
            history.Events.OrderBy(row => row.RowId).Take(Math.Min(surplus, RemovedAtOnce)).ExecuteDelete();
    }
}
