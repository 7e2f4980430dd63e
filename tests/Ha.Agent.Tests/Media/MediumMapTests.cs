using System.Net;
using Ha.Agent.Interop;
using Ha.Agent.Media;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Configuration;

namespace Ha.Agent.Tests.Media;

public sealed class MediumMapTests
{
    private static readonly MediumMap Map = new(
    [
        new UnicastMedium("eth0", "10.77.0.1", 694),
        new UnicastMedium("eth0", "10.77.0.2", 694),
        new BroadcastMedium("eth0", 694),
        new MulticastMedium("eth0", "225.0.0.1", 694, 1, Loop: false),
        new UnicastMedium("eth1", "10.78.0.2", 694),
        new BroadcastMedium("eth1", 695),
    ]);

    [Theory]
    [InlineData(0, "10.77.0.2", false, 1)] // the kernel gave it to the neighbour's socket
    [InlineData(1, "10.77.0.2", false, 1)]
    [InlineData(2, "10.77.0.2", false, 1)] // unicast at the broadcast socket
    [InlineData(2, "10.77.0.9", false, 0)] // a sender nobody names: some unicast line of the interface
    [InlineData(1, "10.77.0.9", false, 1)]
    [InlineData(0, "10.77.0.2", true, -1)] // the broadcast socket has its own copy
    [InlineData(2, "10.77.0.2", true, 2)]
    [InlineData(3, "10.77.0.2", true, 3)]
    [InlineData(4, "10.77.0.2", false, 4)] // another interface
    [InlineData(4, "10.78.0.2", true, 4)] // the broadcast line has another port
    [InlineData(5, "10.78.0.2", true, 5)]
    public void Datagram_BelongsToTheLineOfItsSender(int receivedOn, string source, bool toAll, int expected)
    {
        var reception = new Reception(
            ReceiveStatus.Datagram, 10, RawSocketAddress.AddressOf(IPAddress.Parse(source)), toAll);

        Assert.Equal(expected, Map.MediumOf(receivedOn, reception));
    }

    [Fact]
    public void LinesOfOneInterface_EachGetTheirOwnPackets()
    {
        using var hosts = new HostPair();
        MediumDefinition[] lines =
        [
            new UnicastMedium("eth0", "10.77.0.1", 694), new UnicastMedium("eth0", "10.77.0.2", 694),
            new BroadcastMedium("eth0", 694),
        ];
        var map = new MediumMap([.. lines]);
        var media = lines.Select(line => hosts.One.Run(() => UdpMedium.Open(line))).ToArray();
        using var unicast = hosts.Two.Run(() => UdpMedium.Open(new UnicastMedium("eth0", "10.77.0.1", 694)));
        using var broadcast = hosts.Two.Run(() => UdpMedium.Open(new BroadcastMedium("eth0", 694)));
        var counts = new int[lines.Length];

        for (var i = 0; i < 20; i++)
        {
            unicast.Send("unicast"u8);
            broadcast.Send("broadcast"u8);
        }

        Wait.Until(
            () =>
            {
                for (var i = 0; i < media.Length; i++)
                {
                    var reception = media[i].Receive(new byte[100]);
                    if (reception.Status == ReceiveStatus.Datagram && map.MediumOf(i, reception) is var owner and >= 0)
                        counts[owner]++;
                }

                return counts.Sum() == 40;
            },
            "40 datagrams");
        Assert.Equal([0, 20, 20], counts);
        foreach (var medium in media) medium.Dispose();
    }
}
