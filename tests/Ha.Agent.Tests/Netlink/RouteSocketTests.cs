using System.Net;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests.Netlink;

public sealed class RouteSocketTests(HostPair hosts) : IClassFixture<HostPair>
{
    private static readonly IPAddress Vip = IPAddress.Parse("10.77.0.100");

    [Fact]
    public void AddedAddress_HasLabelAndBroadcast_AndCanBeRemoved() => On(routes =>
    {
        var eth0 = routes.FindInterface("eth0")!;
        var claim = new VipClaim(eth0.Index, Vip, 24, "eth0:0", IPAddress.Parse("10.77.0.255"));

        Assert.Equal(Errno.None, Add(routes, claim));

        var added = Assert.Single(routes.ListAddresses(), address => address.Address.Equals(Vip));
        Assert.Equal(new InterfaceAddress(eth0.Index, Vip, 24, "eth0:0"), added);
        Assert.Contains(
            "inet 10.77.0.100/24 brd 10.77.0.255 scope global secondary eth0:0",
            hosts.One.Execute("ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.Equal(Errno.None, Remove(routes, added));
        Assert.DoesNotContain(routes.ListAddresses(), address => address.Address.Equals(Vip));
    });

    [Fact]
    public void AddingTwiceAndRemovingTwice_Succeeds() => On(routes =>
    {
        var claim = new VipClaim(routes.FindInterface("eth0")!.Index, IPAddress.Parse("10.77.0.101"), 24, null, null);
        var address = new InterfaceAddress(claim.InterfaceIndex, claim.Address, 24, "");

        Assert.Equal(Errno.None, Add(routes, claim));
        Assert.Equal(Errno.None, Add(routes, claim));
        Assert.Equal(Errno.None, Remove(routes, address));
        Assert.Equal(Errno.None, Remove(routes, address));
    });

    [Fact]
    public void Ip6Address_IsUsableAtOnce() => On(routes =>
    {
        var vip = IPAddress.Parse("fd77::100");
        var claim = new VipClaim(routes.FindInterface("eth0")!.Index, vip, 64, null, null);

        Assert.Equal(Errno.None, Add(routes, claim));

        var shown = hosts.One.Execute("ip", "-6", "addr", "show", "to", "fd77::100");
        Assert.Contains("fd77::100/64", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("tentative", shown, StringComparison.Ordinal);
        Assert.Equal(Errno.None, Remove(routes, new InterfaceAddress(claim.InterfaceIndex, vip, 64, "")));
    });

    [Fact]
    public void UnknownInterface_IsRefusedWithItsErrno() => On(routes =>
    {
        Assert.Equal(Errno.NoDevice, Add(routes, new VipClaim(4711, Vip, 24, null, null)));
        Assert.Null(routes.FindInterface("eth77"));
        Assert.Null(routes.FindInterface(4711));
    });

    [Fact]
    public void Interface_TellsItsStateAndHardwareAddress() => On(routes =>
    {
        var eth0 = routes.FindInterface("eth0")!;
        var mac = Convert.ToHexString(eth0.HardwareAddress.Span);

        Assert.True(eth0 is { IsUp: true, HasCarrier: true, IsLoopback: false, Name: "eth0" });
        Assert.Contains(
            mac, hosts.One.Execute("ip", "link", "show", "eth0").Replace(":", "", StringComparison.Ordinal),
            StringComparison.OrdinalIgnoreCase);
        Assert.Equal(eth0.Name, routes.FindInterface(eth0.Index)!.Name);
        Assert.True(routes.FindInterface("lo")!.IsLoopback);
    });

    [Theory]
    [InlineData("10.77.0.55", 24, true)]
    [InlineData("fd77::55", 64, true)]
    [InlineData("10.77.0.1", 32, false)]
    public void Route_GivesPrefixOfTheCoveringNetwork(string address, int prefix, bool connected) => On(routes =>
    {
        var route = routes.FindRoute(IPAddress.Parse(address));

        Assert.NotNull(route);
        Assert.Equal((prefix, connected), (route.PrefixLength, route.IsConnected));
    });

    [Fact]
    public void Route_OfAnAddressThatNoNetworkCovers_IsNone() =>
        On(routes => Assert.Null(routes.FindRoute(IPAddress.Parse("192.0.2.1"))));

    [Fact]
    public void HundredsOfAddresses_AreAllListed() => On(routes =>
    {
        var index = routes.FindInterface("lo")!.Index;
        for (var i = 0; i < 600; i++)
        {
            var address = new IPAddress([172, 20, (byte)(i / 250), (byte)(1 + (i % 250))]);
            Assert.Equal(Errno.None, Add(routes, new VipClaim(index, address, 32, null, null)));
        }

        Assert.Equal(600, routes.ListAddresses().Count(found => found.Address.GetAddressBytes() is [172, 20, ..]));
        hosts.One.Execute("ip", "addr", "flush", "dev", "lo", "scope", "global");
    });

    [Fact]
    public void SeveralOrdersInOneCall_AreAnsweredOneByOne() => On(routes =>
    {
        var index = routes.FindInterface("eth0")!.Index;
        VipClaim Claim(int last, int link) => new(link, new IPAddress([10, 77, 0, (byte)last]), 24, null, null);

        int[] added = routes.AddAddresses([Claim(1, index), Claim(150, index), Claim(151, 4711), Claim(152, index)]);

        Assert.Equal([Errno.None, Errno.None, Errno.NoDevice, Errno.None], added);
        var there = routes.ListAddresses().Select(static one => one.Address.ToString()).ToList();
        Assert.Contains("10.77.0.150", there);
        Assert.Contains("10.77.0.152", there);
        InterfaceAddress Address(int last) => new(index, new IPAddress([10, 77, 0, (byte)last]), 24, "");
        Assert.Equal([Errno.None, Errno.None, Errno.None],
            routes.RemoveAddresses([Address(150), Address(151), Address(152)]));
        Assert.DoesNotContain("10.77.0.152", routes.ListAddresses().Select(static one => one.Address.ToString()));
        Assert.Empty(routes.AddAddresses([]));
    });

    [Fact]
    public void MoreOrdersThanOneCallTakes_AreAllCarriedOut() => On(routes =>
    {
        var index = routes.FindInterface("lo")!.Index;
        const int many = (3 * RouteSocket.MostTogether) + 1;
        List<VipClaim> claims =
        [
            .. Enumerable.Range(0, many).Select(i =>
                new VipClaim(index, new IPAddress([172, 21, (byte)(i / 250), (byte)(1 + (i % 250))]), 32, null, null)),
        ];

        Assert.All(routes.AddAddresses(claims), static error => Assert.Equal(Errno.None, error));

        var found = routes.ListAddresses().FindAll(static one => one.Address.GetAddressBytes() is [172, 21, ..]);
        Assert.Equal(many, found.Count);
        Assert.All(routes.RemoveAddresses(found), static error => Assert.Equal(Errno.None, error));
        Assert.Empty(routes.ListAddresses().FindAll(static one => one.Address.GetAddressBytes() is [172, 21, ..]));
    });

    private static int Add(RouteSocket routes, VipClaim claim) => Assert.Single(routes.AddAddresses([claim]));

    private static int Remove(RouteSocket routes, InterfaceAddress address) =>
        Assert.Single(routes.RemoveAddresses([address]));

    private void On(Action<RouteSocket> test)
    {
        using var routes = hosts.One.Run(() => new RouteSocket());
        test(routes);
    }
}
