using System.Collections.Immutable;
using System.Net;
using Ha.Agent.Resources;
using Ha.Core.Resources;

namespace Ha.Agent.Tests.Resources;

public sealed class VirtualIpSettingsTests
{
    [Fact]
    public void AddressOfHaresources_HasTheUsualLease()
    {
        var settings = VirtualIpSettings.Read(
            Resource([]) with { Vip = new VirtualIp("192.168.1.100", 24, "eth0", "eth0:0", "192.168.1.255") }, out _)!;

        Assert.Equal(IPAddress.Parse("192.168.1.100"), settings.Address);
        Assert.Equal((24, "eth0", "eth0:0"), (settings.PrefixLength, settings.Interface, settings.Label));
        Assert.Equal(IPAddress.Parse("192.168.1.255"), settings.Broadcast);
        Assert.Equal(3u, settings.LeaseSeconds);
        Assert.Equal(TimeSpan.FromSeconds(60), settings.AnnounceRefresh);
    }

    [Fact]
    public void ParametersOfIPaddr2_AreUnderstood()
    {
        var settings = VirtualIpSettings.Read(
            Resource([("ip", "10.0.0.1"), ("cidr_netmask", "255.255.240.0"), ("nic", "bond0"), ("lease", "10s"),
                ("arp_interval", "50ms"), ("carrier_debounce", "0")]), out _)!;

        Assert.Equal(IPAddress.Parse("10.0.0.1"), settings.Address);
        Assert.Equal((20, "bond0"), (settings.PrefixLength, settings.Interface));
        Assert.Equal(10u, settings.LeaseSeconds);
        Assert.Equal(TimeSpan.FromMilliseconds(50), settings.AnnounceInterval);
        Assert.Equal(TimeSpan.Zero, settings.CarrierDebounce);
    }

    [Theory]
    [InlineData("address", "10.0.0.300", "'10.0.0.300' is not an IP address")]
    [InlineData("prefix", "33", "prefix 33 is not from 1 to 32")]
    [InlineData("cidr_netmask", "255.0.255.0", "neither a prefix length nor a net mask")]
    [InlineData("lease", "-1", "lease '-1' is not a whole number from 0 to 3600")]
    [InlineData("lease", "1.5", "lease '1.5' is not a whole number")]
    [InlineData("arp_count", "0", "arp_count '0' is not a whole number from 1 to 60")]
    [InlineData("clusterip_hash", "x", "no parameter 'clusterip_hash'; it has address, arp_count,")]
    public void WhatMakesNoSense_IsSaid(string name, string value, string sentence)
    {
        var parameters = Resource([("address", "10.0.0.1")]).Parameters.SetItem(name, value);

        Assert.Null(VirtualIpSettings.Read(Resource([]) with { Parameters = parameters }, out var problem));
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutAddress_ItIsRefused()
    {
        Assert.Null(VirtualIpSettings.Read(Resource([]), out var problem));
        Assert.Contains("no parameter 'address'", problem, StringComparison.Ordinal);
    }

    internal static ResourceDefinition Resource((string Name, string Value)[] parameters) => new()
    {
        Id = "vip",
        Class = "builtin",
        Type = "vip",
        Parameters = parameters.ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal),
    };
}
