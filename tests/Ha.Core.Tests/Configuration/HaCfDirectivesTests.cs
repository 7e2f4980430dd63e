using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

/// <summary>Every directive of ha.cf with a good value: what it changes, or the one warning that names it.</summary>
public class HaCfDirectivesTests
{
    private static readonly HostFacts Host = FakeHost.With(
        interfaces: ["eth0", "eth1"], devices: ["/dev/ttyS0", "/dev/watchdog"], executables: ["/bin/true"],
        users: ["root"], names: new() { ["gateway"] = "10.0.0.1", ["gateway6"] = "fd00::1" });

    // A directive that acts: a line with it, and what the configuration then has.
    private static readonly (string Line, Func<HaCf, object?> Value, object? Expected)[] ActedOn =
    [
        ("keepalive 2", c => c.Keepalive, TimeSpan.FromSeconds(2)),
        ("deadtime 12", c => c.Deadtime, TimeSpan.FromSeconds(12)),
        ("warntime 4", c => c.Warntime, TimeSpan.FromSeconds(4)),
        ("initdead 90", c => c.Initdead, TimeSpan.FromSeconds(90)),
        ("hopfudge 3", c => c.HopFudge, 3),
        ("max_rexmit_delay 100", c => c.MaxRetransmitDelay, TimeSpan.FromMilliseconds(100)),
        ("udpport 700", c => c.Media.OfType<UnicastMedium>().Single().Port, 700),
        ("bcast eth1", c => c.Media[^1].ToString(), "bcast eth1"),
        ("udp eth1", c => c.Media[^1].ToString(), "bcast eth1"),
        ("mcast eth1 239.0.0.1 694 1 0", c => c.Media[^1].ToString(), "mcast eth1 239.0.0.1 694 1 0"),
        ("mcast6 eth1 ff02::1 694 1 0", c => c.Media[^1].ToString(), "mcast6 eth1 ff02::1 694 1 0"),
        ("ucast eth1 10.0.0.7", c => c.Media[^1].ToString(), "ucast eth1 10.0.0.7"),
        ("ucast6 eth1 fd00::7", c => c.Media[^1].ToString(), "ucast6 eth1 fd00::7"),
        ("msgfmt netstring", c => c.InnerAuth, false),
        ("node s3", c => c.Nodes[^1], "s3"),
        ("auto_failback off", c => c.AutoFailback, AutoFailback.Off),
        ("auto_failback LEGACY", c => c.AutoFailback, AutoFailback.Legacy),
        ("auto_failback Yes", c => c.AutoFailback, AutoFailback.On),
        ("cluster lab", c => c.ClusterName, "lab"),
        ("autojoin none", c => c.Nodes.Length, 2),
        ("hbgenmethod time", c => c.GenerationFromTime, true),
        ("uuidfrom nodename", c => c.UuidFromNodeName, true),
        ("crm no", c => c.Nodes.Length, 2),
        ("pacemaker off", c => c.Nodes.Length, 2),
        ("use_apphbd off", c => c.Nodes.Length, 2),
        ("logfile /a", c => c.LogFile, "/a"),
        ("debugfile /b", c => c.DebugFile, "/b"),
        ("logfacility daemon", c => c.LogFacility, "daemon"),
        ("logfacility none", c => c.LogFacility, null),
        ("use_logd off", c => c.LogFacility, "local0"),
        ("syslogmsgfmt n", c => c.SyslogMessageFormat, false),
        ("log_badpack FALSE", c => c.LogBadPackets, false),
        ("debug 255", c => c.DebugLevel, 255),
        ("realtime 0", c => c.Realtime, false),
        ("rtprio 50", c => c.RealtimePriority, 50),
    ];

    // A directive that does not act: a good line, which gives exactly one warning of that directive.
    private static readonly string[] NamedInAWarning =
    [
        "deadping 20", "serial /dev/ttyS0", "baud 9600", "tipc eth0", "rds eth0", "compression bz2",
        "compression_threshold 2", "traditional_compression no", "ping 10.0.0.1 gateway 10.0.0.3",
            "ping6 fd00::1 gateway6",
        "ping_group routers 10.0.0.1, gateway", "hbaping x", "quorum_server q", "crm_daemon_dir /usr/lib/heartbeat",
        "crmd_spawns_pengine on", "record_config_changes on", "record_pengine_inputs on", "enable_config_writes on",
        "watchdog /dev/watchdog", "stonith external/ipmi /etc/ha.d/ipmi.cfg", "stonith_host * meatware s1 s2",
        "respawn hacluster /usr/lib/heartbeat/ipfail", "respawn root /bin/true -x", "failfast root /bin/true",
        "apiauth ipfail uid=hacluster gid=haclient,root", "env LANG=C", "use_apphbd on", "use_logd on",
            "conn_logd_time 60",
        "memreserve 6500", "coredumps true", "coreroot /var/lib/heartbeat/cores",
    ];

