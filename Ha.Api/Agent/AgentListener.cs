namespace Ha.Api.Agent;

/// <summary>
/// The mailbox of one reader of the agent's pushes. The reader may be as slow as it likes: states overwrite each
/// other, and events beyond the capacity are dropped, which the reader is told.
/// </summary>
internal sealed class AgentListener(AgentClient agent, int eventCapacity) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Queue<JournalEntry> entries = new();
    private readonly SemaphoreSlim signal = new(0, 1);
    private bool lostEntries;
    private bool closed;
    private bool stateChanged = true;

    /// <summary>Returns when something is in the mailbox, or after <paramref name="limit"/>.</summary>
    public Task WaitAsync(TimeSpan limit, CancellationToken cancel) => signal.WaitAsync(limit, cancel);

    /// <summary>Empties the mailbox.</summary>
    public AgentNews Take()
    {
        lock (gate)
        {
            var news = new AgentNews(stateChanged, lostEntries, [.. entries]);
            entries.Clear();
            lostEntries = stateChanged = false;
            return news;
        }
    }

    internal void PostState()
    {
        lock (gate)
        {
            stateChanged = true;
            Wake();
        }
    }

    internal void PostEntry(JournalEntry entry)
    {
        lock (gate)
        {
            if (entries.Count < eventCapacity) entries.Enqueue(entry);
            else lostEntries = true;
            Wake();
        }
    }

    internal void PostGap()
    {
        lock (gate)
        {
            lostEntries = true;
            Wake();
        }
    }

    // Called with the gate held, so that two posters cannot both see an empty signal.
    private void Wake()
    {
        if (!closed && signal.CurrentCount == 0) signal.Release();
    }

    public void Dispose()
    {
        agent.Remove(this);
        lock (gate)
        {
            closed = true; // a post may be under way that still sees this mailbox
            signal.Dispose();
        }
    }
}

/// <summary>What was in a mailbox.</summary>
/// <param name="StateChanged">The state is another one than at the last look.</param>
/// <param name="LostEntries">Events are missing after the last ones: read them from the history.</param>
/// <param name="Entries">Events in journal order.</param>
internal readonly record struct AgentNews(bool StateChanged, bool LostEntries, ImmutableArray<JournalEntry> Entries);
