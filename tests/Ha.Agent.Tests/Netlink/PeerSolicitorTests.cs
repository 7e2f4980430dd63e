using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using Ha.Agent.Netlink;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Configuration;
using Ha.Core.Time;
using Ha.Tests;

namespace Ha.Agent.Tests.Netlink;

[Collection(MeasuredAlone.Name)]
public sealed class PeerSolicitorTests : IDisposable
{
    private static readonly TimeSpan Keepalive = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ImmutableArray<MediumDefinition> Media =
    [
        new BroadcastMedium("eth0", 694),
        new UnicastMedium("eth0", "10.77.0.2", 694),
        new UnicastMedium("eth0", "fd77::2", 694),
    ];

    private readonly HostPair hosts = new();
    private readonly RouteSocket routes;
    private readonly PeerSolicitor solicitor;
    private MonotonicTime now = new(1_000_000_000);

    public PeerSolicitorTests()
    {
        (routes, solicitor) = hosts.One.Run(() =>
        {
            var opened = new RouteSocket();
            return (opened, new PeerSolicitor(Media, Keepalive, opened));
        });
    }

    public void Dispose()
    {
        solicitor.Dispose();
        routes.Dispose();
        hosts.Dispose();
    }

    [Fact]
    public void PeerThatIsHeard_IsNotAskedFor()
    {
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());
        for (var i = 0; i < 50; i++)
        {
            now += Keepalive;
            solicitor.Heard(1, now);
            solicitor.Heard(2, now);
            solicitor.AskForSilent(now);
        }

        Assert.Null(sniffer.Next(frame => IsQuestion(frame), TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public void SilentPeer_IsAskedFor_InOwnName_OverBothProtocols()
    {
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        solicitor.AskForSilent(now);

        var arp = sniffer.Next(frame => IsQuestion(frame) && frame[13] == 6, Patience);
        Assert.NotNull(arp);
        Assert.Equal(IPAddress.Parse("10.77.0.1").GetAddressBytes(), arp[28..32]);
        Assert.Equal(IPAddress.Parse("10.77.0.2").GetAddressBytes(), arp[38..42]);
        using var again = hosts.Two.Run(() => new FrameSniffer());
        now += PeerSolicitor.RefreshInterval;
        solicitor.AskForSilent(now);
        var ask = again.Next(frame => IsQuestion(frame) && frame[13] != 6, Patience);
        Assert.NotNull(ask);
        Assert.Equal(IPAddress.Parse("fd77::1").GetAddressBytes(), ask[22..38]);
        Assert.Equal(IPAddress.Parse("fd77::2").GetAddressBytes(), ask[62..78]);
    }

    [Fact]
    public void SilentPeer_IsAskedForFourTimesPerHeartbeat_LaterOncePerHeartbeat()
    {
        Assert.InRange(QuestionsIn(TimeSpan.FromSeconds(1)), 38, 42);
        now += PeerSolicitor.Fresh;
        Assert.InRange(QuestionsIn(TimeSpan.FromSeconds(1)), 9, 11);
    }

    [Fact]
    public void PeerHeardAfterSilence_IsAskedForOnceMoreAtOnce()
    {
        solicitor.AskForSilent(now);
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        solicitor.Heard(1, now);
        solicitor.Heard(1, now);

        Assert.NotNull(sniffer.Next(frame => IsQuestion(frame) && frame[13] == 6, Patience));
        Assert.Null(sniffer.Next(frame => IsQuestion(frame) && frame[13] == 6, TimeSpan.FromMilliseconds(100)));
    }

    [Theory]
    [InlineData("10.77.0.1", "10.77.0.2")]
    [InlineData("fd77::1", "fd77::2")]
    public void OneQuestionThatArrives_TeachesBothKernels(string one, string two)
    {
        Forget(hosts.One, two);
        Forget(hosts.Two, one);
        // The kernel of the first waits for an answer, as it does while heartbeats go out to a silent peer, and does
        // not ask again by itself while the test runs.
        foreach (var family in new[] { "ipv4", "ipv6" })
            hosts.One.Run(() => File.WriteAllText($"/proc/sys/net/{family}/neigh/eth0/retrans_time_ms", "300000"));
        hosts.One.Execute("ip", "neigh", "replace", two, "dev", "eth0", "nud", "incomplete");

        solicitor.AskForSilent(now);

        Wait.Until(() => Knows(hosts.One, two) && Knows(hosts.Two, one), "both neighbours known");
    }

    [Fact]
    public void OwnAddressAsPeer_AndInterfaceThatIsNotThere_AskNobody()
    {
        ImmutableArray<MediumDefinition> odd =
            [new UnicastMedium("eth0", "10.77.0.1", 694), new UnicastMedium("eth9", "10.77.0.2", 694)];
        using var asking = hosts.One.Run(() => new PeerSolicitor(odd, Keepalive, routes));
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        asking.AskForSilent(now);

        Assert.Null(sniffer.Next(frame => IsQuestion(frame), TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void AskingAllocatesNothing_BetweenTwoLookUps()
    {
        solicitor.AskForSilent(now);
        now += Keepalive;
        solicitor.AskForSilent(now);

        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 6; i++)
            {
                now += Keepalive / 4;
                solicitor.AskForSilent(now);
            }
        }));
    }

    private static bool IsQuestion(byte[] frame) => frame.Length >= 42
        && BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) switch
        {
            NeighbourFrames.ArpProtocol => frame[21] == NeighbourFrames.ArpRequest && frame[31] is 1,
            NeighbourFrames.Ip6Protocol => frame[54] == NeighbourFrames.NeighbourSolicitation,
            _ => false,
        };

    private static void Forget(TestHost host, string address) =>
        host.Execute("ip", "neigh", "flush", "to", address, "dev", "eth0");

    private static bool Knows(TestHost host, string address) =>
        host.Execute("ip", "neigh", "show", "to", address).Contains("lladdr", StringComparison.Ordinal);

    private int QuestionsIn(TimeSpan time)
    {
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(5))
        {
            now += TimeSpan.FromMilliseconds(5);
            solicitor.AskForSilent(now);
        }

        var count = 0;
        var rest = TimeSpan.FromMilliseconds(300);
        while (sniffer.Next(frame => IsQuestion(frame) && frame[13] == 6, rest) is not null) count++;
        return count;
    }
}
