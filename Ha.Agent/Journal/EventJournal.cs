using System.Collections.Immutable;
using Ha.Agent.State;
using Ha.Core.Contracts;

namespace Ha.Agent.Journal;

/// <summary>
/// This node's bounded record of events. Appending never waits and never touches the disk: the newest entries live in
/// a ring, from which a thread of its own writes them. While the disk does not work the ring goes on, and what falls
/// out of it unwritten is counted and reported.
/// </summary>
internal sealed class EventJournal : IDisposable
{
    private const int MaxSubscriptions = 64;
    private const int MaxBatch = 256;


    private readonly Lock gate = new();
    private readonly JournalEntry?[] ring;
    private readonly JournalOptions options;
    private readonly JournalFiles files;
    private readonly Action<StorageReport> report;
    private readonly AutoResetEvent work = new(initialState: false);
    private readonly Thread writer;
    private ImmutableArray<JournalSubscription> subscriptions = [];
    private long firstInMemory;
    private long last;
    private long written;
    private long lost;
    private bool failed;
    private volatile bool closed;

    /// <summary>Opens the journal, after a crash as well; positions go on where they stopped.</summary>
    /// <param name="options">Directory and bounds.</param>
    /// <param name="report">Told once when the disk stops working and once when it works again; must not throw.</param>
    /// <exception cref="StateException">The directory cannot be used at all.</exception>
    public EventJournal(JournalOptions options, Action<StorageReport> report)
    {
        this.options = options;
        this.report = report;
        ring = new JournalEntry?[options.MemoryEntries];
        files = new JournalFiles(options);
        last = written = files.Recover();
        firstInMemory = last + 1;
        writer = new Thread(Write) { IsBackground = true, Name = "journal" };
        writer.Start();
    }

    /// <summary>Position of the newest entry; 0 when there has never been one.</summary>
    public long LastPosition
    {
        get
        {
            lock (gate) return last;
        }
    }

    /// <summary>Appends an event. For the loop thread: no disk, no waiting.</summary>
    public void Append(ClusterEvent happened)
    {
        lock (gate)
        {
            last++;
            ring[last % ring.Length] = new JournalEntry(last, happened);
            firstInMemory = Math.Max(firstInMemory, last - ring.Length + 1);
            foreach (var subscription in subscriptions) subscription.Tell(last);
        }

        if (!closed) work.Set();
    }

    /// <summary>Entries after a position, oldest first; empty when there is nothing newer.</summary>
    /// <param name="after">The last position already known; 0 is before the oldest kept.</param>
    /// <param name="limit">At most this many.</param>
    /// <exception cref="StateException">Older entries are wanted and the disk cannot be read.</exception>
    public ImmutableArray<JournalEntry> Read(long after, int limit)
    {
        while (true)
        {
            long boundary;
            lock (gate)
            {
                boundary = firstInMemory;
                if (after + 1 >= boundary) return FromMemory_NeedsLock(after, limit);
            }

            var older = files.Read(after, boundary, limit);
            if (older.Count > 0) return [.. older];

            // Rotated away or never written: go on with what memory holds, unless memory has moved on meanwhile.
            after = boundary - 1;
        }
    }

    /// <summary>Subscribes to the news that there are new entries.</summary>
    /// <exception cref="InvalidOperationException">There are too many subscribers.</exception>
    public JournalSubscription Subscribe()
    {
        var subscription = new JournalSubscription(this);
        lock (gate)
        {
            if (subscriptions.Length == MaxSubscriptions)
                throw new InvalidOperationException($"the journal has {MaxSubscriptions} subscribers already");
            subscriptions = subscriptions.Add(subscription);
        }

        return subscription;
    }

    public void Dispose()
    {
        if (closed) return;
        closed = true;
        work.Set();
        var ended = writer.Join(options.FlushAtEnd);
        lock (gate)
        {
            foreach (var subscription in subscriptions) subscription.End();
            subscriptions = [];
        }

        // A disk that hangs keeps the writer; its descriptors end with the process.
        if (!ended) return;
        work.Dispose();
        files.Dispose();
    }

    internal void Remove(JournalSubscription subscription)
    {
        lock (gate) subscriptions = subscriptions.Remove(subscription);
        subscription.End();
    }

    private ImmutableArray<JournalEntry> FromMemory_NeedsLock(long after, int limit)
    {
        var count = (int)Math.Clamp(last - after, 0, limit);
        var entries = ImmutableArray.CreateBuilder<JournalEntry>(count);
        for (var position = after + 1; position <= after + count; position++)
            entries.Add(ring[position % ring.Length]!);
        return entries.MoveToImmutable();
    }

    private void Write()
    {
        while (true)
        {
            work.WaitOne(failed ? options.RetryInterval : Timeout.InfiniteTimeSpan);
            var ending = closed;
            while (TakeBatch() is { Count: > 0 } batch && Store(batch))
            {
                // One batch after the other.
            }

            if (ending) return;
        }
    }

    /// <summary>
    /// The oldest entries that are not on disk; those that fell out of memory meanwhile are counted as lost.
    /// </summary>
    private List<JournalEntry> TakeBatch()
    {
        lock (gate)
        {
            if (written + 1 < firstInMemory)
            {
                lost += firstInMemory - written - 1;
                written = firstInMemory - 1;
            }

            return [.. FromMemory_NeedsLock(written, MaxBatch)];
        }
    }

    private bool Store(List<JournalEntry> batch)
    {
        try
        {
            files.Append(batch, batch.Any(entry => entry.Event.Severity >= EventSeverity.Warning));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (!failed)
            {
                report(new StorageReport("journal", Works: false,
                    $"The journal in {options.Directory} cannot be written: {failure.Message} "
                    + $"The newest {ring.Length} events are kept in memory; free space or repair the disk."));
            }

            failed = true;
            return false;
        }

        written = batch[^1].Position;
        if (!failed && lost == 0) return true;
        var missing = lost == 0
            ? "No event was lost."
            : $"{lost} events before position {batch[0].Position} were lost.";
        if (!failed) report(new StorageReport("journal", Works: false, $"The journal could not keep up: {missing}"));
        report(new StorageReport(
            "journal", Works: true, $"The journal in {options.Directory} is written again. {missing}"));
        failed = false;
        lost = 0;
        return true;
    }
}
