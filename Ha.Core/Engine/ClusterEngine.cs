using System.Diagnostics;
using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Fencing;
using Ha.Core.Heartbeat;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// One node of the cluster as a pure, deterministic state machine: inputs in, effects out (DESIGN section 4).
/// The agent drives it with sockets and timers, the simulator with a virtual world.
/// </summary>
/// <remarks>
/// Its parts: Packets (what comes in), Heartbeats (what goes out by the clock), Silence (who is dead), Views (who acts
/// together), Reports (what members tell each other), Coordination (what the coordinator waits for), Deciding (what it
/// decides), Transition (how it gets there), Execution (what this node does to its resources), Health (what its checks
/// find), Commands (what operators ask for), Operations (what became of it), Departure (graceful stop), Claims
/// (whether the network knows who holds an address), Reading (the snapshot).
/// </remarks>
public sealed partial class ClusterEngine
{
    private readonly EngineOptions options;
    private readonly int localIndex;
    private readonly ImmutableArray<Peer> peers;
    private readonly MessageDecoder decoder;
    private readonly MessageSender sender;
    private readonly LocalResourceSet local;
    private readonly byte[] localNameUtf8;
    private readonly bool[] unicast;
    private ActiveConfiguration configuration;

    // Clocks and effects of the step under way.
    private ClusterTime now;
    private EffectList effects = new();
    private bool begun;
    private MonotonicTime begunAt;
    private bool stalled;

    /// <summary>
    /// Creates the engine of one life of a node. Nothing happens before the first <see cref="Step"/>.
    /// </summary>
    /// <param name="options">Validated configuration and identity.</param>
    public ClusterEngine(EngineOptions options)
    {
        this.options = options;
        localIndex = options.Nodes.IndexOf(options.LocalNode);
        if (localIndex < 0)
            throw new ArgumentException($"node {options.LocalNode} is not among the nodes of ha.cf", nameof(options));
        if (options.Nodes.Length > EngineOptions.MaxNodes)
            throw new ArgumentException(
                $"{options.Nodes.Length} nodes; at most {EngineOptions.MaxNodes}", nameof(options));
        localNameUtf8 = System.Text.Encoding.UTF8.GetBytes(options.LocalNode);
        unicast = [.. options.Media.Select(medium => medium.StartsWith("ucast ", StringComparison.Ordinal))];
        decoder = new MessageDecoder(options.Keys);
        sender = new MessageSender(options);
        configuration = options.Configuration;
        intents = options.Intents;
        quorum = new Quorum(
            options.Nodes, configuration.Votes, configuration.Safety.WaitForAll, options.SeenFullView);
        fencer = new Fencer(options.LocalNode, options.Generation, options.Nodes, LivenessOf);
        ConfigureFencing();
        history = options.History;
        local = new LocalResourceSet(configuration.Groups);
        LeaveAlone();
        claims = new ClaimWatch(ShortestConfirmation + options.Keepalive);
        var seeds = new SplitMix64(options.Seed);
        peers = [.. options.Nodes.Select((name, index) => (name, index)).Where(node => node.index != localIndex)
            .Select(node => new Peer(node.index, node.name, options.Media.Length,
                new SequenceTracker(options.MaxRetransmitDelay, seeds.Next()), options.Deadtime))];
    }

    /// <summary>When <see cref="TimeAdvanced"/> is due at the latest.</summary>
    public MonotonicTime NextDeadline { get; private set; } = new(0);

    /// <summary>Grows when <see cref="Snapshot"/> would show something new. Compare it after each step.</summary>
    public long SnapshotVersion { get; private set; } = 1;

    /// <summary>Handles one input. The only place where state changes.</summary>
    /// <param name="now">The driver's clocks; monotonic time never goes back.</param>
    /// <param name="input">What happened.</param>
    /// <param name="effects">Receives what the driver must do, in order. Cleared by the driver, not here.</param>
    /// <exception cref="InvariantBrokenException">A safety invariant does not hold: this node must not go
    /// on.</exception>
    public void Step(ClusterTime now, ClusterInput input, EffectList effects)
    {
        if (begun && now.Monotonic < this.now.Monotonic)
            throw new InvariantBrokenException(
                $"monotonic time went back from {this.now.Monotonic} to {now.Monotonic}");
        this.now = now;
        this.effects = effects;
        firstEffect = effects.Count;
        orderSent = false;
        if (halted) return;
        if (!begun) Begin();
        Handle(input);
        if (!stalled) Settle();
        CheckInvariants();
        NextDeadline = halted ? MonotonicTime.Never : FindNextDeadline();
    }

    private void Begin()
    {
        begun = true;
        begunAt = now.Monotonic;
        nextStatus = now.Monotonic;
        Emit(EventKind.AgentStarted, EventSeverity.Info, options.LocalNode,
            $"agent started on {options.LocalNode}, generation {options.Generation}, {options.Nodes.Length} nodes, "
            + $"{configuration.Groups.Length} groups; {Promise}");
        foreach (var warning in options.Warnings)
            Emit(EventKind.ConfigurationWarning, EventSeverity.Warning, options.LocalNode, warning);
        local.ProbeAll(effects);
        ConfigureChecks();
    }

