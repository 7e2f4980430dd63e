using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;
using Ha.Tests;

namespace Ha.Core.Tests.Engine;

[Collection(MeasuredAlone.Name)]
public sealed class SteadyStateTests
{
    /// <summary>Two engines that talk to each other over reused buffers, as the agent's loop drives them.</summary>
    private sealed class Pair
    {
        private readonly ClusterEngine[] engines;
        private readonly EffectList[] effects = [new(), new()];
        private readonly PacketReceived[] packets = [new(), new()];
        private readonly HashSet<string> running = [];
        private MonotonicTime now = new(1_000_000);

        public Pair()
        {
            var cluster = new StoryCluster();
            engines = [new ClusterEngine(cluster.Options("s1", 5)), new ClusterEngine(cluster.Options("s2", 5))];
        }

        /// <summary>Whether monitors are never answered.</summary>
        public bool MonitorsHang { get; set; }

        /// <summary>Whether nothing that one says reaches the other.</summary>
        public bool IsCut { get; set; }

        public ClusterSnapshot Snapshot(int node) => engines[node].Snapshot(Clock);

        public long Version(int node) => engines[node].SnapshotVersion;

        private ClusterTime Clock => new(now, 1_700_000_000_000 + (now.Microseconds / 1000));

        /// <summary>Advances both to the next deadline and delivers what they say.</summary>
        public void Advance()
        {
            now = MonotonicTime.Max(
                now + TimeSpan.FromMicroseconds(1),
                MonotonicTime.Min(engines[0].NextDeadline, engines[1].NextDeadline));
            for (var node = 0; node < 2; node++) Give(node, TimeAdvanced.Instance);
        }

        private void Give(int node, ClusterInput input)
        {
            effects[node].Clear();
            engines[node].Step(Clock, input, effects[node]);
            for (var i = 0; i < effects[node].Count; i++)
            {
                switch (effects[node].Items[i])
                {
                    case SendDatagram when IsCut:
                        break;
                    case SendDatagram send:
                        packets[1 - node].Datagram = send.Datagram;
                        GiveToOther(1 - node);
                        break;
                    case RunOperation run:
                        pending.Enqueue((node, run));
                        break;
                    default:
                        break;
                }
            }

            while (pending.TryDequeue(out var one)) Finish(one.Node, one.Run);
        }

        private readonly Queue<(int Node, RunOperation Run)> pending = new();
        // Answers are copied: the engine that is answered reuses its effects.
        private readonly byte[][] answers = [.. Enumerable.Range(0, 64).Select(_ => new byte[8192])];
        private readonly (int Node, int Length)[] answered = new (int, int)[64];
        private int taken;
        private int put;

        private void GiveToOther(int node)
        {
            var list = effectsOfOther[node];
            list.Clear();
            engines[node].Step(Clock, packets[node], list);
            for (var i = 0; i < list.Count; i++)
            {
                if (list.Items[i] is SendDatagram send) Put(1 - node, send.Datagram.Span);
                else if (list.Items[i] is RunOperation run) pending.Enqueue((node, run));
            }

            while (taken < put)
            {
                var slot = taken++ % answers.Length;
                packets[answered[slot].Node].Datagram = answers[slot].AsMemory(0, answered[slot].Length);
                GiveToOther(answered[slot].Node);
            }
        }

        private void Put(int node, ReadOnlySpan<byte> datagram)
        {
            var slot = put++ % answers.Length;
            datagram.CopyTo(answers[slot]);
            answered[slot] = (node, datagram.Length);
        }

        private readonly EffectList[] effectsOfOther = [new(), new()];

        private void Finish(int node, RunOperation run)
        {
            if (run.Kind == OperationKind.Monitor && MonitorsHang) return;
            var key = $"{node}{run.Resource.Id}";
            if (run.Kind == OperationKind.Start) running.Add(key);
            if (run.Kind == OperationKind.Stop) running.Remove(key);
            var runs = run.Kind != OperationKind.Probe || running.Contains(key);
            Give(node, new OperationCompleted
            {
                Number = run.Number, Output = "", Duration = TimeSpan.Zero,
                Outcome = runs ? OperationOutcome.Succeeded : OperationOutcome.NotRunning,
            });
        }
    }

    [Fact]
    public void Heartbeats_AllocateNothing_WhenNothingHappens()
    {
        var pair = new Pair();
        for (var i = 0; i < 1000; i++) pair.Advance();
        // A monitor that runs now never ends: its answers are not heartbeats.
        pair.MonitorsHang = true;
        for (var i = 0; i < 1000; i++) pair.Advance();
        Assert.Equal(GroupState.Active, pair.Snapshot(1).Groups[0].State);
        var versions = (pair.Version(0), pair.Version(1));
        var allocated = Allocated.Least(() =>
        {
            for (var i = 0; i < 1000; i++) pair.Advance();
        });
        Assert.Equal(versions, (pair.Version(0), pair.Version(1)));
        Assert.Equal(0, allocated);
    }
    [Fact]
    public void Heartbeats_AllocateNothing_WhileAPeerIsDead()
    {
        var pair = new Pair();
        for (var i = 0; i < 1000; i++) pair.Advance();
        pair.MonitorsHang = true;
        pair.IsCut = true;
        for (var i = 0; i < 1000; i++) pair.Advance();
        Assert.Contains(pair.Snapshot(0).Nodes, node => node is { Name: "s2", State: NodeState.Dead });
        var allocated = Allocated.Least(() =>
        {
            for (var i = 0; i < 100; i++) pair.Advance();
        });
        Assert.Equal(0, allocated);
    }
}
