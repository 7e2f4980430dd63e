using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Tests.Engine;

/// <summary>One node of a <see cref="StoryCluster"/>: an engine and the truth about its resources.</summary>
internal sealed class StoryNode(StoryCluster cluster, string name)
{
    private readonly HashSet<string> running = [];
    private readonly EffectList effects = new();
    private readonly PacketReceived packet = new();
    private readonly List<byte[]> waiting = [];
    private ClusterEngine? engine;
    private uint generation = 100;
    private bool seenFullView;
    private int life;
    private bool paused;
    private MonotonicTime plannedWake;
    private long lastTicket;

    public string Name { get; } = name;

    /// <summary>Decides how an operation ends; null: it succeeds.</summary>
    public Func<RunOperation, OperationOutcome?> Fate { get; set; } = _ => null;

    /// <summary>What a look of a health check finds; null: all is well.</summary>
    public Func<RunCheck, string?> Trouble { get; set; } = _ => null;

    public List<(MonotonicTime At, string Check)> Looks { get; } = [];

    public MonotonicTime AuthorityUntil { get; private set; }

    /// <summary>Addresses that must not be here unless they were started.</summary>
    public ImmutableArray<string> Guarded { get; private set; } = [];

    public List<FenceNode> Fencings { get; } = [];

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>What its disk keeps of the cluster configuration.</summary>
    public required ConfigurationHistory History { get; set; }

    /// <summary>What its disk keeps of the operators' wishes.</summary>
    public ClusterIntents Intents { get; set; } = ClusterIntents.None;

    /// <summary>Longest silence it allows; null: as all.</summary>
    public TimeSpan? Deadtime { get; set; }

    public CommandAnswer? LastAnswer { get; private set; }

    public Halt? Halted { get; private set; }

    public List<ClusterEvent> Events { get; } = [];

    /// <summary>What its HAProxies were told of their servers, oldest first.</summary>
    public List<(MonotonicTime At, string Resource, ImmutableArray<ServerIntent> Intents)> Applied { get; } = [];

    public List<(MonotonicTime At, string Text)> Operations { get; } = [];

    /// <summary>Operations, and types of messages (<c>ha_order</c>), in the order in which they left.</summary>
    public List<string> Carried { get; } = [];

    public ClusterSnapshot Snapshot => engine!.Snapshot(cluster.Clock);

    public bool Runs(string resource) => running.Contains(resource);

    public void Start()
    {
        generation++;
        life++;
        Halted = null;
        engine = new ClusterEngine(cluster.Options(Name, generation) with { SeenFullView = seenFullView });
        Step(TimeAdvanced.Instance);
    }

    /// <summary>The agent alone dies; what it started goes on.</summary>
    public void KillAgent()
    {
        engine = null;
        life++;
    }

    /// <summary>The machine loses power.</summary>
    public void PowerOff()
    {
        KillAgent();
        running.Clear();
        seenFullView = false;
    }

    public void Pause()
    {
        paused = true;
    }

    public void Resume()
    {
        paused = false;
        if (cluster.Now > plannedWake) Step(new LoopStalled(cluster.Now - plannedWake));
        foreach (var datagram in waiting.ToList()) Receive(datagram);
        waiting.Clear();
        Step(StallDrained.Instance);
        Step(TimeAdvanced.Instance);
    }

    public void Stop() => Step(ShutdownRequested.Instance);

    /// <summary>Somebody takes a resource away, and the agent notices.</summary>
    public void TakeAway(string resource)
    {
        running.Remove(resource);
        Step(new ResourceDisturbed(resource, "it was taken away."));
    }

    /// <summary>The agent has checked the configuration of a service.</summary>
    public void See(string resource, string hash, string problem = "") =>
        Step(new ServiceConfigurationSeen(resource, hash, problem));

    /// <summary>It holds an address, or sees who does on the link; null: it does not see the link.</summary>
    public void Sees(string resource, string? hardware, bool own = false) =>
        Step(new AddressesMapped([new AddressMapping(resource, hardware, own)]));

    public void Ask(OperatorCommand command) => Step(new OperatorCommanded(command, ++lastTicket));

    public void Receive(byte[] datagram)
    {
        if (engine is null) return;
        if (paused)
        {
            waiting.Add(datagram);
            return;
        }

        packet.Datagram = datagram;
        Step(packet);
    }

    private void Step(ClusterInput input)
    {
        if (engine is null || paused) return;
        effects.Clear();
        engine.Step(cluster.Clock, input, effects);
        var followUps = new List<OperationCompleted>();
        foreach (var effect in effects.Items) CarryOut(effect, followUps);
        if (engine is null) return;
        if (followUps.Count == 1) Step(followUps[0]);
        else if (followUps.Count > 1) Step(new OperationsCompleted([.. followUps]));
        ScheduleWake();
    }

    private static string TypeOf(ReadOnlySpan<byte> datagram)
    {
        var text = System.Text.Encoding.Latin1.GetString(datagram);
        var at = text.IndexOf("t=", StringComparison.Ordinal) + 2;
        return text[at..text.IndexOfAny([',', '\n'], at)];
    }

