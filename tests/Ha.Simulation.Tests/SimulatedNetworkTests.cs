using Ha.Core.Heartbeat;
using Ha.Core.Time;

namespace Ha.Simulation.Tests;

public sealed class SimulatedNetworkTests
{
    private static readonly SimulationProfile ThreeNodes = new() { Nodes = 3, Media = 2 };
    private readonly EventQueue queue = new();
    private readonly Coverage coverage = new();

    [Fact]
    public void HealthyNetwork_DeliversToEveryOtherNodeOnEveryMedium()
    {
        var deliveries = Send(Network());

        Assert.Equal([(1, 0), (1, 1), (2, 0), (2, 1)], deliveries.Select(d => (d.Node, d.Index)).Order());
        Assert.All(deliveries, d => Assert.InRange(d.At, 1, 20_000));
    }

    [Fact]
    public void MaskOfOneMedium_LeavesTheOthersAlone()
    {
        Assert.Equal([(1, 1), (2, 1)], Send(Network(), mask: 0b10).Select(d => (d.Node, d.Index)).Order());
    }

    [Fact]
    public void IsolatedNode_IsNeitherHeardNorHears()
    {
        var network = Network(new Fault(FaultKind.Isolate, 0, 1, Node: 1));

        Assert.All(Send(network), d => Assert.Equal(2, d.Node));
        Assert.Empty(Send(network, from: 1));
    }

    [Fact]
    public void OneWayCut_LeavesTheOtherDirection()
    {
        var network = Network(new Fault(FaultKind.OneWay, 0, 1, Node: 0, Peer: 1));

        Assert.All(Send(network), d => Assert.Equal(2, d.Node));
        Assert.Equal(4, Send(network, from: 1).Count);
    }

    [Fact]
    public void CutOfOneMedium_LeavesTheOtherMedium()
    {
        var network = Network(new Fault(FaultKind.CutPair, 0, 1, Node: 0, Peer: 1, Medium: 0));

        Assert.Equal([(1, 1), (2, 0), (2, 1)], Send(network).Select(d => (d.Node, d.Index)).Order());
    }

    [Fact]
    public void OverlappingFaults_EndOneByOne()
    {
        var cut = new Fault(FaultKind.MediumDown, 0, 1);
        var isolation = new Fault(FaultKind.Isolate, 0, 1, Node: 1);
        var network = Network(cut, isolation);
        network.End(cut);

        Assert.True(network.IsCut(0, 1, 0));
        Assert.False(network.IsCut(0, 2, 0));
        network.End(isolation);
        Assert.False(network.IsCut(0, 1, 0));
    }

    [Fact]
    public void Loss_TakesAboutItsShare()
    {
        var network = Network(new Fault(FaultKind.Loss, 0, 1, Amount: 300));

        var arrived = Enumerable.Range(0, 1000).Sum(_ => Send(network).Count);

        Assert.InRange(arrived, 2600, 3000);
    }

    [Fact]
    public void Corruption_ChangesBytesAndSaysSo()
    {
        var network = Network(new Fault(FaultKind.Corruption, 0, 1, Amount: 1000));

        var packet = (Packet)Send(network)[0].Item!;

        Assert.False(packet.Intact);
        Assert.False(packet.Datagram.Span.SequenceEqual(Status));
    }

    [Fact]
    public void Clog_HoldsPacketsUntilItIsOver()
    {
        var network = Network(new Fault(FaultKind.Clog, 0, 5 * Micros.Second, Node: 1));

        Assert.All(Send(network), d => Assert.Equal(d.Node == 1, d.At >= 5 * Micros.Second));
    }

    [Fact]
    public void BurstLoss_LosesWholeBursts()
    {
        var network = Network(new Fault(FaultKind.BurstLoss, 0, Micros.Hour, Amount: 2000));
        var arrived = new List<bool>();
        for (long at = 0; at < 10 * Micros.Minute; at += 100 * Micros.Millisecond)
        {
            network.Send(at, 0, 1, 0b01, Status);
            arrived.Add(Drain().Any(d => d.Node == 1));
        }

        var lost = arrived.Count(one => !one);
        var together = arrived.Zip(arrived.Skip(1)).Count(pair => !pair.First && !pair.Second);
        Assert.InRange(lost, 300, 3000);
        Assert.True(together > lost / 2, $"{together} of {lost} lost packets followed a lost one");
    }

