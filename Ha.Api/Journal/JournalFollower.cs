using Ha.Api.Agent;
using Ha.Api.Storage;

namespace Ha.Api.Journal;

/// <summary>Something that takes in the agent's journal, in order. Called by one follower only.</summary>
internal interface IJournalSink
{
    /// <summary>Its name in the log.</summary>
    string Name { get; }

    /// <summary>How far the journal was taken in.</summary>
    JournalMark ReadMark();

    /// <summary>
    /// Takes in the next events together with the new mark, or nothing. Also called, at rest, with no events.
    /// </summary>
    void Take(IReadOnlyList<JournalEntry> entries);
}

/// <summary>Reads the journal into one sink: from its mark to the end, then on at each new event.</summary>
internal sealed class JournalFollower(AgentClient agent, IJournalSink sink, TimeProvider clock, ILogger log)
    : BackgroundService
{
    private const int PageSize = 200; // far below what fits into one line of the control protocol
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private const int FaultsUntilSaid = 3; // a database that is just being made is no trouble
    private int faults;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var news = agent.Listen(eventCapacity: 1); // only to be woken: the events are read by their positions
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (agent.State.Connected) await CatchUpAsync(stoppingToken);
                else sink.Take([]);
                if (faults >= FaultsUntilSaid) log.JournalGoesOn(sink.Name);
                faults = 0;
            }
            catch (Exception error) when (SqliteFault.IsStorageFault(error) || error is AgentUnavailableException)
            {
                if (++faults == FaultsUntilSaid) log.JournalHeldUp(sink.Name, error.GetBaseException().Message);
                await Task.Delay(Rest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            await news.WaitAsync(Rest, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            news.Take();
        }
    }

    private async Task CatchUpAsync(CancellationToken cancel)
    {
        var mark = sink.ReadMark();
        var position = await mark.CompareAsync(agent, cancel) switch
        {
            MarkState.Holds => mark.Position,
            MarkState.RotatedAway => Rotated(mark),
            MarkState.OtherJournal => Restarted(mark),
        };
        while (true)
        {
            var page = await JournalMark.ReadAfterAsync(agent, position, PageSize, cancel);
            sink.Take(page);
            if (page.IsEmpty) return;
            position = page[^1].Position;
        }
    }

    private long Rotated(JournalMark mark)
    {
        log.JournalRotated(sink.Name, mark.Position);
        return mark.Position;
    }

    private long Restarted(JournalMark mark)
    {
        log.JournalRestarted(sink.Name, mark.Position);
        return JournalMark.Beginning.Position;
    }
}
