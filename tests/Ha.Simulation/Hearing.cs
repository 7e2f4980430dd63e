namespace Ha.Simulation;

/// <summary>
/// Ground truth of who could hear whom: which status messages a node's agent really processed. Silence is counted on
/// the observer's running time - while its own agent ran - because that is the only silence a node may act on (S12).
/// </summary>
public sealed class Hearing
{
    private readonly SimulationProfile profile;
    private readonly Observer[] observers;
    private readonly long[,] heardAt;
    private readonly long threshold;

    /// <summary>Nobody has heard anybody yet.</summary>
    public Hearing(SimulationProfile profile)
    {
        this.profile = profile;
        // Clock rates differ by up to 0.05 % each way; 2 ms for the instants that lie between truth and step.
        var deadtime = Micros.From(profile.Deadtime);
        threshold = deadtime - (deadtime / 900) - (2 * Micros.Millisecond);
        observers = [.. Enumerable.Range(0, profile.Nodes).Select(_ => new Observer(profile.Nodes))];
        heardAt = new long[profile.Nodes, profile.Nodes];
        for (var a = 0; a < profile.Nodes; a++)
        {
            for (var b = 0; b < profile.Nodes; b++) heardAt[a, b] = long.MinValue / 2;
        }
    }

    /// <summary>How long after a silence ended a decision may still rest on it.</summary>
    public long Settling => Micros.From(profile.Deadtime) + (5 * Micros.From(profile.Keepalive));

    /// <summary>An agent began a life.</summary>
    public void LifeStarted(long now, int node)
    {
        observers[node] = new Observer(profile.Nodes) { RunningSince = now, Runs = true, Alive = true };
    }

    /// <summary>An agent's life is over.</summary>
    public void LifeEnded(long now, int node)
    {
        RememberSilences(now, node);
        observers[node].Stop(now);
        observers[node].Alive = false;
    }

    /// <summary>An agent stopped running for a while.</summary>
    public void Paused(long now, int node)
    {
        RememberSilences(now, node);
        observers[node].Stop(now);
    }

    /// <summary>It runs again. What of the pause its loop could not notice counts as time that it ran.</summary>
    public void Resumed(long now, int node, long unnoticed)
    {
        observers[node].RunningSince = now - unnoticed;
        observers[node].Runs = true;
    }

    /// <summary>A node's agent processed a status of another.</summary>
    /// <param name="now">World time.</param>
    /// <param name="receiver">Who processed it.</param>
    /// <param name="sender">Who sent it.</param>
    /// <param name="currentLife">Whether the sender still lives the life that sent it.</param>
    /// <param name="generation">The life that sent it.</param>
    /// <param name="sequence">
    /// Its sequence number: only news is a sign of life, not a copy over another medium and not an older status that
    /// was late or sent again.
    /// </param>
    /// <returns>Whether it was news.</returns>
    public bool StatusProcessed(long now, int receiver, int sender, bool currentLife, uint generation, ulong sequence)
    {
        var observer = observers[receiver];
        if (!observer.Received[sender].IsNew(generation, sequence)) return false;
        if (observer.Clock(now) - observer.LastIn[sender] >= threshold) observer.SilentUntil[sender] = now;
        observer.LastIn[sender] = observer.Clock(now);
        observer.Heard[sender] = true;
        heardAt[receiver, sender] = now;
        if (!currentLife) return true;
        observer = observers[sender];
        if (observer.Clock(now) - observer.LastOut[receiver] >= threshold) observer.SilentUntil[receiver] = now;
        observer.LastOut[receiver] = observer.Clock(now);
        return true;
    }

    /// <summary>
    /// A node's agent processed a status that an intruder played again: no sign of life, but the same status is no news
    /// when it comes, or is sent again, afterwards.
    /// </summary>
    public void StatusReplayed(long now, int receiver, int sender, uint generation, ulong sequence)
    {
        var observer = observers[receiver];
        if (observer.Received[sender].IsNew(generation, sequence)) observer.Misled[sender] = observer.Clock(now);
    }

    /// <summary>
    /// Whether the observer may take the other for alive, because of a status that it had not seen and that was played
    /// again: nothing in it says how old it is.
    /// </summary>
    public bool IsMisled(long now, int observer, int other) =>
        observers[observer].Clock(now) - observers[observer].Misled[other] < threshold + Settling;

