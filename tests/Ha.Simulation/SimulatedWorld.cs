using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// N machines with real engines in virtual time: one queue, one seed, no thread. Equal seeds and equal plans give equal
/// runs, event by event.
/// </summary>
public sealed partial class SimulatedWorld
{
    /// <summary>Most nodes that a run may have.</summary>
    public const int MaxNodes = 5;

    // As the supervisor of an agent that cannot start.
    private const long RetryStart = 5 * Micros.Second;

    private const long InspectEvery = 500 * Micros.Millisecond;
    private readonly FaultPlan plan;
    private readonly ImmutableArray<SimulatedNode> nodes;
    private long clogReleasedAt = long.MinValue / 2;
    private readonly Hearing hearing;
    private readonly uint[,] heardGeneration;
    private readonly bool[] poweredOff;
    private readonly bool[,] wasSilent;
    private readonly ViewChecker views;
    private readonly KeptState kept;
    private long ticket;
    private OperatorCommand? commanded;
    private long now;

    /// <summary>Builds a world; nothing happens before <see cref="Run"/>.</summary>
    /// <param name="profile">The cluster.</param>
    /// <param name="plan">What it goes through.</param>
    /// <param name="seed">Drives everything that the plan leaves open.</param>
    /// <param name="trace">Receives what happens.</param>
    public SimulatedWorld(SimulationProfile profile, FaultPlan plan, ulong seed, Trace trace)
    {
        Profile = profile;
        kept = profile.Kept();
        this.plan = plan;
        Trace = trace;
        var random = new SplitMix64(seed);
        hearing = new Hearing(profile);
        Checker = new SafetyChecker(profile, hearing, Coverage);
        var replays = plan.Faults.Any(fault => fault.Kind == FaultKind.Replay);
        Network = new SimulatedNetwork(profile, random.Split(), Queue, Coverage, replays);
        // Streams of their own: what came before them goes on as it did.
        var disks = new SplitMix64(seed ^ 0xD15C);
        nodes =
        [
            .. Enumerable.Range(0, profile.Nodes).Select(index =>
                new SimulatedNode(this, index, random.Split(), new StateDirectory(kept, disks.Split()))),
        ];
        chance = random.Split();
        fencing = new SimulatedFencing(profile.Safety.Devices.Select(device => device.Id), random.Split());
        arbiter = new SimulatedArbiter(profile.Safety.ArbiterLease, random.Split());
        views = new ViewChecker(profile);
        liveness = new LivenessChecker(profile, Checker, nodes);
        heardGeneration = new uint[profile.Nodes, profile.Nodes];
        wasSilent = new bool[profile.Nodes, profile.Nodes];
        poweredOff = new bool[profile.Nodes];
    }

    /// <summary>The cluster.</summary>
    public SimulationProfile Profile { get; }

    /// <summary>What happened.</summary>
    public Trace Trace { get; }

    /// <summary>What was reached.</summary>
    public Coverage Coverage { get; } = new();

    /// <summary>The oracle.</summary>
    public SafetyChecker Checker { get; }

    /// <summary>The wires.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>What comes next.</summary>
    public EventQueue Queue { get; } = new();

    /// <summary>The machines.</summary>
    public ImmutableArray<SimulatedNode> Nodes => nodes;

    /// <summary>Runs to the end of the plan or to the first violation.</summary>
    /// <param name="until">World time at which it ends at the latest.</param>
    public Violation? Run(long until = long.MaxValue)
    {
        try
        {
            ScheduleAll();
            while (now < Math.Min(plan.Length, until)) Handle(Queue.Take());
            return null;
        }
        catch (ViolationException broken)
        {
            return broken.Violation;
        }
    }

    /// <summary>World time.</summary>
    public long Now => now;

    /// <summary>The newest life of a node that another has heard of.</summary>
    public uint HeardGeneration(int receiver, int sender) => heardGeneration[receiver, sender];

    /// <summary>A status was processed; keeps the truth about who hears whom.</summary>
    public void StatusProcessed(long at, int receiver, Packet packet)
    {
        var sender = packet.From;
        if (packet.Replayed)
        {
            hearing.StatusReplayed(at, receiver, sender, packet.Generation, packet.Sequence);
            return;
        }

        ref var heard = ref heardGeneration[receiver, sender];
        heard = Math.Max(heard, packet.Generation);
        var node = nodes[sender];
        var currentLife = node.State != AgentState.Down && node.Generation == packet.Generation;
        if (hearing.StatusProcessed(at, receiver, sender, currentLife, packet.Generation, packet.Sequence))
            Checker.StatusHeard(at, receiver, sender, packet.Generation);
    }

