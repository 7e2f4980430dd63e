using Ha.Core.Engine;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Engine;

/// <summary>An engine and a peer with the right key whose packets are late or absurd.</summary>
public sealed class OddPeerTests
{
    private const uint Generation = 77;

    private readonly StoryCluster cluster = new();
    private readonly ClusterEngine engine;
    private readonly MessageEncoder peer;
    private readonly EffectList effects = new();

    public OddPeerTests()
    {
        var options = cluster.Options("s1", 5);
        engine = new(options);
        peer = new(options.Keys, innerAuth: true);
        Step(TimeAdvanced.Instance);
    }

    [Fact]
    public void StatusThatWasLostAndSentAgain_DoesNotUndoANewerOne()
    {
        Receive(Status(1, "init"));
        Receive(Status(3, "active"));
        Assert.Equal("active", PeerStatus);

        Receive(Status(2, "up"));

        Assert.Equal("active", PeerStatus);
    }

    [Theory]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue - 3, long.MaxValue)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(9, 3)]
    public void AbsurdRangeInARetransmissionRequest_IsAnsweredWithinBounds(long first, long last)
    {
        Receive(Status(1, "active"));
        peer.Begin();
        peer.Add(FieldNames.Type, MessageTypes.RetransmitRequest);
        peer.Add(FieldNames.Destination, "s1");
        peer.AddDecimal(FieldNames.FirstSequence, first);
        peer.AddDecimal(FieldNames.LastSequence, last);

        Receive(Finish());

        Assert.InRange(effects.Count, 0, SentHistory.MaxMessagesPerRequest);
    }

    [Fact]
    public void HeartbeatIsDead_StatusesKeepTheirPace()
    {
        Receive(Status(1, "active"));
        StatusesWithin(TimeSpan.FromSeconds(3));
        Assert.Equal("dead", PeerStatus);

        Assert.InRange(StatusesWithin(TimeSpan.FromSeconds(2)), 19, 21);
    }

    private int StatusesWithin(TimeSpan time)
    {
        var count = 0;
        for (var end = cluster.Now + time; cluster.Now < end;)
        {
            cluster.Run(TimeSpan.FromMilliseconds(5));
            Step(TimeAdvanced.Instance);
            foreach (var effect in effects.Items)
            {
                if (effect is SendDatagram send && send.Datagram.Span.IndexOf("t=status"u8) >= 0) count++;
            }
        }

        return count;
    }

    private string PeerStatus => engine.Snapshot(cluster.Clock).Nodes.Single(node => node.Name == "s2").HeartbeatStatus;

    private byte[] Status(ulong sequence, string status)
    {
        peer.Begin();
        peer.Add(FieldNames.Type, MessageTypes.Status);
        peer.Add(FieldNames.Status, status);
        peer.AddHex(FieldNames.Deadtime, 400);
        peer.AddDecimal(FieldNames.Protocol, 1);
        peer.AddHex(FieldNames.Sequence, sequence);
        return Finish();
    }

    private byte[] Finish()
    {
        peer.Add(FieldNames.Source, "s2");
        peer.AddHex(FieldNames.Generation, Generation);
        peer.AddHex(FieldNames.Timestamp, 1_700_000_000);
        return peer.Finish().ToArray();
    }

    private void Receive(byte[] datagram) => Step(new PacketReceived { Datagram = datagram });

    private void Step(ClusterInput input)
    {
        effects.Clear();
        engine.Step(cluster.Clock, input, effects);
    }
}
