using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>What an agent is doing.</summary>
public enum AgentState
{
    /// <summary>No agent runs: killed, left, or the machine is off.</summary>
    Down = 0,

    /// <summary>It runs.</summary>
    Running = 1,

    /// <summary>It exists but does not run (SIGSTOP).</summary>
    Paused = 2,
}

/// <summary>
/// One machine with its agent: drives a real engine as the agent does. Packets that come while the agent is stopped
/// wait in the socket; on resume the engine is told of the stall, given the packets, told that they are drained, and
/// only then everything else that waited.
/// </summary>
public sealed class SimulatedNode
{
    /// <summary>Packets that a socket keeps for an agent that does not read them.</summary>
    public const int SocketLimit = 64;

    /// <summary>Steps that may follow each other without time passing before the engine counts as spinning.</summary>
    private const int SpinLimit = 50;

    // One more than the engine puts off what it tells; while a stall is drained it is due all the time.
    private const int MostStepsDue = 17;

    private static readonly LoadSampled LoadOfThisMachine = new("0.42 0.31 0.28 1/123 4567"u8.ToArray());
    private readonly SimulatedWorld world;
    private readonly SimulationProfile profile;
    private readonly SplitMix64 random;
    private readonly EffectList effects = new();
    private readonly PacketReceived packetReceived = new();
    private readonly Queue<(Packet Packet, int Medium)> socket = new();
    private readonly Queue<ClusterInput> waiting = new();
    private readonly SortedSet<int> failedMedia = [];
    private ClusterEngine? engine;
    private ClusterSnapshot? lastSnapshot;
    private StepRecorder? recorder;
    private long snapshotVersion;
    private long wakeAt;
    private long plannedWake;
    private long pausedAt;
    private long lastWake = -1;
    private int wakesInPlace;

    /// <summary>Whether an agent of this node has met all others since the machine booted.</summary>
    public bool SeenFullView { get; set; }

