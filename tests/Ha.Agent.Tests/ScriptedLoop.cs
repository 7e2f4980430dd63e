using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Agent.Loop;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Tests;

/// <summary>
/// A real loop with real sockets and a clock and an engine that the test moves. Its keepalive is 100 ms, its engine
/// wants time to advance each 100 ms, and everything that reaches engine and outlets is written down.
/// </summary>
internal sealed class ScriptedLoop : IDisposable
{
    public static readonly TimeSpan Keepalive = TimeSpan.FromMilliseconds(100);

    private readonly LoopMedia media;
    private readonly InputQueue inputs = new();
    private readonly Socket peer = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly IPEndPoint ownAddress;
    private readonly bool record;
    private MonotonicTime now = new(1_000_000_000);
    private MonotonicTime deadline = new(0);

    public ScriptedLoop(bool record = true, UnicastMedium? medium = null)
    {
        this.record = record;
        medium ??= new UnicastMedium("lo", "127.0.0.1", LoopbackPort.Free());
        ownAddress = new IPEndPoint(IPAddress.Loopback, medium.Port);
        media = new LoopMedia([medium]);
        Publication.WakeLoop = inputs.Wake;
        Loop = new ClusterLoop(
            new LoopEngine(Step, () => deadline, () => SnapshotVersion, Snapshot, static _ => ExampleCluster.State()),
            new LoopClocks(() => new ClusterTime(now, 0), () => (long)Suspended.TotalMicroseconds),
            media, inputs, new LoopOutlets(Run, Append, _ => { }), Publication, Lateness, Keepalive);
    }

    public ClusterLoop Loop { get; }

    public Publication Publication { get; } = new();

    public Lateness Lateness { get; } = new();

    public List<string> Inputs { get; } = [];

    /// <summary>How many operations went out together, each time.</summary>
    public List<int> Runs { get; } = [];

    public int Packets { get; private set; }

    public long SnapshotVersion { get; set; } = 1;

    public TimeSpan Suspended { get; set; }

    public Action<ClusterInput, EffectList> OnStep { get; set; } = static (_, _) => { };

    public Action<RunOperation> OnRun { get; set; } = static _ => { };

    public static ClusterEvent Event(string sentence) => new()
    {
        Id = "s1/1/1", Node = "s1", At = DateTimeOffset.UnixEpoch, MonotonicMicroseconds = 0,
        Kind = EventKind.AgentStarted, Severity = EventSeverity.Info, Subject = "s1", Sentence = sentence,
    };

    public void Pass(TimeSpan time) => now += time;

    public void Turn()
    {
        Loop.Sleep();
        Loop.Wake();
    }

    /// <summary>One sleep in which time passes, as planned: no stall.</summary>
    public void TurnAfter(TimeSpan time)
    {
        for (var step = TimeSpan.Zero; step < time; step += Keepalive / 4)
        {
            inputs.Wake();
            Loop.Sleep();
            Pass(Keepalive / 4);
            Loop.Wake();
        }
    }

    public void Post(ClusterInput input) => Xunit.Assert.True(inputs.TryPost(input));

    public void PeerSends(byte content) => peer.SendTo([content], ownAddress);

    public void Dispose()
    {
        peer.Dispose();
        Publication.Dispose();
        media.Dispose();
        inputs.Dispose();
    }

    private static ClusterSnapshot Snapshot(ClusterTime time) => ExampleCluster.Snapshot() with { TakenAt = time.Wall };

    private void Step(ClusterTime time, ClusterInput input, EffectList effects)
    {
        if (input is PacketReceived) Packets++;
        if (record) Inputs.Add(Describe(input));
        if (input is TimeAdvanced) deadline = time.Monotonic + Keepalive;
        OnStep(input, effects);
    }

    private void Run(IReadOnlyList<RunOperation> operations)
    {
        Runs.Add(operations.Count);
        foreach (var operation in operations)
        {
            Inputs.Add($"run {operation.Number}");
            OnRun(operation);
        }
    }

    private void Append(ClusterEvent happened) => Inputs.Add($"event {happened.Sentence}");

    private static string Describe(ClusterInput input) => input switch
    {
        PacketReceived packet => $"Packet {packet.Datagram.Span[0]}",
        LoopStalled stalled => string.Create(CultureInfo.InvariantCulture, $"LoopStalled {stalled.Gap.TotalSeconds}"),
        OperationCompleted completed => $"OperationCompleted {completed.Number}",
        OperationsCompleted several =>
            $"OperationsCompleted {string.Join(' ', several.Results.Select(static one => one.Number))}",
        MediumChanged changed => $"MediumChanged {changed.Works}",
        _ => input.GetType().Name,
    };
}
