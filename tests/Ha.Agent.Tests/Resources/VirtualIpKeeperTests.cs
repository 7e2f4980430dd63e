using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

/// <summary>Leases, adopted addresses, hygiene, and who has an address on the link.</summary>
public sealed class VirtualIpKeeperTests : KeeperOnAHost
{
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
}
