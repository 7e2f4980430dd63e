using System.Collections.Immutable;
using Ha.Core.Configuration;
using Ha.Core.Resources;

namespace Ha.Core.Tests.Configuration;

public class HaResourcesParserTests
{
    [Theory]
    [InlineData("192.168.1.100", "192.168.1.100", null, null, null, null)]
    [InlineData("192.168.1.100/24", "192.168.1.100", 24, null, null, null)]
    [InlineData("192.168.1.100/255.255.255.0", "192.168.1.100", 24, null, null, null)]
    [InlineData("192.168.1.100/24/eth0", "192.168.1.100", 24, "eth0", null, null)]
    [InlineData("192.168.1.100/24/eth0:0", "192.168.1.100", 24, "eth0", "eth0:0", null)]
    [InlineData("192.168.1.100/24/eth0:web", "192.168.1.100", 24, "eth0", "eth0:web", null)]
    [InlineData("192.168.1.100/24/eth0/192.168.1.255", "192.168.1.100", 24, "eth0", null, "192.168.1.255")]
    [InlineData("192.168.1.100/24/eth0:0/192.168.1.255", "192.168.1.100", 24, "eth0", "eth0:0", "192.168.1.255")]
    [InlineData("192.168.1.100/24/192.168.1.255", "192.168.1.100", 24, null, null, "192.168.1.255")]
    [InlineData("192.168.1.100/32", "192.168.1.100", 32, null, null, null)]
    [InlineData("10.0.0.0/31", "10.0.0.0", 31, null, null, null)]
    [InlineData("IPaddr::192.168.1.100/24/eth0:0", "192.168.1.100", 24, "eth0", "eth0:0", null)]
    [InlineData("IPaddr2::192.168.1.100/24/eth0", "192.168.1.100", 24, "eth0", null, null)]
    [InlineData("IPv6addr::fd00:0:0:0:0:0:0:100", "fd00::100", null, null, null, null)]
    [InlineData("IPv6addr::FD00::100/64/eth0", "fd00::100", 64, "eth0", null, null)]
    public void AddressWords_AreVirtualIps(
        string word, string address, int? prefix, string? interfaceName, string? label, string? broadcast)
    {
        var group = Assert.Single(Parse($"s1 {word}\n", out var findings));

        Assert.Empty(findings);
        Assert.Equal(word, group.Id);
        var resource = Assert.Single(group.Resources);
        Assert.Equal((word, "builtin:vip"), (resource.Id, resource.FullType));
        Assert.Equal(new VirtualIp(address, prefix, interfaceName, label, broadcast), resource.Vip);
    }