    private void Handle(ClusterInput input)
    {
        switch (input)
        {
            case PacketReceived packet:
                ReceivePacket(packet.Medium, packet.Datagram.Span);
                break;
            case TimeAdvanced:
                if (!stalled) AdvanceTime();
                break;
            case OperationCompleted done:
                CompleteOperation(done);
                break;
            case OperationsCompleted several:
                foreach (var one in several.Results) CompleteOperation(one);
                break;
            case CheckCompleted looked:
                CompleteCheck(looked);
                break;
            case FenceCompleted fenced:
                fencer.Complete(fenced, now, effects);
                break;
            case ArbiterAnswered answer:
                HearArbiter(answer);
                break;
            case LoopStalled stall:
                ForgivePause(stall.Gap);
                break;
            case StallDrained:
                ResumeAfterPause();
                break;
            case MediumChanged medium:
                ReportMedium(medium);
                break;
            case OperatorCommanded commanded:
                effects.Add(new AnswerCommand(commanded.Ticket, Accept(commanded.Command)));
                break;
            case ShutdownRequested:
                BeginDeparture();
                break;
            case LoadSampled load:
                sender.SetLoad(load.LoadAverage.Span);
                break;
            case ResourceDisturbed disturbed:
                LookAt(disturbed);
                break;
            case ServiceConfigurationSeen seen:
                NoteServiceConfiguration(seen);
                break;
            case AddressesMapped seen:
                NoteMappings(seen);
                break;
            case ShellReported report:
                Emit(report.Kind, report.Severity, report.Subject, report.Sentence);
                break;
            default:
                throw new UnreachableException($"input {input.GetType().Name}");
        }
    }

    // What follows from any change: membership first, then decisions, then what peers must be told.
    private void Settle()
    {
        AgreeOnView();
        YieldToOneWayPeer();
        JudgeAuthority();
        AskArbiterWhenDue();
        AgreeOnConfiguration();
        if (coordinationDue) JudgeDrift();
        Coordinate();
        DriveFencing();
        if (coordinationDue) Coordinate();
        RenewWhileAllowed();
        JudgeClaims();
        GuardOwnAddresses();
        AdvanceDeparture();
        if (!halted) SendWhatChanged();
    }

    private void SendWhatChanged()
    {
        var toTell = local.Changed || reportDue || unshared.Count > 0;
        if (toTell && putOff < MostPutOff && HasBegunWork())
        {
            putOff++;
        }
        else if (toTell)
        {
            putOff = 0;
            if (local.Changed || reportDue)
            {
                local.Changed = false;
                reportDue = false;
                SnapshotVersion++;
                SendReport();
            }

            ShareEvents();
        }

        if (greetingDue || announcedView != CurrentViewId || announcedStatus != OwnStatus) SendStatus();
    }

    private MonotonicTime FindNextDeadline()
    {
        if (putOff > 0 && !stalled) return now.Monotonic;
        var next = MonotonicTime.Min(nextStatus, local.NextDeadline);
        foreach (var peer in peers) next = MonotonicTime.Min(next, NextDeadlineOf(peer));
        next = MonotonicTime.Min(next, nextViewMessage);
        next = MonotonicTime.Min(next, nextOrder);
        next = MonotonicTime.Min(next, nextRecheck);
        next = MonotonicTime.Min(next, nextForward);
        next = MonotonicTime.Min(next, nextIntentEnd);
        next = MonotonicTime.Min(next, NextConfigurationDeadline);
        next = MonotonicTime.Min(next, NextCheckDeadline);
        next = MonotonicTime.Min(next, departureDeadline);
        next = MonotonicTime.Min(next, nextAuthority);
        next = MonotonicTime.Min(next, othersEndAt);
        next = MonotonicTime.Min(next, fencer.NextDeadline);
        next = MonotonicTime.Min(next, claims.Next);
        // The startup grace ends for everyone at the same time.
        if (now.Monotonic < GraceEnd) next = MonotonicTime.Min(next, GraceEnd);
        return next;
    }

    private void Emit(
        EventKind kind, EventSeverity severity, string subject, string sentence, string? transition = null,
        ImmutableSortedDictionary<string, string>? data = null)
    {
        var happened = new ClusterEvent
        {
            Id = $"{options.LocalNode}/{options.Generation}/{++lastEvent}",
            Node = options.LocalNode,
            At = now.Wall,
            MonotonicMicroseconds = now.Monotonic.Microseconds,
            Kind = kind,
            Severity = severity,
            Subject = subject,
            Sentence = sentence,
            TransitionId = transition,
            Data = data ?? ImmutableSortedDictionary<string, string>.Empty,
        };
        effects.Add(new AppendEvent(happened));
        SnapshotVersion++;
        if (!stalled) unshared.Add(happened);
    }

    private long lastEvent;

    private string NameOf(int index) => options.Nodes[index];

    private Peer? FindPeer(int index)
    {
        foreach (var peer in peers)
        {
            if (peer.Index == index) return peer;
        }

        return null;
    }
}
