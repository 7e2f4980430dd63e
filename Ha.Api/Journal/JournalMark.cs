using Ha.Api.Agent;

namespace Ha.Api.Journal;

/// <summary>
/// A place in this node's journal, with the event found there: positions alone begin anew when a journal is lost.
/// </summary>
/// <param name="Position">Position of the last event taken; 0 when none was.</param>
/// <param name="EventId">Id of that event; empty when none was.</param>
internal sealed record JournalMark(long Position, string EventId)
{
    public static readonly JournalMark Beginning = new(0, "");

    public static JournalMark Of(JournalEntry entry) => new(entry.Position, entry.Event.Id);

    /// <summary>Compares the mark with the journal as it is now.</summary>
    public async Task<MarkState> CompareAsync(AgentClient agent, CancellationToken cancel)
    {
        if (Position == 0) return MarkState.Holds;
        var page = await ReadAfterAsync(agent, Position - 1, 1, cancel);
        if (page.IsEmpty || page[0].Position < Position) return MarkState.OtherJournal;
        if (page[0].Position > Position) return MarkState.RotatedAway;
        return page[0].Event.Id == EventId ? MarkState.Holds : MarkState.OtherJournal;
    }

    /// <summary>Events after a position, oldest first.</summary>
    public static async Task<ImmutableArray<JournalEntry>> ReadAfterAsync(
        AgentClient agent, long position, int limit, CancellationToken cancel)
    {
        var request = new ControlRequest
        {
            Id = 1, Method = ControlMethod.Events, After = position, Limit = limit,
        };
        return (await agent.AskAsync(request, cancel)).Entries ?? [];
    }
}

/// <summary>How a mark relates to the journal.</summary>
internal enum MarkState
{
    /// <summary>The event is where it was: go on after it.</summary>
    Holds,

    /// <summary>The journal dropped it for age: go on with the oldest that is left; those between are lost.</summary>
    RotatedAway,

    /// <summary>Another event is there, or none: the journal began anew and has to be read from its start.</summary>
    OtherJournal,
}