    [Fact]
    public void WrongMtu_LosesOnlyWhatIsLonger()
    {
        var network = Network(new Fault(FaultKind.LargeLost, 0, 1, Amount: 100));

        Assert.Equal(4, Send(network).Count);
        Assert.Empty(Send(network, datagram: new byte[101]));
        Assert.True(network.LosesLarge);
    }

    [Fact]
    public void Truncation_CutsShort()
    {
        var packet = (Packet)Send(Network(new Fault(FaultKind.Truncation, 0, 1, Amount: 1000)))[0].Item!;

        Assert.False(packet.Intact);
        Assert.InRange(packet.Length, 0, Status.Length - 1);
    }

    [Fact]
    public void ForeignCluster_IsRefusedByItsSignature()
    {
        Network(new Fault(FaultKind.ForeignCluster, 0, Micros.Second, Amount: 20));
        var own = new MessageDecoder(ThreeNodes.Keys(other: false));
        var theirs = new MessageDecoder(ThreeNodes.ForeignKeys());

        var packets = Drain().Select(d => (Packet)d.Item!).ToList();

        Assert.Equal(20, packets.Count);
        Assert.All(packets, packet =>
        {
            Assert.Equal(DecodeResult.Ok, theirs.TryDecode(packet.Datagram.Span, out _));
            Assert.Equal(DecodeResult.UnknownKey, own.TryDecode(packet.Datagram.Span, out _));
        });
    }

    [Fact]
    public void Replay_DeliversCopiesOfEarlierLives()
    {
        var network = Network(remember: true);
        Send(network, generation: 5);
        Send(network, generation: 6);
        network.Begin(1_000_000, new Fault(FaultKind.Replay, 1_000_000, Micros.Second, Amount: 4000));

        var replayed = Drain().Select(d => (Packet)d.Item!).ToList();

        Assert.All(replayed, packet => Assert.True(packet.Replayed));
        Assert.Contains(replayed, packet => packet.Generation == 5);
    }

    [Fact]
    public void Garbage_IsNobodysPacket()
    {
        Network(new Fault(FaultKind.Garbage, 0, Micros.Second, Amount: 30));

        var garbage = Drain().Select(d => (Packet)d.Item!).ToList();

        Assert.Equal(30, garbage.Count);
        Assert.All(garbage, packet => Assert.False(packet.Intact));
        Assert.Contains(garbage, packet => packet.Length == 0);
    }

    [Fact]
    public void SharedPacket_IsReusedOnlyAfterItsLastDelivery()
    {
        var network = Network();
        var deliveries = Send(network);
        foreach (var delivery in deliveries.Take(3)) network.Release((Packet)delivery.Item!);
        var other = Send(network, from: 1, datagram: "###\nother"u8.ToArray());

        Assert.True(((Packet)deliveries[3].Item!).Datagram.Span.SequenceEqual(Status));
        Assert.NotSame(deliveries[3].Item, other[0].Item);
    }

    [Fact]
    public void EqualSeeds_GiveEqualDelays()
    {
        var first = Send(Network()).Select(d => d.At).ToList();

        Assert.Equal(first, Send(Network()).Select(d => d.At));
    }

    private static ReadOnlySpan<byte> Status => "###\n12:(0)t=status,%%%\n"u8;

    private SimulatedNetwork Network(params Fault[] faults) => Network(remember: false, faults);

    private SimulatedNetwork Network(bool remember, params Fault[] faults)
    {
        var network = new SimulatedNetwork(ThreeNodes, new SplitMix64(1), queue, coverage, remember);
        foreach (var fault in faults) network.Begin(0, fault);
        return network;
    }

    private List<WorldEvent> Send(
        SimulatedNetwork network, int from = 0, ulong mask = 0b11, uint generation = 1, byte[]? datagram = null)
    {
        network.Send(0, from, generation, mask, datagram ?? Status);
        return Drain();
    }

    private List<WorldEvent> Drain()
    {
        var taken = new List<WorldEvent>();
        while (queue.Count > 0) taken.Add(queue.Take());
        return taken;
    }
}
