using System.Net;
using Ha.Agent.Interop;
using Ha.Agent.Media;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Configuration;
using Ha.Tests;

namespace Ha.Agent.Tests.Media;

[Collection(MeasuredAlone.Name)]
public sealed class UdpMediumTests(HostPair hosts) : IClassFixture<HostPair>
{
    public static TheoryData<string> Kinds => ["ucast", "ucast6", "bcast", "mcast", "mcast6"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Media_TalkBothWays(string kind)
    {
        using var one = OpenOn(hosts.One, Medium(kind, peer: 2, 694));
        using var two = OpenOn(hosts.Two, Medium(kind, peer: 1, 694));

        Assert.Equal(SendStatus.Sent, one.Send("from one"u8).Status);
        Assert.Equal("from one", TextFrom(two, "one"));
        Assert.Equal(SendStatus.Sent, two.Send("from two"u8).Status);
        Assert.Equal("from two", TextFrom(one, "two"));
    }

    [Theory]
    [InlineData("ucast", "10.77.0.1", false)]
    [InlineData("ucast6", "fd77::1", false)]
    [InlineData("bcast", "10.77.0.1", true)]
    [InlineData("mcast", "10.77.0.1", true)]
    public void Reception_NamesItsSenderAndWhetherItWentToAll(string kind, string source, bool toAll)
    {
        using var one = OpenOn(hosts.One, Medium(kind, peer: 2, 695));
        using var two = OpenOn(hosts.Two, Medium(kind, peer: 1, 695));

        one.Send("hello"u8);

        var reception = Await(two, new byte[100]);
        Assert.Equal(RawSocketAddress.AddressOf(IPAddress.Parse(source)), reception.Source);
        Assert.Equal(toAll, reception.ToAll);
    }

    [Fact]
    public void EmptyDatagram_IsADatagram()
    {
        using var one = OpenOn(hosts.One, Medium("ucast", peer: 2, 696));
        using var two = OpenOn(hosts.Two, Medium("ucast", peer: 1, 696));

        one.Send([]);

        Assert.Equal((ReceiveStatus.Datagram, 0), Shape(Await(two, new byte[100])));
        Assert.Equal(ReceiveStatus.Nothing, two.Receive(new byte[100]).Status);
    }

    [Fact]
    public void LargestDatagram_ArrivesWhole_AndOneByteMoreIsLostWithoutHarm()
    {
        using var one = OpenOn(hosts.One, Medium("ucast", peer: 2, 697));
        using var two = OpenOn(hosts.Two, Medium("ucast", peer: 1, 697));
        var largest = new byte[65_507];
        largest[^1] = 77;
        var buffer = new byte[65_536];

        Assert.Equal(SendStatus.Lost, one.Send(new byte[65_508]).Status);
        Assert.Equal(SendStatus.Sent, one.Send(largest).Status);

        Assert.Equal((ReceiveStatus.Datagram, largest.Length), Shape(Await(two, buffer)));
        Assert.Equal(77, buffer[largest.Length - 1]);
    }

    [Fact]
    public void DatagramLargerThanTheBuffer_IsNoticed_AndTheNextOneIsWhole()
    {
        using var one = OpenOn(hosts.One, Medium("ucast", peer: 2, 698));
        using var two = OpenOn(hosts.Two, Medium("ucast", peer: 1, 698));
        one.Send(new byte[101]);
        one.Send(new byte[100]);

        Assert.Equal(ReceiveStatus.Oversized, Await(two, new byte[100]).Status);
        Assert.Equal((ReceiveStatus.Datagram, 100), Shape(Await(two, new byte[100])));
    }

    [Fact]
    public void SendingAndReceiving_AllocateNothing()
    {
        using var one = OpenOn(hosts.One, Medium("bcast", peer: 2, 699));
        using var two = OpenOn(hosts.Two, Medium("bcast", peer: 1, 699));
        var datagram = new byte[300];
        var buffer = new byte[2048];
        for (var i = 0; i < 200; i++) Exchange();

        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 200; i++) Exchange();
        }));

        void Exchange()
        {
            one.Send(datagram);
            while (two.Receive(buffer).Status != ReceiveStatus.Nothing)
            {
                // Until nothing waits.
            }
        }
    }

    [Fact]
    public void BroadcastSender_UsesAnotherPortThan694_AndHearsItself()
    {
        using var one = OpenOn(hosts.One, Medium("bcast", peer: 2, 694));

        one.Send("own"u8);

        Assert.Equal("own", TextFrom(one, "itself"));
        Assert.Contains(
            "0.0.0.0%eth0:694", hosts.One.Execute("ss", "-ulnH"), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingInterface_IsNamedWithWhatToDo()
    {
        var failure = Assert.Throws<MediumException>(() => OpenOn(hosts.One, new BroadcastMedium("eth77", 694)));

        Assert.Equal(Errno.NoDevice, failure.ErrorNumber);
        Assert.Contains("bcast eth77", failure.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ha.cf", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InterfaceThatComesLater_IsUsedAfterReopen_AndSurvivesReplacement()
    {
        using var medium = hosts.One.Run(() => UdpMedium.OpenOrClosed(new BroadcastMedium("late0", 694), out _));
        Assert.Equal(-1, medium.Descriptor);
        Assert.Equal(SendStatus.MediumFailed, medium.Send("x"u8).Status);
        Assert.False(hosts.One.Run(() => medium.TryReopen(out _)));

        CreateLate("10.78.0.1/24");
        Assert.True(hosts.One.Run(() => medium.TryReopen(out _)));
        Assert.Equal(SendStatus.Sent, medium.Send("x"u8).Status);

        hosts.One.Execute("ip", "link", "del", "late0");
        Assert.Equal(SendStatus.MediumFailed, medium.Send("x"u8).Status);
        CreateLate("10.79.0.1/24");
        Assert.True(hosts.One.Run(() => medium.TryReopen(out _)));
        Assert.Equal(SendStatus.Sent, medium.Send("x"u8).Status);
        hosts.One.Execute("ip", "link", "del", "late0");
    }

    [Fact]
    public void BroadcastMedium_FollowsANewAddressOfItsInterface()
    {
        CreateLate("10.80.0.1/24", "late1");
        using var sniffer = hosts.One.Run(() => new FrameSniffer());
        using var medium = OpenOn(hosts.One, new BroadcastMedium("late1", 694));
        hosts.One.Execute("ip", "addr", "add", "10.81.0.1/24", "brd", "10.81.0.255", "dev", "late1");
        hosts.One.Execute("ip", "addr", "del", "10.80.0.1/24", "dev", "late1");

        Assert.Equal(SendStatus.Sent, medium.Send("moved"u8).Status);

        Assert.NotNull(sniffer.Next(
            frame => frame.Length > 42 && frame[23] == 17 && frame.AsSpan(30, 4).SequenceEqual<byte>([10, 81, 0, 255]),
            TimeSpan.FromSeconds(60)));
        hosts.One.Execute("ip", "addr", "flush", "dev", "late1");
        Assert.Equal(SendStatus.MediumFailed, medium.Send("no address"u8).Status);
        hosts.One.Execute("ip", "link", "del", "late1");
    }

    [Fact]
    public void InterfaceSwitchedOff_FailsTheMedium_AndOnAgainItWorks()
    {
        CreateLate("10.82.0.1/24", "late2");
        using var medium = OpenOn(hosts.One, new UnicastMedium("late2", "10.82.0.2", 694));
        hosts.One.Execute("ip", "link", "set", "late2", "down");
        Assert.Equal(SendStatus.MediumFailed, medium.Send("x"u8).Status);

        hosts.One.Execute("ip", "link", "set", "late2", "up");

        Assert.Equal(SendStatus.Sent, medium.Send("x"u8).Status);
        hosts.One.Execute("ip", "link", "del", "late2");
    }

    private static MediumDefinition Medium(string kind, int peer, int port) => kind switch
    {
        "ucast" => new UnicastMedium("eth0", $"10.77.0.{peer}", port),
        "ucast6" => new UnicastMedium("eth0", $"fd77::{peer}", port),
        "bcast" => new BroadcastMedium("eth0", port),
        "mcast" => new MulticastMedium("eth0", "225.0.0.1", port, 1, Loop: false),
        "mcast6" => new MulticastMedium("eth0", "ff02::77", port, 1, Loop: false),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind),
    };

    private static UdpMedium OpenOn(TestHost host, MediumDefinition definition) =>
        host.Run(() => UdpMedium.Open(definition));

    private static (ReceiveStatus, int) Shape(Reception reception) => (reception.Status, reception.Length);

    private static Reception Await(UdpMedium medium, byte[] buffer)
    {
        var reception = default(Reception);
        Wait.Until(
            () => (reception = medium.Receive(buffer)).Status != ReceiveStatus.Nothing,
            $"a datagram on {medium.Definition}");
        return reception;
    }

    /// <summary>The next datagram that a certain host sent; a broadcast comes back to its sender as well.</summary>
    private static string TextFrom(UdpMedium medium, string sender)
    {
        var buffer = new byte[100];
        while (true)
        {
            var text = System.Text.Encoding.ASCII.GetString(buffer, 0, Await(medium, buffer).Length);
            if (sender == "itself" || text.EndsWith(sender, StringComparison.Ordinal)) return text;
        }
    }

    private void CreateLate(string address, string name = "late0")
    {
        hosts.One.Execute("ip", "link", "add", name, "type", "veth", "peer", "name", name + "p");
        hosts.One.Execute("ip", "addr", "add", address, "brd", "+", "dev", name);
        hosts.One.Execute("ip", "link", "set", name + "p", "up");
        hosts.One.Execute("ip", "link", "set", name, "up");
    }
}
