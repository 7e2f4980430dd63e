using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Agent.Health;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>ICMP echo and TCP connections in a network of their own.</summary>
public sealed class PingAndTcpTests
{
    [Fact]
    public void Addresses_AnswerOrDoNot_AndPacketsLeaveWhereTheCheckSays() => NetworkNamespace.Run(network =>
    {
        network.Ip("link set lo up");
        network.Ip("link add quiet type veth peer name nobody");
        network.Ip("addr add 10.9.9.1/24 dev quiet");
        network.Ip("link set quiet up");
        network.Ip("link set nobody up");
        network.Ip("neigh add 10.9.9.2 lladdr 02:00:00:00:00:99 dev quiet");
        var ping = new PingCheck();

        Good("answers", ping.Look(At(CheckKind.Ping, ("address", "127.0.0.1"))));
        Good("answers", ping.Look(At(CheckKind.Ping, ("address", "10.9.9.1"), ("source", "127.0.0.1"))));
        Good("answers", ping.Look(At(CheckKind.Ping, ("address", "127.0.0.1"), ("interface", "lo"))));
        Good("answers", ping.Look(At(CheckKind.Ping, ("address", "::1"))));
        // Sent, and taken by nobody.
        Bad("no answer within 300ms", ping.Look(At(CheckKind.Ping, Short, ("address", "10.9.9.2"))));
        Fails("Network is unreachable", ping, At(CheckKind.Ping, ("address", "192.0.2.1")));
        Fails("Cannot assign requested address", ping,
            At(CheckKind.Ping, ("address", "127.0.0.1"), ("source", "10.1.2.3")));
        Assert.Equal("packets cannot leave by interface eth9: it is not on this node", Assert.Throws<IOException>(
            () => ping.Look(At(CheckKind.Ping, ("address", "127.0.0.1"), ("interface", "eth9")))).Message);

        var tcp = new TcpCheck();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        Good("connected", tcp.Look(At(CheckKind.Tcp, ("address", "127.0.0.1"), ("port", port))));
        Fails("Connection refused", tcp, At(CheckKind.Tcp, ("address", "10.9.9.1"), ("port", port)));
        Assert.Throws<TimeoutException>(() =>
            tcp.Look(At(CheckKind.Tcp, Short, ("address", "10.9.9.2"), ("port", port))));
    });

    [Fact]
    public void AnswersToOthers_AreNoAnswers()
    {
        var request = PingCheck.Request(isV4: true);
        var other = PingCheck.Request(isV4: true);
        byte[] header = [0x45, .. new byte[19]];
        byte[] echo = [.. header, 0, .. request[1..]];

        Assert.True(PingCheck.Judge(echo, request, isV4: true)?.IsGood);
        Assert.Null(PingCheck.Judge(echo, other, isV4: true));
        Assert.Null(PingCheck.Judge([.. header, .. request], request, isV4: true));
        Assert.Equal("host unreachable",
            PingCheck.Judge([.. header, 3, 1, .. new byte[6], .. header, .. request[..8]], request, true)?.Text);
        Assert.Null(PingCheck.Judge([.. header, 3, 1, .. new byte[6], .. header, .. other[..8]], request, true));
    }

    [Fact]
    public void DatagramsOfAnyLengthAndContent_AreJudgedWithoutFault()
    {
        var random = new Random(5);
        var request = PingCheck.Request(isV4: true);
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(80)];
            random.NextBytes(datagram);
            if (datagram.Length > 0 && random.Next(2) == 0) datagram[0] = (byte)(0x40 | random.Next(16));
            Assert.Null(PingCheck.Judge(datagram, request, random.Next(2) == 0));
        }
    }

    private static void Fails(string message, ICheckKind kind, CheckLook look) =>
        Assert.Contains(message, Assert.Throws<SocketException>(() => kind.Look(look)).Message,
            StringComparison.Ordinal);
}
