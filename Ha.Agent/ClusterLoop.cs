using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent;

/// <summary>
/// The heartbeat loop: one thread that owns the engine, waits for packets, posted inputs and the engine's next
/// deadline, and carries out what each step asks for, in order. In steady state nothing is allocated.
/// </summary>
internal sealed partial class ClusterLoop
{
    /// <summary>How many packets of one medium are taken before time and posted inputs get their turn.</summary>
    private const int PacketsPerRound = 64;

    /// <summary>
    /// How many packets of one medium are taken after a stall: more than a socket buffer holds of heartbeats.
    /// </summary>
    private const int PacketsAfterStall = 512;

    private const int InputsPerRound = 256;
    private const int FollowUpsPerStep = 64;
    private const int ResultsPerStep = 64;
    private const int StallsInARow = 8;

    /// <summary>
    /// Shortest time between two deadlines: an engine that asks for the past must not take the whole machine.
    /// </summary>
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);

    private readonly LoopEngine engine;
    private readonly LoopClocks clocks;
    private readonly LoopMedia media;
    private readonly InputQueue inputs;
    private readonly LoopOutlets outlets;
    private readonly Publication publication;
    private readonly Lateness lateness;
    private readonly StallWatch stall;
    private readonly TimeSpan longestSleep;
    private readonly PollEntry[] waits;
    private readonly EffectList effects = new();
    private readonly Queue<OperationCompleted> followUps = new(16);
    private readonly List<OperationCompleted> results = new(ResultsPerStep);
    private readonly List<RunOperation> operations = new(16);
    private MonotonicTime lastAdvance;
    private long publishedVersion = -1;
    private Halt? halt;
    private int thread = Environment.CurrentManagedThreadId;

    /// <summary>Takes everything over; belongs to the thread that calls <see cref="Run"/> from then on.</summary>
    public ClusterLoop(
        LoopEngine engine, LoopClocks clocks, LoopMedia media, InputQueue inputs, LoopOutlets outlets,
        Publication publication, Lateness lateness, TimeSpan keepalive)
    {
        this.engine = engine;
        this.clocks = clocks;
        this.media = media;
        this.inputs = inputs;
        this.outlets = outlets;
        this.publication = publication;
        this.lateness = lateness;
        stall = new StallWatch(StallWatch.Threshold(keepalive));
        // Waking four times per heartbeat dates a pause of this process well (RELIABILITY.md 4.6, tau).
        longestSleep = TimeSpan.FromTicks(Math.Max(keepalive.Ticks / 4, TimeSpan.FromMilliseconds(10).Ticks));
        waits = new PollEntry[media.Count + 1];
    }

    /// <summary>Runs until the engine halts.</summary>
    public Halt Run()
    {
        thread = Environment.CurrentManagedThreadId;
        while (halt is null)
        {
            Sleep();
            Wake();
        }

        return halt;
    }

    /// <summary>
    /// An operation has ended. On the loop's own thread, so while its effect is being carried out, the engine learns it
    /// in this very wake, after the effects under way; from any other thread it is posted.
    /// </summary>
    public void Completed(OperationCompleted result)
    {
        if (Environment.CurrentManagedThreadId == thread) followUps.Enqueue(result);
        else inputs.TryPost(result);
    }

    /// <summary>Everything between two waits.</summary>
    internal void Wake()
    {
        var gap = stall.Suspended(clocks.SuspendedMicroseconds());
        if (gap == TimeSpan.Zero) gap = Drain(PacketsPerRound, onlyReady: true);
        else stall.Running(clocks.Now().Monotonic);
        if (gap > TimeSpan.Zero) Recover(gap);
        TakePosted();
        Advance();
        TakeMediaChanges();
        Publish();
        lateness.Ran(clocks.Now().Monotonic);
    }

    /// <summary>Waits for a packet, a posted input, or what is due next.</summary>
    internal void Sleep()
    {
        var now = Ready().Monotonic;
        var planned = MonotonicTime.Max(engine.NextDeadline(), lastAdvance + ShortestSleep);
        planned = MonotonicTime.Min(planned, MonotonicTime.Min(media.NextReopen, now + longestSleep));
        if (followUps.Count > 0 || halt is not null) planned = now;
        stall.SleepUntil(MonotonicTime.Max(planned, now));
        media.WaitFor(waits);
        waits[^1] = new PollEntry { Descriptor = inputs.Descriptor, Events = Libc.PollIn };
        LoopCalls.Poll(waits, planned - now);
    }

    /// <summary>
    /// Hands waiting packets to the engine. Ends early when it finds that the process was paused meanwhile: the pause.
    /// </summary>
    private TimeSpan Drain(int packetsPerMedium, bool onlyReady)
    {
        for (var medium = 0; medium < media.Count; medium++)
        {
            if (onlyReady && waits[medium].Returned == 0) continue;
            for (var packets = 0; packets < packetsPerMedium; packets++)
            {
                var now = clocks.Now();
                var gap = stall.Running(now.Monotonic);
                if (gap > TimeSpan.Zero) return gap;
                if (!media.TryReceive(medium, now.Monotonic, out var packet)) break;
                if (packet is not null) Step(now, packet);
            }
        }

        return stall.Running(clocks.Now().Monotonic);
    }

    /// <summary>
    /// This process did not run for a while. The engine learns that first, then sees every packet that waited, and may
    /// judge the silence of others only after that (invariant S12).
    /// </summary>
    private void Recover(TimeSpan gap)
    {
        for (var round = 0; gap > TimeSpan.Zero && round < StallsInARow; round++)
        {
            Step(clocks.Now(), new LoopStalled(gap));
            gap = Drain(PacketsAfterStall, onlyReady: false);
        }

        Step(clocks.Now(), StallDrained.Instance);
    }

    /// <summary>The time for the next step, after a pause just before it was dealt with.</summary>
    private ClusterTime Ready()
    {
        var now = clocks.Now();
        var gap = stall.Running(now.Monotonic);
        if (gap == TimeSpan.Zero) return now;
        Recover(gap);
        return clocks.Now();
    }

    private void TakePosted()
    {
        if (waits[^1].Returned != 0) inputs.Awake();
        for (var taken = 0; taken < InputsPerRound; taken++)
        {
            if (!inputs.TryTake(out var input))
            {
                TakeResults();
                return;
            }

            // Results that have come together call for one decision, not for one each.
            if (input is OperationCompleted result)
            {
                results.Add(result);
                if (results.Count < ResultsPerStep) continue;
                TakeResults();
            }
            else
            {
                TakeResults();
                Step(Ready(), input);
            }

            // Hundreds of inputs may come at once, each with a decision to make: no heartbeat waits for all of them.
            if (clocks.Now().Monotonic >= engine.NextDeadline()) break;
        }

        TakeResults();
        // What is left comes right after packets and time had their turn.
        inputs.Wake();
    }

    private void TakeResults()
    {
        if (results.Count == 0) return;
        ClusterInput ended = results.Count == 1 ? results[0] : new OperationsCompleted([.. results]);
        results.Clear();
        Step(Ready(), ended);
    }

    private void Advance()
    {
        var now = Ready();
        var due = MonotonicTime.Max(engine.NextDeadline(), lastAdvance + ShortestSleep);
        if (now.Monotonic < due) return;
        if (lastAdvance != default) lateness.Record(due, now.Monotonic);
        lastAdvance = now.Monotonic;
        Step(now, TimeAdvanced.Instance);
    }

    private void TakeMediaChanges()
    {
        var now = clocks.Now().Monotonic;
        media.ReopenFailed(now);
        media.AskForSilentPeers(now);
        while (media.TryTakeChange(out var change)) Step(clocks.Now(), change);
    }

    private void Step(ClusterTime now, ClusterInput input)
    {
        StepOnce(now, input);
        // What could be done at once is answered at once: a virtual IP is up in the same wake that decided it.
        for (var i = 0; i < FollowUpsPerStep && followUps.TryDequeue(out var next); i++)
        {
            if (followUps.Count == 0)
            {
                StepOnce(clocks.Now(), next);
                continue;
            }

            var together = new OperationsCompleted([next, .. followUps]);
            followUps.Clear();
            StepOnce(clocks.Now(), together);
        }
    }

    private void Publish()
    {
        var version = engine.SnapshotVersion();
        var wanted = publication.TakeFreshWanted();
        if (lastAdvance == default) return;
        var stateWanted = publication.TakeStateWanted();
        if (version == publishedVersion && !wanted && !stateWanted) return;
        publishedVersion = version;
        var now = clocks.Now();
        publication.Publish(engine.Snapshot(now), stateWanted ? engine.State(now) : null);
    }
}