    /// <summary>
    /// Whether the observer has, or had until recently, a reason to hold the other for lost: in its own running time it
    /// did not hear it, or was not heard by it, for the dead time.
    /// </summary>
    public bool MayHoldForLost(long now, int observer, int other)
    {
        var at = observers[observer];
        return SilentNow(now, observer, other) || at.SilentUntil[other] >= now - Settling;
    }

    /// <summary>
    /// As <see cref="MayHoldForLost"/> for any two nodes: in larger clusters a third node may decide.
    /// </summary>
    public bool AnyoneMayHoldForLost(long now)
    {
        for (var a = 0; a < profile.Nodes; a++)
        {
            for (var b = 0; b < profile.Nodes; b++)
            {
                if (a != b && MayHoldForLost(now, a, b)) return true;
            }
        }

        return false;
    }

    /// <summary>Whether one direction between two running agents has been silent for the dead time.</summary>
    public bool SilentNow(long now, int observer, int other)
    {
        var at = observers[observer];
        var clock = at.Clock(now);
        return at.Alive && (clock - at.LastIn[other] >= threshold || clock - at.LastOut[other] >= threshold);
    }

    /// <summary>
    /// Whether one direction has been silent for the dead time and some more, in the observer's running time.
    /// </summary>
    public bool SilentLongerThan(long now, int observer, int other, long more)
    {
        var at = observers[observer];
        var clock = at.Clock(now);
        var silence = Math.Max(clock - at.LastIn[other], clock - at.LastOut[other]);
        return at.Alive && silence >= threshold + more;
    }

    /// <summary>Whether a node's agent runs.</summary>
    public bool Runs(int node) => observers[node].Alive && observers[node].Runs;

    /// <summary>Whether exactly one direction between two running agents has been silent for the dead time.</summary>
    public bool OneWayNow(long now, int observer, int other)
    {
        var at = observers[observer];
        var clock = at.Clock(now);
        return (clock - at.LastIn[other] >= threshold) != (clock - at.LastOut[other] >= threshold);
    }

    /// <summary>Whether the observer heard the other in its present life.</summary>
    public bool HeardInThisLife(int observer, int other) => observers[observer].Heard[other];

    /// <summary>How long an agent has been running in its present life, pauses not counted.</summary>
    public long RunningTime(long now, int node) => observers[node].Clock(now);

    /// <summary>Whether all running agents hear each other on time and none is paused.</summary>
    public bool IsSettled(long now)
    {
        var fresh = (3 * Micros.From(profile.Keepalive)) + (300 * Micros.Millisecond);
        for (var a = 0; a < profile.Nodes; a++)
        {
            if (!observers[a].Alive) continue;
            if (!observers[a].Runs) return false;
            for (var b = 0; b < profile.Nodes; b++)
            {
                if (a != b && observers[b].Alive && now - heardAt[a, b] > fresh) return false;
            }
        }

        return true;
    }

    private void RememberSilences(long now, int node)
    {
        for (var other = 0; other < profile.Nodes; other++)
        {
            if (other != node && SilentNow(now, node, other)) observers[node].SilentUntil[other] = now;
        }
    }

    private sealed class Observer
    {
        private long ranBefore;

        public Observer(int nodes)
        {
            LastIn = new long[nodes];
            Received = [.. Enumerable.Range(0, nodes).Select(_ => new NewestStatus())];
            LastOut = new long[nodes];
            Heard = new bool[nodes];
            SilentUntil = new long[nodes];
            Array.Fill(SilentUntil, long.MinValue / 2);
            Misled = new long[nodes];
            Array.Fill(Misled, long.MinValue / 2);
        }

        public bool Alive { get; set; }

        public bool Runs { get; set; }

        public long RunningSince { get; set; }

        public long[] LastIn { get; }

        public long[] LastOut { get; }

        public ImmutableArray<NewestStatus> Received { get; }

        public bool[] Heard { get; }

        public long[] SilentUntil { get; }

        public long[] Misled { get; }

        public long Clock(long now) => ranBefore + (Runs ? now - RunningSince : 0);

        public void Stop(long now)
        {
            ranBefore = Clock(now);
            Runs = false;
        }
    }

    /// <summary>The newest status of one sender that an agent has seen.</summary>
    private sealed class NewestStatus
    {
        private uint life;
        private ulong newest;

        public bool IsNew(uint generation, ulong sequence)
        {
            if (generation < life || (generation == life && sequence <= newest)) return false;
            life = generation;
            newest = sequence;
            return true;
        }
    }
}