    /// <summary>Carries out the effects of a step, in order.</summary>
    /// <returns>True when the agent ends.</returns>
    public bool CarryOut(long at, SimulatedNode node, EffectList effects)
    {
        var ends = false;
        foreach (var effect in effects.Items)
        {
            switch (effect)
            {
                case SendDatagram send:
                    Trace.Mix(send.Datagram.Span);
                    Network.Send(
                        at, node.Index, node.Generation, send.MediaMask, send.Datagram.Span, node.HasOtherKey);
                    break;
                case RunOperation asked:
                    RunOperation(at, node, asked);
                    break;
                case AppendEvent append:
                    Trace.Event(at, node.Index, append.Event);
                    break;
                case AnswerCommand answer:
                    NoteAnswer(answer.Answer);
                    Trace.World(at, node.Index, answer.Answer);
                    break;
                case StoreConfiguration adopted:
                    Adopt(at, node, adopted);
                    break;
                case StoreIntents wanted:
                    Keep(at, node, node.Documents.Newest with { Intents = wanted.Intents });
                    break;
                case ApplyServerIntents:
                    // Simulated resources have no servers behind them.
                    break;
                case FenceNode fence:
                    Fence(at, node, fence);
                    break;
                case AskArbiter ask:
                    Ask(at, node, ask);
                    break;
                case RenewAuthority renew:
                    RenewAuthority(at, node, renew);
                    break;
                case GuardAddresses:
                    break;
                case RememberFullView:
                    node.SeenFullView = true;
                    break;
                case Halt halt:
                    // Closed cleanly, a watchdog no longer counts; otherwise it resets what could not be stopped.
                    if (halt.Clean) node.Watchdog?.Disarm();
                    else node.Watchdog?.PettingStops(at);
                    ends = true;
                    break;
                default:
                    throw new InvalidOperationException($"the driver does not know {effect.GetType().Name}");
            }
        }

        return ends;
    }

    /// <summary>An agent left by itself; it is started again as the plan says.</summary>
    public void AgentLeft(long at, SimulatedNode node)
    {
        var delay = InCalm ? Micros.Second : restartAfterStop[node.Index];
        Queue.Schedule(at + delay, WorldEventKind.AgentStarts, node.Index, 0);
    }

    private void RunOperation(long at, SimulatedNode node, RunOperation asked)
    {
        Trace.Operation(at, node.Index, asked);
        Checker.OperationAsked(at, node.Index, asked);
        var (run, duration) = node.Host.Begin(at, asked, Checker.IndexOf(asked.Resource.Id), node.Generation);
        Queue.Schedule(at + duration, WorldEventKind.OperationEnds, node.Index, 0, run);
    }

    private void Handle(WorldEvent next)
    {
        now = next.At;
        switch (next.Kind)
        {
            case WorldEventKind.Wake:
                nodes[next.Node].Wake(now, next.Index);
                break;
            case WorldEventKind.Deliver:
                nodes[next.Node].Receive(now, (Packet)next.Item!, next.Index);
                break;
            case WorldEventKind.OperationEnds:
                EndOperation(nodes[next.Node], (OperationRun)next.Item!);
                break;
            case WorldEventKind.FaultBegins:
                Begin(plan.Faults[next.Index]);
                break;
            case WorldEventKind.FaultEnds:
                End(plan.Faults[next.Index]);
                break;
            case WorldEventKind.AgentStarts:
                StartAgent(nodes[next.Node]);
                break;
            case WorldEventKind.Inspect:
                Inspect();
                break;
            case WorldEventKind.Phase:
                BeginPhase((CalmPhase)next.Node, plan.Calms[next.Index]);
                break;
            default:
                HandleDevice(next);
                break;
        }
    }

    private void EndOperation(SimulatedNode node, OperationRun run)
    {
        // False: it was killed with its agent, or by the loss of power.
        if (!node.Host.End(run)) return;
        Trace.Ended(now, node.Index, run);
        Checker.OperationEnded(now, node.Index, run);
        node.Input(now, new OperationCompleted
        {
            Number = run.Number,
            Outcome = run.Outcome,
            Output = run.Outcome == OperationOutcome.Failed ? "simulated failure" : "",
            Duration = Micros.Span(now - run.BeganAt),
        });
    }

    private void StartAgent(SimulatedNode node)
    {
        if (node.State != AgentState.Down || poweredOff[node.Index] || fencedOff[node.Index]) return;
        // A new life knows nothing of what the last one heard.
        for (var sender = 0; sender < nodes.Length; sender++) heardGeneration[node.Index, sender] = 0;
        if (!node.Start(now))
            Queue.Schedule(now + RetryStart, WorldEventKind.AgentStarts, node.Index, 0);
        lastDisturbance = now;
    }

    private void Inspect()
    {
        // With different keys packets go through, and nobody understands them.
        var mute = now - clogReleasedAt < 2 * Micros.From(Profile.Deadtime) || Network.LosesLarge || nodes.Any(node => node.HasOtherKey);
        Checker.Inspect(now, InspectEvery, Network.IsQuiet, mute);
        MarkSilences();
        InspectViews();
        if (InCalm) InspectCalm();
        Queue.Schedule(now + InspectEvery, WorldEventKind.Inspect, 0, 0);
    }

    private void InspectViews()
    {
        foreach (var node in nodes)
        {
            if (node.State == AgentState.Running && node.Snapshot(now) is { } snapshot)
                views.Saw(now, node.Index, node.Generation, snapshot);
        }
    }

    private void MarkSilences()
    {
        var anyAlive = false;
        for (var a = 0; a < nodes.Length; a++)
        {
            anyAlive |= nodes[a].State != AgentState.Down;
            for (var b = 0; b < nodes.Length; b++)
            {
                if (a == b || nodes[a].State != AgentState.Running || nodes[b].State != AgentState.Running) continue;
                var silent = hearing.SilentNow(now, a, b);
                if (wasSilent[a, b] && !silent) Coverage.Reach(CoverageMark.PartitionHealed);
                if (silent && !wasSilent[a, b] && hearing.OneWayNow(now, a, b))
                    Coverage.Reach(CoverageMark.OneWaySilence);
                wasSilent[a, b] = silent;
            }
        }

        if (!anyAlive) Coverage.Reach(CoverageMark.AllDown);
    }
}
