using Ha.Api.Agent;

namespace Ha.Api.Live;

/// <summary>Pushes to one client: states coalesced, events in order, a sign of life each second.</summary>
internal sealed class LivePump(AgentClient agent, IClusterClient client, TimeProvider clock)
{
    private const int MostEventsWaiting = 1000;
    private static readonly TimeSpan BetweenSnapshots = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenSigns = TimeSpan.FromSeconds(1);

    private ClusterSnapshot? sent;
    private long? snapshotSentAt;
    private long? signSentAt;
    private bool? connected;

    /// <summary>Runs until <paramref name="mayStay"/> says no.</summary>
    public async Task RunAsync(Func<bool> mayStay, CancellationToken stop)
    {
        using var news = agent.Listen(MostEventsWaiting);
        while (mayStay())
        {
            var taken = news.Take();
            var state = agent.State;
            if (SnapshotIsDue(state)) await SendAsync(state.Snapshot!);
            foreach (var entry in taken.Entries) await client.EventAppended(entry);
            if (taken.LostEntries)
                await client.Resync("Events were left out here: read /api/v1/events for what is missing.");
            if (state.Connected != connected || Remaining(signSentAt, BetweenSigns) == TimeSpan.Zero)
            {
                (connected, signSentAt) = (state.Connected, clock.GetTimestamp());
                await client.Alive(state.Sign(clock));
            }
            await news.WaitAsync(UntilNextDuty(), stop);
        }
    }

    private bool SnapshotIsDue(AgentState state) => state.Snapshot is not null
        && !ReferenceEquals(state.Snapshot, sent) && Remaining(snapshotSentAt, BetweenSnapshots) == TimeSpan.Zero;

    private async Task SendAsync(ClusterSnapshot snapshot)
    {
        (sent, snapshotSentAt) = (snapshot, clock.GetTimestamp());
        await client.Snapshot(snapshot);
    }

    private TimeSpan UntilNextDuty()
    {
        var sign = Remaining(signSentAt, BetweenSigns);
        if (ReferenceEquals(agent.State.Snapshot, sent)) return sign;
        var snapshot = Remaining(snapshotSentAt, BetweenSnapshots);
        return snapshot < sign ? snapshot : sign;
    }

    private TimeSpan Remaining(long? since, TimeSpan interval)
    {
        if (since is not { } last) return TimeSpan.Zero;
        var left = interval - clock.GetElapsedTime(last);
        // Never a fraction of a millisecond: it would be waited for as zero, in a loop.
        return left <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
    }
}