    public static TheoryData<string> ActedOnLines => new(ActedOn.Select(a => a.Line));

    public static TheoryData<string> WarnedLines => new(NamedInAWarning);

    [Theory]
    [MemberData(nameof(ActedOnLines))]
    public void DirectiveThatActs_ChangesTheConfiguration(string line)
    {
        var (_, value, expected) = ActedOn.Single(a => a.Line == line);

        var cf = Files(line).ReadHaCf(out _);

        Assert.Equal(expected, value(cf));
    }

    [Theory]
    [MemberData(nameof(WarnedLines))]
    public void DirectiveThatDoesNotAct_IsNamedInOneWarning(string line)
    {
        var name = line.Split(' ')[0];

        Files(line).ReadHaCf(out var findings);

        var warning = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Warning, name, 1), (warning.Severity, warning.Directive, warning.Line));
        Assert.NotEmpty(warning.Problem);
        Assert.NotEmpty(warning.Advice);
    }

    [Fact]
    public void DirectiveThatDoesNotAct_IsNamedOnce_HoweverOftenItIsGiven()
    {
        Files("ping 10.0.0.1\nping 10.0.0.2\nrespawn x /x/ipfail\nrespawn y /y/ipfail").ReadHaCf(out var findings);

        Assert.Equal([("ping", 1), ("respawn", 3)], findings.Select(f => (f.Directive, f.Line)));
    }

    [Fact]
    public void EveryDirectiveOfTheTable_IsCoveredHere()
    {
        var tested = ActedOn.Select(a => a.Line).Concat(NamedInAWarning).Append("nice_failback on")
            .Select(l => l.Split(' ')[0]).Distinct();

        Assert.Equal(HaCfDirectives.All.Select(d => d.Name).Order(), tested.Order());
    }

    [Fact]
    public void EveryDirectiveOfHeartbeat_IsInTheTable()
    {
        string[] heartbeats =
        [
            "keepalive", "deadtime", "warntime", "initdead", "deadping", "hopfudge", "udpport", "baud", "serial",
                "bcast",
            "udp", "mcast", "mcast6", "ucast", "ucast6", "ping", "ping_group", "ping6", "hbaping", "tipc", "rds",
                "node",
            "auto_failback", "nice_failback", "watchdog", "stonith", "stonith_host", "respawn", "failfast", "apiauth",
            "logfile", "debugfile", "logfacility", "use_logd", "conn_logd_time", "syslogmsgfmt", "log_badpack", "debug",
            "realtime", "rtprio", "memreserve", "coredumps", "coreroot", "hbgenmethod", "uuidfrom", "msgfmt",
            "max_rexmit_delay", "compression", "compression_threshold", "traditional_compression", "cluster",
            "quorum_server", "autojoin", "crm", "pacemaker", "crm_daemon_dir", "crmd_spawns_pengine",
            "record_config_changes", "record_pengine_inputs", "enable_config_writes", "use_apphbd", "env",
        ];

        Assert.Equal(heartbeats.Order(), HaCfDirectives.All.Select(d => d.Name).Order());
    }

    [Fact]
    public void EveryDirective_IsDescribedInTheDocumentation()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "configuration.md"));

        Assert.All(HaCfDirectives.All, d => Assert.Contains($"`{d.Name}`", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("On")]
    [InlineData("YES")]
    [InlineData("y")]
    [InlineData("1")]
    public void Booleans_HaveFiveWordsForYes(string word) =>
        Assert.True(Files($"realtime {word}").ReadHaCf(out _).Realtime);

    [Theory]
    [InlineData("false")]
    [InlineData("Off")]
    [InlineData("NO")]
    [InlineData("n")]
    [InlineData("0")]
    public void Booleans_HaveFiveWordsForNo(string word) =>
        Assert.False(Files($"realtime {word}").ReadHaCf(out _).Realtime);

    // The line comes first, but after others of its kind; what it sets is not set again.
    private static ExampleFiles Files(string line)
    {
        const string peer = "ucast eth0 10.0.0.2\n";
        const string nodes = "node s1 s2\n";
        string[] scalars = ["keepalive 1", "deadtime 10", "initdead 20", "logfacility local0", "auto_failback on"];
        var name = line.Split(' ')[0];
        var rest = string.Concat(scalars.Where(s => s.Split(' ')[0] != name).Select(s => s + "\n"));
        var isMedium = name.Contains("cast", StringComparison.Ordinal) || name == "udp";
        var text = isMedium ? $"{peer}{line}\n{nodes}" : name == "node" ? $"{nodes}{line}\n{peer}"
            : $"{line}\n{peer}{nodes}";
        return new ExampleFiles { Host = Host, HaCf = text + rest };
    }
}