    [Theory]
    [InlineData("192.168.1.300", "[192.168.1.300]")]
    [InlineData("192.168.1.100.1", "not an IPv4 address")]
    [InlineData("192.168.1", "all four numbers")]
    [InlineData("0.0.0.0", "can take")]
    [InlineData("224.0.0.1", "can take")]
    [InlineData("255.255.255.255", "can take")]
    [InlineData("192.168.1.0/24", "network itself")]
    [InlineData("192.168.1.255/24", "broadcast address")]
    [InlineData("192.168.1.100/0", "[0]")]
    [InlineData("192.168.1.100/33", "[33]")]
    [InlineData("192.168.1.100/-1", "[-1]")]
    [InlineData("192.168.1.100/255.0.255.0", "[255.0.255.0]")]
    [InlineData("192.168.1.100/", "empty")]
    [InlineData("192.168.1.100//eth0", "empty")]
    [InlineData("192.168.1.100/24/eth0/", "empty")]
    [InlineData("192.168.1.100/24/eth0/192.168.1.255/x", "more than four")]
    [InlineData("192.168.1.100/24/eth0/nonsense", "[nonsense]")]
    [InlineData("192.168.1.100/24/192.168.1.256", "[192.168.1.256]")]
    [InlineData("192.168.1.100/24/eth0:", "[eth0:]")]
    [InlineData("192.168.1.100/24/:0", "[:0]")]
    [InlineData("192.168.1.100/24/eth0:much-too-long", "[eth0:much-too-long]")]
    [InlineData("IPaddr::", "can take")]
    [InlineData("IPaddr", "can take")]
    [InlineData("IPaddr::192.168.1.100::x", "can take")]
    [InlineData("IPv6addr::192.168.1.100", "[192.168.1.100]")]
    [InlineData("IPv6addr::fd00::1::2", "[fd00::1::2]")]
    [InlineData("IPv6addr::ff02::1", "[ff02::1]")]
    [InlineData("IPv6addr::fd00::1/129", "[129]")]
    [InlineData("IPv6addr::fd00::1/64/eth0:0", "no label")]
    [InlineData("IPv6addr::fd00::1/64/eth0/x", "more than three")]
    [InlineData("../evil", "cannot be the name")]
    [InlineData("/bin/sh", "cannot be the name")]
    [InlineData("::x", "cannot be the name")]
    [InlineData("-rf", "cannot be the name")]
    [InlineData("a;b", "cannot be the name")]
    public void MalformedWords_AreRefusedWhereTheyAre(string word, string says)
    {
        var groups = Parse($"s2 10.9.9.9\ns1 {word} haproxy\n", out var findings);

        Assert.Equal("10.9.9.9", Assert.Single(groups).Id);
        var error = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Error, 2, word), (error.Severity, error.Line, error.Directive));
        Assert.Contains(says, error.Problem + error.Advice, StringComparison.Ordinal);
        Assert.NotEmpty(error.Advice);
    }

    [Theory]
    [InlineData("haproxy", "haproxy", new string[0])]
    [InlineData("Filesystem::/dev/sdb1::/data::ext4", "Filesystem", new[] { "/dev/sdb1", "/data", "ext4" })]
    [InlineData("haproxy::", "haproxy", new string[0])]
    [InlineData("haproxy::::a", "haproxy", new[] { "a" })]
    [InlineData("haproxy:::a", "haproxy", new[] { ":a" })]
    public void OtherWords_AreScriptsWithArguments(string word, string script, string[] arguments)
    {
        var resource = Assert.Single(Assert.Single(Parse($"s1 {word}", out var findings)).Resources);

        Assert.Empty(findings);
        Assert.Equal((word, "heartbeat", script), (resource.Id, resource.Class, resource.Type));
        Assert.Equal(arguments, resource.Arguments);
        Assert.False(resource.IsVip);
    }

    [Fact]
    public void ScriptThatIsNotHere_IsWarnedOfOnce()
    {
        var groups = Parse("s1 10.0.0.1 db::a\ns2 10.0.0.2 db::b\n", out var findings);

        Assert.Equal(2, groups.Length);
        var warning = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Warning, 1, "db::a"), (warning.Severity, warning.Line, warning.Directive));
    }

    [Fact]
    public void InterfaceThatIsNotHere_IsWarnedOf()
    {
        Assert.Single(Parse("s1 10.0.0.1/24/eth7\n", out var findings));
        Assert.Equal(FindingSeverity.Warning, Assert.Single(findings).Severity);
    }

    [Fact]
    public void LinesContinueAfterABackslash_AndWordsKeepTheirOwnLine()
    {
        var groups = Parse("# groups\n\nS1 10.0.0.1 \\\n  haproxy \\ \n", out var findings);

        Assert.Equal(["10.0.0.1", "haproxy"], Assert.Single(groups).Resources.Select(r => r.Id));
        Assert.Equal("s1", groups[0].PreferredNode);
        Assert.Equal((4, "\\"), (Assert.Single(findings).Line, findings[0].Directive));

        Parse("s1 10.0.0.1 \\\n\t\\\n  haproxy \\\r\n  10.0.0.999 # last\n", out findings);
        Assert.Equal(4, Assert.Single(findings).Line);
    }

    [Fact]
    public void ContinuedLines_AreJoinedWithoutABlank()
    {
        var group = Assert.Single(Parse("s1 10.0.\\\n0.1 hap\\\nroxy\\\n", out var findings));

        Assert.Empty(findings);
        Assert.Equal(["10.0.0.1", "haproxy"], group.Resources.Select(r => r.Id));
    }

    [Fact]
    public void EmptyFile_HasNoGroups()
    {
        Assert.Empty(Parse("# nothing yet\n\n", out var findings));
        Assert.Empty(findings);
    }

    [Theory]
    [InlineData("s1 10.0.0.1 haproxy\ns2 10.0.0.2 haproxy\n", 2, "haproxy")]
    [InlineData("s1 10.0.0.1 haproxy haproxy\n", 1, "haproxy")]
    [InlineData("s1 10.0.0.1\ns2 10.0.0.1\n", 2, "10.0.0.1")]
    [InlineData("s1 10.0.0.1/24\ns2 IPaddr::10.0.0.1\n", 2, "IPaddr::10.0.0.1")]
    [InlineData("s1 IPv6addr::fd00::1\ns1 IPv6addr::fd00:0::0:1/64\n", 2, "IPv6addr::fd00:0::0:1/64")]
    public void ResourceUsedTwice_IsRefused(string text, int line, string directive)
    {
        Parse(text, out var findings);

        var error = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Error, line, directive), (error.Severity, error.Line, error.Directive));
        Assert.Contains("line 1", error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3 10.0.0.1\n", "s3")]
    [InlineData("s1\n", "s1")]
    [InlineData("10.0.0.1 haproxy\n", "10.0.0.1")]
    public void LineWithoutKnownNodeOrResource_IsRefused(string text, string directive)
    {
        Assert.Empty(Parse(text, out var findings));
        Assert.Equal((1, directive), (Assert.Single(findings).Line, findings[0].Directive));
    }

    [Fact]
    public void UnknownNodes_AreNotReportedWhenTheNodesAreUnknown()
    {
        var findings = new List<ConfigurationFinding>();

        var groups = HaResourcesParser.Parse("haresources", "s3 10.0.0.1\n", [], FakeHost.Reference, findings);

        Assert.Equal("s3", Assert.Single(groups).PreferredNode);
        Assert.Empty(findings);
    }

    private static ImmutableArray<ResourceGroup> Parse(string text, out List<ConfigurationFinding> findings)
    {
        findings = [];
        return HaResourcesParser.Parse("haresources", text, ["s1", "s2"], FakeHost.Reference, findings);
    }
}
