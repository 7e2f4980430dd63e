using System.Collections.Immutable;
using Ha.Core.Configuration;
using Ha.Core.Heartbeat;
using Ha.Core.Resources;

namespace Ha.Core.Tests.Configuration;

/// <summary>The reference cluster's own files, unchanged, give exactly the expected cluster.</summary>
public class ReferenceClusterTests
{
    [Theory]
    [InlineData("s1", "192.168.1.203")]
    [InlineData("s2", "192.168.1.202")]
    public void ReferenceFiles_GiveTheExpectedHaCf(string node, string peer)
    {
        var cf = Read(node, out _)!.HaCf;

        Assert.Equal(TimeSpan.FromSeconds(2), cf.Keepalive);
        Assert.Equal(TimeSpan.FromSeconds(30), cf.Deadtime);
        Assert.Equal(TimeSpan.FromSeconds(10), cf.Warntime);
        Assert.Equal(TimeSpan.FromSeconds(60), cf.Initdead);
        Assert.Equal(["s1", "s2"], cf.Nodes.ToArray());
        Assert.Equal([new UnicastMedium("eth0", peer, 694)], cf.Media.ToArray());
        Assert.Equal(AutoFailback.On, cf.AutoFailback);
        Assert.Equal("/var/log/ha-log", cf.LogFile);
        Assert.Equal("/var/log/ha-debug", cf.DebugFile);
        Assert.Equal("local0", cf.LogFacility);
        Assert.True(cf.InnerAuth);
    }

    [Fact]
    public void ReferenceFiles_GiveOneGroupOfVipAndHaproxy()
    {
        var group = Assert.Single(Read("s1", out _)!.Groups);

        Assert.Equal("192.168.1.100/24/eth0:0", group.Id);
        Assert.Equal("s1", group.PreferredNode);
        Assert.Equal(2, group.Resources.Length);
        var vip = group.Resources[0];
        Assert.Equal(("192.168.1.100/24/eth0:0", "builtin:vip"), (vip.Id, vip.FullType));
        Assert.Equal(new VirtualIp("192.168.1.100", 24, "eth0", "eth0:0", null), vip.Vip);
        var haproxy = group.Resources[1];
        Assert.Equal(("haproxy", "heartbeat:haproxy"), (haproxy.Id, haproxy.FullType));
        Assert.Empty(haproxy.Arguments);
        Assert.Null(haproxy.Vip);
    }

    [Theory]
    [InlineData("s1")]
    [InlineData("s2")]
    public void ReferenceFiles_WarnOfPingIpfailAndWeakKey_AndOfNothingElse(string node)
    {
        Assert.NotNull(Read(node, out var findings));

        Assert.Equal(
            [("ha.cf", 13, "ping"), ("ha.cf", 14, "respawn"), ("authkeys", 2, "key 3")],
            findings.Select(f => (f.File, f.Line, f.Directive)));
        Assert.All(findings, f => Assert.Equal(FindingSeverity.Warning, f.Severity));
        Assert.Contains("ipfail is built in", findings[1].Problem, StringComparison.Ordinal);
        Assert.Contains("md5 is weak", findings[2].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferenceFiles_SignWithMd5AndTheSecretOfTheFile()
    {
        var key = Read("s1", out _)!.Keys.Active;

        Assert.Equal((3, AuthenticationMethod.Md5), (key.Id, key.Method));
        Assert.Equal("Hello!"u8.ToArray(), key.Secret.ToArray());
    }

    [Fact]
    public void EngineOptions_CarryTheWholeConfiguration()
    {
        var configuration = Read("s2", out _)!;
        var uuid = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

        var options = configuration.ToEngineOptions("S2", uuid, 7, 99);

        Assert.Equal(("s2", uuid, 7u, 99ul), (options.LocalNode, options.Uuid, options.Generation, options.Seed));
        Assert.Equal(["ucast eth0 192.168.1.202"], options.Media.ToArray());
        Assert.Equal(["s1", "s2"], options.Nodes.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(60), options.Initdead);
        var group = Assert.Single(options.Configuration.Groups);
        Assert.Equal(configuration.Groups[0].Id, group.Id);
        Assert.Equal(["s1"], options.Configuration.Model.Locations.Select(one => one.Node));
        Assert.All(group.Resources, one => Assert.Equal(TimeSpan.FromSeconds(10), one.Monitors[0].Interval));
        Assert.Equal(3, options.Warnings.Length);
        Assert.Contains(options.Warnings, w => w.StartsWith("authkeys:2: key 3: md5 is weak",
            StringComparison.Ordinal));
    }

    [Fact]
    public void ReferenceFiles_WithKeysThatOthersCanRead_AreRefused()
    {
        Assert.Null(Read("s1", out var findings, mode: 0b110_100_100));

        var refusal = Assert.Single(findings, f => f.Severity == FindingSeverity.Error);
        Assert.Equal(("authkeys", 0), (refusal.File, refusal.Line));
        Assert.Contains("0644", refusal.Problem, StringComparison.Ordinal);
        Assert.Contains("chmod 600 authkeys", refusal.Advice, StringComparison.Ordinal);
    }

    private static BootstrapConfiguration? Read(
        string node, out ImmutableArray<ConfigurationFinding> findings, int mode = 0b110_000_000)
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "reference-cluster", node);
        ConfigurationFile File(string name) =>
            new(name, System.IO.File.ReadAllText(Path.Combine(directory, name)), mode, "");
        return BootstrapConfiguration.Parse(
            File("ha.cf"), File("authkeys"), File("haresources"), node, FakeHost.Reference, out findings);
    }
}