    private void ScheduleWake()
    {
        if (engine is null || engine.NextDeadline == MonotonicTime.Never) return;
        plannedWake = MonotonicTime.Max(engine.NextDeadline, cluster.Now);
        var (scheduledLife, wake) = (life, plannedWake);
        cluster.At(wake, () =>
        {
            if (life == scheduledLife && engine is not null && engine.NextDeadline <= cluster.Now)
                Step(TimeAdvanced.Instance);
        });
    }

    private void CarryOut(ClusterEffect effect, List<OperationCompleted> followUps)
    {
        switch (effect)
        {
            case SendDatagram send:
                Carried.Add(TypeOf(send.Datagram.Span));
                cluster.Deliver(Name, send.Datagram.ToArray());
                break;
            case RunOperation run:
                Perform(run, followUps);
                break;
            case RunCheck look:
                Look(look);
                break;
            case AppendEvent append when append.Event.Node == Name:
                Events.Add(append.Event);
                cluster.Story.AppendLine($"{cluster.Now} {Name} {append.Event.Kind}: {append.Event.Sentence}");
                if (append.Event.Data.TryGetValue("plan", out var plan)) cluster.Story.Append(plan);
                break;
            case AppendEvent:
                break;
            case AnswerCommand answer:
                LastAnswer = answer.Answer;
                break;
            case RenewAuthority renewal:
                AuthorityUntil = renewal.Until;
                break;
            case RememberFullView:
                seenFullView = true;
                break;
            case GuardAddresses guard:
                Guarded = guard.Resources;
                break;
            case FenceNode fence:
                Fencings.Add(fence);
                Fence(fence);
                break;
            case AskArbiter ask:
                var asked = (engine, life);
                var grant = cluster.Arbiter(Name, ask.Want);
                cluster.At(cluster.Now + TimeSpan.FromMilliseconds(2), () =>
                {
                    if ((engine, life) == asked)
                        Step(new ArbiterAnswered { Number = ask.Number, Grant = grant, Lease = Lease, Epoch = 1 });
                });
                break;
            case StoreConfiguration store:
                History = store.History;
                break;
            case StoreIntents store:
                Intents = store.Intents;
                break;
            case ApplyServerIntents apply:
                Applied.Add((cluster.Now, apply.Resource, apply.Intents));
                break;
            case Halt halt:
                Halted = halt;
                engine = null;
                life++;
                break;
            default:
                throw new InvalidOperationException(effect.GetType().Name);
        }
    }

    // A device works in half a second, or says that it does not.
    private void Fence(FenceNode fence)
    {
        var asked = (engine, life);
        cluster.At(cluster.Now + TimeSpan.FromMilliseconds(500), () =>
        {
            var outcome = cluster.FenceFate(Name, fence);
            if (outcome == FenceOutcome.Succeeded && !cluster.DevicesLie) cluster[fence.Target].PowerOff();
            if ((engine, life) != asked) return;
            Step(new FenceCompleted
            {
                Number = fence.Number, Outcome = outcome, Output = "", Duration = TimeSpan.FromMilliseconds(500),
            });
        });
    }

    private void Look(RunCheck look)
    {
        Looks.Add((cluster.Now, look.Check.Id));
        var startedIn = life;
        var took = TimeSpan.FromMilliseconds(5);
        cluster.At(cluster.Now + took, () =>
        {
            if (life != startedIn) return;
            var trouble = Trouble(look);
            Step(new CheckCompleted
            {
                Number = look.Number, IsGood = trouble is null, Output = trouble ?? "ok", Duration = took,
            });
        });
    }

    private void Perform(RunOperation run, List<OperationCompleted> followUps)
    {
        Operations.Add((cluster.Now, $"{run.Kind} {run.Resource.Id}"));
        Carried.Add($"{run.Kind} {run.Resource.Id}");
        var inline = run.Resource.IsVip;
        var fate = Fate(run);
        var took = inline
            ? TimeSpan.Zero
            : fate == OperationOutcome.TimedOut ? run.Timeout : TimeSpan.FromMilliseconds(20);
        if (inline)
        {
            followUps.Add(Conclude(run, fate, took));
            return;
        }

        var startedIn = life;
        cluster.At(cluster.Now + took, () =>
        {
            var done = Conclude(run, fate, took);
            if (life == startedIn) Step(done);
        });
    }

    private OperationCompleted Conclude(RunOperation run, OperationOutcome? fate, TimeSpan took)
    {
        var outcome = fate ?? OperationOutcome.Succeeded;
        if (outcome == OperationOutcome.Succeeded)
        {
            if (run.Kind == OperationKind.Start) running.Add(run.Resource.Id);
            if (run.Kind == OperationKind.Stop) running.Remove(run.Resource.Id);
            if (run.Kind is OperationKind.Probe or OperationKind.Monitor && !running.Contains(run.Resource.Id))
                outcome = OperationOutcome.NotRunning;
        }

        return new OperationCompleted { Number = run.Number, Outcome = outcome, Output = "", Duration = took };
    }
}