    /// <summary>A machine that is on, without an agent.</summary>
    public SimulatedNode(SimulatedWorld world, int index, SplitMix64 random, StateDirectory documents)
    {
        Documents = documents;
        this.world = world;
        this.random = random;
        profile = world.Profile;
        Index = index;
        Disk = new SimulatedDisk((uint)random.Next(1, 1000), random.Split());
        Clock = new SimulatedClock(random);
        Host = new SimulatedHost(world.Checker.Resources, random.Split());
        if (profile.Safety.Watchdog is { } settings)
            Watchdog = new SimulatedWatchdog(settings, profile.VirtualMachines, random.Split());
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Its clocks.</summary>
    public SimulatedClock Clock { get; }

    /// <summary>Its resources.</summary>
    public SimulatedHost Host { get; }

    /// <summary>What it keeps across lives.</summary>
    public SimulatedDisk Disk { get; }

    /// <summary>The configuration and the intents that it keeps.</summary>
    public StateDirectory Documents { get; }

    /// <summary>Its watchdog; null when it has none.</summary>
    public SimulatedWatchdog? Watchdog { get; }

    /// <summary>True when its agent is started with another key than the cluster's.</summary>
    public bool HasOtherKey { get; set; }

    /// <summary>What the agent is doing.</summary>
    public AgentState State { get; private set; }

    /// <summary>Generation of the present or last life.</summary>
    public uint Generation { get; private set; }

    /// <summary>When the agent was asked to stop; -1: it was not.</summary>
    public long ShutdownAskedAt { get; private set; } = -1;

    /// <summary>Starts an agent: a new generation goes to the disk, and a new engine takes its first step.</summary>
    /// <returns>False when no life can begin because the generation cannot be kept.</returns>
    public bool Start(long now)
    {
        if (Disk.BeginLife(Clock.Read(now).UnixMilliseconds / 1000) is not { } generation)
        {
            world.Coverage.Reach(CoverageMark.LifeRefusedByDisk);
            return false;
        }

        Generation = generation;
        var options = profile.Options(Index, Documents.Read(now), generation, random.Next(), HasOtherKey) with
        {
            SeenFullView = SeenFullView,
        };
        engine = new ClusterEngine(options);
        recorder = profile.Recorded && Index == 0 ? new StepRecorder(options) : null;
        lastSnapshot = null;
        State = AgentState.Running;
        ShutdownAskedAt = -1;
        wakeAt = long.MaxValue;
        Watchdog?.AgentStarted();
        world.Checker.LifeStarted(now, Index, generation);
        world.Checker.Runs(now, Index, Documents.Newest);
        world.Trace.World(now, Index, "agent starts, generation", (int)generation);
        Step(now, TimeAdvanced.Instance);
        Input(now, LoadOfThisMachine);
        foreach (var medium in failedMedia) Input(now, new MediumChanged(medium, works: false, "Network is down"));
        return true;
    }

    /// <summary>The engine's deadline may have come.</summary>
    public void Wake(long now, int version)
    {
        if (State != AgentState.Running || now != wakeAt || (uint)version != Generation) return;
        wakeAt = long.MaxValue;
        if (Clock.Read(now).Monotonic < engine!.NextDeadline)
        {
            ScheduleWake(now);
            return;
        }

        wakesInPlace = lastWake == now ? wakesInPlace + 1 : 0;
        lastWake = now;
        if (wakesInPlace > SpinLimit)
        {
            throw new ViolationException(new Violation(
                "deadline", now, $"{SimulationProfile.NodeName(Index)} asks to be woken at once, again and again"));
        }

        Step(now, TimeAdvanced.Instance);
    }

    /// <summary>A packet reaches the socket.</summary>
    public void Receive(long now, Packet packet, int medium)
    {
        if (State == AgentState.Running && !failedMedia.Contains(medium)) StepPacket(now, packet, medium);
        else if (State == AgentState.Paused && !failedMedia.Contains(medium) && socket.Count < SocketLimit)
        {
            socket.Enqueue((packet, medium));
            return;
        }
        else if (State == AgentState.Paused) world.Coverage.Reach(CoverageMark.SocketOverflow);

        world.Network.Release(packet);
    }

    /// <summary>Any other input: handed over now, or when the agent runs again; lost when there is none.</summary>
    public void Input(long now, ClusterInput input)
    {
        if (State == AgentState.Running) Step(now, input);
        else if (State == AgentState.Paused) waiting.Enqueue(input);
    }

    /// <summary>
    /// The cluster as the agent sees it, its ages as old as its last change; null when there is no agent.
    /// </summary>
    public ClusterSnapshot? Snapshot(long now)
    {
        if (engine is null) return null;
        if (lastSnapshot is not null && snapshotVersion == engine.SnapshotVersion) return lastSnapshot;
        try
        {
            lastSnapshot = engine.Snapshot(Clock.Read(now));
            snapshotVersion = engine.SnapshotVersion;
            return lastSnapshot;
        }
        catch (Exception broken)
        {
            throw new ViolationException(new Violation(
                "exception", now, $"{SimulationProfile.NodeName(Index)} cannot describe itself: {broken}"));
        }
    }

    /// <summary>The agent is asked to stop.</summary>
    public void Shutdown(long now)
    {
        if (State == AgentState.Down || ShutdownAskedAt >= 0) return;
        ShutdownAskedAt = now;
        world.Checker.ShutdownAsked(Index);
        Input(now, ShutdownRequested.Instance);
    }

    /// <summary>The agent stops running (SIGSTOP).</summary>
    public void Pause(long now)
    {
        if (State != AgentState.Running) return;
        State = AgentState.Paused;
        // An agent never sleeps longer than a quarter of a keepalive: only what is beyond that wake-up shows as a
        // stall.
        plannedWake = Math.Min(wakeAt, now + random.Next(0, (int)(Micros.From(profile.Keepalive) / 4)));
        pausedAt = now;
        wakeAt = long.MaxValue;
        world.Checker.Paused(now, Index);
        Watchdog?.PettingStops(now);
    }

    /// <summary>
    /// The agent runs again (SIGCONT): stall first, then what waited in the socket, then everything else.
    /// </summary>
    public void Resume(long now)
    {
        if (State != AgentState.Paused) return;
        State = AgentState.Running;
        Watchdog?.PettingResumes(now);
        var gap = Math.Max(0, now - plannedWake);
        var noticed = gap > Micros.From(profile.Keepalive) / 2;
        var stalled = noticed && !profile.HidesStalls;
        world.Checker.Resumed(now, Index, unnoticed: noticed ? plannedWake - pausedAt : now - pausedAt);
        if (stalled) Step(now, new LoopStalled(Clock.Read(now).Monotonic - Clock.Read(plannedWake).Monotonic));
        if (profile.HidesStalls) Step(now, TimeAdvanced.Instance);
        while (State == AgentState.Running && socket.TryDequeue(out var arrived))
        {
            StepPacket(now, arrived.Packet, arrived.Medium);
            world.Network.Release(arrived.Packet);
        }

        if (stalled) Input(now, StallDrained.Instance);
        while (State == AgentState.Running && waiting.TryDequeue(out var input)) Step(now, input);
        Input(now, TimeAdvanced.Instance);
    }

    /// <summary>The agent is killed; the resources go on.</summary>
    public void Kill(long now)
    {
        if (State == AgentState.Down) return;
        if (Host.OperationsUnderWay > 0) world.Coverage.Reach(CoverageMark.KilledDuringOperation);
        Host.AgentKilled();
        Watchdog?.PettingStops(now);
        EndLife(now);
        world.Checker.LifeEnded(now, Index);
    }

    /// <summary>The machine loses power.</summary>
    public void LosePower(long now)
    {
        EndLife(now);
        Watchdog?.Disarm();
        Disk.LosePower();
        SeenFullView = false;
        Host.PowerLost();
        world.Checker.PowerLost(now, Index);
        Clock.Boot(now, random);
    }

    /// <summary>A medium of this machine fails or works again.</summary>
    public void SetMedium(long now, int medium, bool works)
    {
        if (works ? !failedMedia.Remove(medium) : !failedMedia.Add(medium)) return;
        Input(now, new MediumChanged(medium, works, works ? "Network is up" : "Network is down"));
    }

    private void StepPacket(long now, Packet packet, int medium)
    {
        packetReceived.Medium = medium;
        packetReceived.Datagram = packet.Datagram;
        var oldLife = packet is { Replayed: true, Intact: true, OtherKey: false } && packet.From != Index
            && packet.Generation < world.HeardGeneration(Index, packet.From);
        if (oldLife)
        {
            world.Coverage.Reach(CoverageMark.OldLifeReplayed);
            // What is due anyway is done first: whatever the next step does, it does because of the replayed packet.
            // A step that begins something tells of it in one of the next.
            for (var round = 0; round < MostStepsDue && (round == 0 || IsDueNow(now)); round++)
            {
                Step(now, TimeAdvanced.Instance);
                if (State != AgentState.Running) return;
            }
        }

        Step(now, packetReceived, oldLife);
        if (packet is { IsStatus: true, Intact: true } && packet.From != Index && packet.OtherKey == HasOtherKey)
            world.StatusProcessed(now, Index, packet);
    }

    private void Step(long now, ClusterInput input, bool replayed = false)
    {
        effects.Clear();
        try
        {
            engine!.Step(Clock.Read(now), input, effects);
        }
        catch (Exception broken) when (broken is not ViolationException)
        {
            // A step never throws: whatever it is, it is a finding of this run.
            throw new ViolationException(new Violation(
                "exception", now, $"{SimulationProfile.NodeName(Index)} on {input.GetType().Name}: {broken}"));
        }

        recorder?.Add(Clock.Read(now), input, effects);
        if (recorder is { IsFull: true }) RepeatSteps(now);

        if (effects.Count > 0 || input is OperatorCommanded)
        {
            world.Checker.StepDone(now, Index, input, effects, replayed);
            if (world.CarryOut(now, this, effects))
            {
                EndLife(now);
                world.Checker.LifeEnded(now, Index);
                world.AgentLeft(now, this);
                return;
            }
        }

        ScheduleWake(now);
    }

    // S15: a second engine, given the same inputs at the same times, does the same.
    private void RepeatSteps(long now)
    {
        var difference = recorder?.FindDifference();
        recorder = null;
        if (difference is null) return;
        throw new ViolationException(new Violation(
            "S15 determinism", now, $"{SimulationProfile.NodeName(Index)}: {difference}"));
    }

    private bool IsDueNow(long now) =>
        engine is { } one && one.NextDeadline <= Clock.Read(now).Monotonic;

    private void ScheduleWake(long now)
    {
        var deadline = engine!.NextDeadline;
        if (deadline == MonotonicTime.Never) return;
        // The loop of a real agent wakes a little late.
        var at = Math.Max(now, Clock.WorldTime(deadline) + random.Next(0, 300));
        if (at >= wakeAt) return;
        wakeAt = at;
        world.Queue.Schedule(at, WorldEventKind.Wake, Index, (int)Generation);
    }

    private void EndLife(long now)
    {
        if (engine is null) return;
        RepeatSteps(now);
        foreach (var (packet, _) in socket) world.Network.Release(packet);
        socket.Clear();
        waiting.Clear();
        engine = null;
        State = AgentState.Down;
        world.Trace.World(now, Index, "agent ends");
    }
}
