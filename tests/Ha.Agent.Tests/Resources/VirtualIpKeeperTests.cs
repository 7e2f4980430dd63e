using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class VirtualIpKeeperTests : IDisposable
{
    private const string Address = "10.77.0.100";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HostPair hosts = new();
    private readonly RouteSocket routes;
    private readonly ArpAnnouncer announcer;
    private readonly VirtualIpKeeper keeper;
    private readonly VirtualIps addresses;
    private readonly ConcurrentQueue<ClusterInput> posted = new();
    private readonly ConcurrentQueue<AddressMapping> mappings = new();
    private volatile bool mayClaim = true;
    private long number;

    public VirtualIpKeeperTests()
    {
        (routes, announcer) = hosts.One.Run(() => (new RouteSocket(), new ArpAnnouncer(() => mayClaim)));
        keeper = hosts.One.Run(() => new VirtualIpKeeper(
            announcer, ["eth0"], new KeeperOutlets(() => mayClaim, Post),
            // As in the agent: a busy machine must not keep it from renewing a lease of a second.
            prepareThread: static () => RealTime.ScheduleCallingThread(1)));
        keeper.Guard([Address, "fd77::100"]);
        addresses = new VirtualIps(new VirtualIpResource(routes, announcer), keeper);
    }

    public void Dispose()
    {
        keeper.Dispose();
        announcer.Dispose();
        routes.Dispose();
        hosts.Dispose();
    }

    [Theory]
    [InlineData(Address)]
    [InlineData("fd77::100")]
    public void Lease_IsRenewedWhileTheNodeMayClaim_AndTheKernelEndsItOtherwise(string address)
    {
        var vip = Vip(address, ("lease", "1"));
        Assert.Equal(OperationOutcome.Succeeded, Do(vip, OperationKind.Start).Outcome);

        AssertStays(() => Has(address), TimeSpan.FromSeconds(2.5), "renewed");
        mayClaim = false;
        Wait.Until(() => !Has(address), "gone");

        // The host's own address of the same network, and the way there, are untouched.
        hosts.One.Execute("ping", "-c", "1", "-W", "30", address == Address ? "10.77.0.2" : "fd77::2");
    }

    [Fact]
    public void LeaseThatRanOutWhileTheAgentStoodStill_IsPutBack_Announced_AndReported()
    {
        Do(Vip(Address, ("lease", "1")), OperationKind.Start);
        mayClaim = false;
        Wait.Until(() => !Has(Address), "gone");
        using var sniffer = hosts.Two.Run(() => new FrameSniffer());

        mayClaim = true;

        Wait.Until(() => Has(Address), "back");
        Assert.NotNull(sniffer.Next(IsAnnouncement, Patience));
        Wait.Until(() => Reports(EventKind.AddressRestored).Any(), "reported");
        Assert.Empty(posted.OfType<ResourceDisturbed>());
    }

    [Fact]
    public void AddressOfAnEarlierLife_IsAdoptedByTheProbe_AndGoesOn()
    {
        hosts.One.Execute("ip", "addr", "add", $"{Address}/24", "dev", "eth0", "label", "eth0:0", "valid_lft", "2",
            "preferred_lft", "2");

        Assert.Equal(OperationOutcome.Succeeded, Do(Vip(Address, ("lease", "2")), OperationKind.Probe).Outcome);

        AssertStays(() => Has(Address), TimeSpan.FromSeconds(3), "adopted");
        Assert.Contains("dynamic eth0:0", Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void LeaseOfZero_IsForEver()
    {
        Do(Vip(Address, ("lease", "0")), OperationKind.Start);

        Assert.Contains("valid_lft forever", Shown().Split(Address)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void StopNeverLosesAgainstARenewal()
    {
        var vip = Vip(Address, ("lease", "1"));
        for (var i = 0; i < 20; i++)
        {
            Do(vip, OperationKind.Start);
            // A renewal is due after a quarter of the lease.
            Thread.Sleep(240 + (i % 20));
            Do(vip, OperationKind.Stop);
            Assert.False(Has(Address), $"round {i}");
        }

        AssertStays(() => !Has(Address), TimeSpan.FromSeconds(1), "gone for good");
        Assert.Empty(posted);
    }

    [Theory]
    [InlineData(Address)]
    [InlineData("fd77::100")]
    public void RemovedByHand_IsNoticedAtOnce_AndTheMonitorSaysSo(string address)
    {
        var vip = Vip(address, ("lease", "2"));
        Do(vip, OperationKind.Start);
        Assert.Equal(OperationOutcome.Succeeded, Do(vip, OperationKind.Monitor).Outcome);

        hosts.One.Execute("ip", "addr", "del", address == Address ? $"{address}/24" : $"{address}/64", "dev", "eth0");

        Wait.Until(() => posted.OfType<ResourceDisturbed>().Any(), "disturbed");
        Assert.Contains("was removed from eth0 by somebody else", Disturbed(), StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.NotRunning, Do(vip, OperationKind.Monitor).Outcome);
        AssertStays(() => !Has(address), TimeSpan.FromSeconds(1), "not put back behind the engine's back");
        Assert.Equal(OperationOutcome.Succeeded, Do(vip, OperationKind.Start).Outcome);
        Assert.Equal(OperationOutcome.Succeeded, Do(vip, OperationKind.Monitor).Outcome);
        AssertStays(() => Has(address), TimeSpan.FromSeconds(3), "renewed again");
    }

    [Theory]
    [InlineData(Address)]
    [InlineData("fd77::100")]
    public void PutWhereItMustNotBe_IsRemoved_AndReported(string address)
    {
        Do(Vip(address), OperationKind.Probe);

        hosts.One.Execute("ip", "addr", "add", address == Address ? $"{address}/24" : $"{address}/64", "dev", "eth0");

        Wait.Until(() => Reports(EventKind.AddressStray).Any(), "reported");
        Assert.False(Has(address));
    }

    [Fact]
    public void PutWhereTheClusterDoesNotManageIt_IsLeftThere_UntilItDoes()
    {
        keeper.Guard([]);
        Do(Vip(Address), OperationKind.Probe);
        hosts.One.Execute("ip", "addr", "add", $"{Address}/24", "dev", "eth0");

        AssertStays(() => Has(Address), TimeSpan.FromSeconds(1), "left alone");
        Assert.Empty(Reports(EventKind.AddressStray));

        keeper.Guard([Address]);
        Wait.Until(() => Reports(EventKind.AddressStray).Any(), "reported");
        Assert.False(Has(Address));
    }

    [Theory]
    [InlineData(Address, 24)]
    [InlineData("fd77::100", 64)]
    public void AnotherHostHasIt_ItIsSeenWithThatHostsHardwareAddress_ThenOnesOwn(string address, int prefix)
    {
        hosts.Two.Execute("ip", "addr", "add", $"{address}/{prefix}", "dev", "eth0");
        Wait.Until(() => hosts.Two.Execute("ip", "addr", "show", "tentative").Length == 0, "usable there");
        Do(Vip(address), OperationKind.Probe);

        var seen = new AddressMapping(address, HardwareOf(hosts.Two), false);
        Wait.Until(() => mappings.Contains(seen), "asked and seen");
        hosts.Two.Execute("ip", "addr", "del", $"{address}/{prefix}", "dev", "eth0");
        Do(Vip(address), OperationKind.Start);
        Wait.Until(() => mappings.Contains(new AddressMapping(address, HardwareOf(hosts.One), true)), "held");
    }

    [Fact]
    public void NobodyHasIt_IsSeen_AndAnAnnouncementOfItAfterwards()
    {
        Do(Vip(Address), OperationKind.Probe);
        Wait.Until(() => mappings.Contains(new AddressMapping(Address, "", false)), "nobody answers");

        using var other = hosts.Two.Run(() => new ArpAnnouncer());
        other.AnnounceNow(LinkOf(hosts.Two), System.Net.IPAddress.Parse(Address),
            new AnnouncementRhythm(1, TimeSpan.FromMilliseconds(20), TimeSpan.Zero));
        Wait.Until(() => mappings.Contains(new AddressMapping(Address, HardwareOf(hosts.Two), false)), "heard");
    }

    [Fact]
    public void NoLinkIsSharedWithOthers_NothingIsSeen()
    {
        hosts.Two.Execute("ip", "link", "set", "eth0", "down");
        Do(Vip(Address), OperationKind.Probe);

        AssertStays(() => mappings.IsEmpty, TimeSpan.FromSeconds(2), "nothing is told");
    }

    [Fact]
    public void CarrierLost_IsTroubleAtOnce_AndItsReturnIsAnnounced()
    {
        var vip = Vip(Address);
        Do(vip, OperationKind.Start);
        hosts.Two.Execute("ip", "link", "set", "eth0", "down");

        Wait.Until(() => posted.OfType<ResourceDisturbed>().Any(), "disturbed");
        Assert.Contains("interface eth0 has no carrier", Disturbed(), StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Failed, Do(vip, OperationKind.Monitor).Outcome);
        Wait.Until(() => Reports(EventKind.InterfaceLost).Any(), "the event");

        using var sniffer = hosts.Two.Run(() => new FrameSniffer());
        hosts.Two.Execute("ip", "link", "set", "eth0", "up");

        Assert.NotNull(sniffer.Next(IsAnnouncement, Patience));
        Wait.Until(() => Do(vip, OperationKind.Monitor).Outcome == OperationOutcome.Succeeded, "well again");
        Wait.Until(() => Reports(EventKind.InterfaceRecovered).Any(), "the event");
    }

    [Fact]
    public void ShortLossOfCarrier_IsNoTroubleWithinItsDebounce()
    {
        var vip = Vip(Address, ("carrier_debounce", "1000"));
        Do(vip, OperationKind.Start);

        // A busy machine may take longer than the debounce to bring the carrier back: that was no short loss.
        while (LoseCarrierForAMoment() >= TimeSpan.FromSeconds(1))
        {
            Thread.Sleep(InterfaceWatch.Calm + TimeSpan.FromSeconds(1));
            posted.Clear();
        }

        AssertStays(() => !posted.OfType<ResourceDisturbed>().Any(), TimeSpan.FromSeconds(2), "undisturbed");
        hosts.Two.Execute("ip", "link", "set", "eth0", "down");
        Wait.Until(() => posted.OfType<ResourceDisturbed>().Any(), "a long loss is trouble");
    }

    /// <summary>No longer than this it was lost.</summary>
    private TimeSpan LoseCarrierForAMoment()
    {
        var begin = Stopwatch.GetTimestamp();
        hosts.Two.Execute("ip", "link", "set", "eth0", "down");
        Wait.Until(() => Reports(EventKind.InterfaceLost).Any(), "seen");
        hosts.Two.Execute("ip", "link", "set", "eth0", "up");
        Wait.Until(() => Reports(EventKind.InterfaceRecovered).Any(), "seen");
        return Stopwatch.GetElapsedTime(begin);
    }

    [Fact]
    public void UnrelatedInterface_DoesNotMatter()
    {
        Do(Vip(Address), OperationKind.Start);
        hosts.One.Execute("ip", "link", "add", "other", "type", "veth", "peer", "name", "other2");
        hosts.One.Execute("ip", "link", "set", "other", "up");
        hosts.One.Execute("ip", "addr", "add", "10.99.0.1/24", "dev", "other");
        hosts.One.Execute("ip", "link", "del", "other");

        AssertStays(() => posted.IsEmpty, TimeSpan.FromMilliseconds(300), "nothing is said");
    }

    [Fact]
    public void InterfaceThatFlaps_IsToldOfAFewTimesOnly()
    {
        Do(Vip(Address), OperationKind.Start);
        // The kernel itself tells of carriers once a second at most when it is in a hurry.
        for (var i = 0; i < 60 && !Reports(EventKind.InterfaceFlapping).Any(); i++)
        {
            hosts.Two.Execute("ip", "link", "set", "eth0", i % 2 == 0 ? "down" : "up");
            Thread.Sleep(300);
        }

        for (var i = 0; i < 6; i++)
        {
            hosts.Two.Execute("ip", "link", "set", "eth0", i % 2 == 0 ? "down" : "up");
            Thread.Sleep(300);
        }

        Assert.Single(Reports(EventKind.InterfaceFlapping));
        Assert.InRange(Reports(EventKind.InterfaceLost).Count() + Reports(EventKind.InterfaceRecovered).Count(), 1, 4);
    }

    [Fact]
    public void OwnAddressOfTheHostGone_IsTold()
    {
        hosts.One.Execute("ip", "addr", "add", "10.88.0.1/24", "dev", "eth0");
        hosts.One.Execute("ip", "addr", "del", "10.77.0.1/24", "dev", "eth0");

        Wait.Until(() => Reports(EventKind.NetworkChanged).Any(), "told");
        Assert.Contains("address 10.88.0.1/24 is on eth0", Reports(EventKind.NetworkChanged).First().Sentence,
            StringComparison.Ordinal);
    }

    private static bool IsAnnouncement(byte[] frame) => frame.Length >= 42 && frame[12] == 8 && frame[13] == 6
        && frame[31] == 100 && frame[41] == 100;

    private static void AssertStays(Func<bool> condition, TimeSpan time, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            Assert.True(condition(), what);
            Thread.Sleep(20);
        }
    }

    private static ResourceDefinition Vip(string address, params (string Name, string Value)[] parameters) => new()
    {
        Id = address,
        Class = "builtin",
        Type = "vip",
        Vip = new VirtualIp(address, null, null, null, null),
        Parameters = parameters.ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal),
    };

    private OperationResult Do(ResourceDefinition vip, OperationKind kind, bool urgent = true)
    {
        OperationResult? end = null;
        hosts.One.Run(() => addresses.Run(
            new RunOperation(++number, vip, kind, TimeSpan.FromSeconds(20), urgent), result => end = result));
        Wait.Until(() => end is not null, $"end of {kind}");
        return end!.Value;
    }

    private void Post(ClusterInput input)
    {
        if (input is not AddressesMapped mapped) posted.Enqueue(input);
        else foreach (var mapping in mapped.Mappings) mappings.Enqueue(mapping);
    }

    private static NetworkInterface LinkOf(TestHost host) => host.Run(() =>
    {
        using var tables = new RouteSocket();
        return tables.FindInterface("eth0")!;
    });

    private static string HardwareOf(TestHost host) => LinkOf(host).HardwareText;

    private IEnumerable<ShellReported> Reports(EventKind kind) =>
        posted.OfType<ShellReported>().Where(report => report.Kind == kind);

    private string Disturbed() => posted.OfType<ResourceDisturbed>().First().Detail;

    private string Shown() => hosts.One.Execute("ip", "addr", "show", "eth0");

    private bool Has(string address) => Shown().Contains($" {address}/", StringComparison.Ordinal);
}
