namespace Ha.Api.Agent;

/// <summary>What this process knows of its agent, replaced whole with every push.</summary>
/// <param name="Connected">The subscription stands.</param>
/// <param name="Snapshot">The last snapshot; null when there never was one.</param>
/// <param name="Alive">The last sign of life; null when there never was one.</param>
/// <param name="HeardAt">Timestamp of the clock when the agent last pushed anything.</param>
internal sealed record AgentState(bool Connected, ClusterSnapshot? Snapshot, AliveSign? Alive, long HeardAt)
{
    /// <summary>An agent that pushes its signs of life each second is not silent for longer than this.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(3);

    public static readonly AgentState Nothing = new(Connected: false, null, null, 0);

    /// <summary>How old the snapshot may be: silence on the socket plus the time its heartbeat loop hung.</summary>
    public TimeSpan? Age(TimeProvider clock) => Snapshot is null
        ? null
        : clock.GetElapsedTime(HeardAt) + TimeSpan.FromMilliseconds(Alive?.LastLoopMs ?? 0);

    /// <summary>Whether the snapshot can be taken for the present. Role probes answer only by a fresh one.</summary>
    public bool IsFresh(TimeProvider clock) => Connected && Age(clock) <= FreshFor;

    public LiveSign Sign(TimeProvider clock) => new(Connected, (long?)Age(clock)?.TotalMilliseconds, Alive);
}
