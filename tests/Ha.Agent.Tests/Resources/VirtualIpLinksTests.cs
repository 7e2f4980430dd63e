using System.Diagnostics;
using Ha.Agent.Resources;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests.Resources;

/// <summary>What the interface of an address does to it.</summary>
public sealed class VirtualIpLinksTests : KeeperOnAHost
{
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
}
