using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

/// <summary>
/// Every bad input that Heartbeat answers with a message of its own, as observed by running it: here each is refused
/// (or, where Heartbeat starts as well, warned of) with file, line, directive, problem and advice.
/// </summary>
public class BadInputTests
{
    private static readonly Row[] Rows =
    [
        Row.Missing("no ha.cf", "ha.cf", new() { HaCf = "-" }),
        Row.Missing("no authkeys", "authkeys", new() { AuthKeys = "-" }),
        Row.Missing("no haresources", "haresources", new() { HaResources = "-" }),

        new("authkeys mode 0644", new() { Mode = 0b110_100_100 }, "authkeys", 0, "", "0644", "chmod 600"),
        new("authkeys mode 0640", new() { Mode = 0b110_100_000 }, "authkeys", 0, "", "0640", "chmod 600"),
        new("authkeys mode 0622", new() { Mode = 0b110_010_010 }, "authkeys", 0, "", "0622", "chmod 600"),
        Row.Keys("no auth line", "1 sha1 OpenSesame\n", 0, "auth", "missing", "auth 1"),
        Row.Keys("empty authkeys", "", 0, "auth", "missing", "auth 1"),
        Row.Keys("auth after the key", "1 sha1 OpenSesame\nauth 1\n", 2, "auth", "after the line of key 1", "above"),
        Row.Keys("auth names an absent key", "auth 2\n1 sha1 OpenSesame\n", 1, "auth", "key 2", "2 sha256"),
        Row.Keys("unknown method", "auth 1\n1 sha512 OpenSesame\n", 2, "key 1", "none of sha256, sha1", "sha256"),
        Row.Keys("sha1 without secret", "auth 1\n1 sha1\n", 2, "key 1", "sha1 needs a secret", "1 sha1 SECRET"),
        Row.Keys("md5 without secret", "auth 1\n1 md5\n", 2, "key 1", "md5 needs a secret", "1 md5 SECRET"),
        Row.Keys("crc with secret", "auth 1\n1 crc OpenSesame\n", 2, "key 1", "crc takes no secret", "`1 crc`"),
        Row.Keys("key id 16", "auth 1\n1 sha1 OpenSesame\n16 sha1 Sesame\n", 3, "", "0 to 15", "1 to 15"),
        Row.Keys("garbage line", "auth 1\nfoo\n1 sha1 OpenSesame\n", 2, "", "neither", "NUMBER METHOD SECRET"),
        Row.Keys("bad auth line", "author 1\n1 sha1 OpenSesame\n", 1, "auth", "not `auth NUMBER`", "auth 1"),
        Row.Keys("auth id is no number", "auth one\n1 sha1 OpenSesame\n", 1, "auth", "not a key number", "auth 1"),

        Row.Cf("unknown directive", "frobnicate yes", "frobnicate", "no directive [frobnicate]", "remove the line"),
        Row.Cf("mistyped directive", "keepalife 2", "keepalife", "no directive", "`keepalive`"),
        Row.Cf("directive without a value", "debug", "debug", "no value", "debug VALUE"),
        new("own node not listed", ExampleFiles.WithHaCf("node s1 s2", "node s2 s3") with { HaResources = "" },
            "ha.cf", 8, "node", "[s1]", "nodeinfo"),
        new("no node at all", ExampleFiles.WithHaCf("node s1 s2\n", ""), "ha.cf", 0, "node", "no node", "node s1 PEER"),
        new("no medium", ExampleFiles.WithHaCf("bcast eth0\n", ""), "ha.cf", 0, "ucast", "no medium", "ucast eth0"),
        Row.Cf("bcast on an absent interface", "bcast eth9", "bcast", "no network interface [eth9]", "ip link"),
        new("haresources with an unknown node", new() { HaResources = "# groups\ns3 10.0.0.1 haproxy\n" },
            "haresources", 2, "s3", "[s3] is not a node", "add the node"),
        new("deadtime twice keepalive", ExampleFiles.WithHaCf("deadtime 10", "deadtime 2"),
            "ha.cf", 3, "deadtime", "twice keepalive (1 s)", "above 2 s"),
        new("deadtime below twice keepalive, times in ms",
            ExampleFiles.WithHaCf("keepalive 1\ndeadtime 10", "keepalive 200ms\ndeadtime 350ms"),
            "ha.cf", 3, "deadtime", "350 ms", "above 400 ms"),
        new("keepalive too long for the default deadtime",
            ExampleFiles.WithHaCf("keepalive 1\ndeadtime 10\ninitdead 20\n", "keepalive 15\n"),
            "ha.cf", 2, "keepalive", "30 s", "below 15 s"),
        new("initdead below deadtime", ExampleFiles.WithHaCf("initdead 20", "initdead 9"),
            "ha.cf", 4, "initdead", "less than deadtime (10 s)", "10 s or more"),
        new("initdead below 10 s", ExampleFiles.WithHaCf("deadtime 10\ninitdead 20", "deadtime 3\ninitdead 4"),
            "ha.cf", 4, "initdead", "too short", "10 s or more", FindingSeverity.Warning),

        Row.Cf("bad time value", "warntime soon", "warntime", "[soon] is not a time", "2000ms"),
        Row.Cf("time with suffix s", "warntime 2s", "warntime", "unit", "write `2` or `2000ms`"),
        Row.Cf("time of zero", "warntime 0", "warntime", "not longer than 0", "greater than 0"),
        Row.Cf("deadping not above twice keepalive", "deadping 2", "deadping", "twice keepalive", "more than 2 s"),
        Row.Cf("bad boolean", "log_badpack maybe", "log_badpack", "[maybe]", "log_badpack on"),
        Row.Cf("bad msgfmt", "msgfmt xml", "msgfmt", "[xml]", "`classic` or `netstring`"),
        Row.Cf("bad hopfudge", "hopfudge 256", "hopfudge", "[256]", "0 to 255"),
        Row.Cf("bad baud", "baud 1234", "baud", "[1234]", "19200"),
        Row.Cf("baud given twice", "baud 9600\nbaud 19200", "baud", "more than once", "keep one", line: 10),
        Row.Cf("udpport no number", "udpport x", "udpport", "[x]", "1 to 65535"),
        Row.Cf("udpport out of range", "udpport 65536", "udpport", "[65536]", "1 to 65535"),
        Row.Cf("mcast with a bad group", "mcast eth0 10.0.0.1 694 1 0", "mcast", "[10.0.0.1]", "224.0.0.0/4"),
        Row.Cf("mcast without a port", "mcast eth0 239.0.0.1", "mcast", "port is missing", "mcast eth0"),
        Row.Cf("mcast without loop", "mcast eth0 239.0.0.1 694 1", "mcast", "loop is missing", "mcast eth0"),
        Row.Cf("mcast with ttl 5", "mcast eth0 239.0.0.1 694 5 0", "mcast", "ttl [5]", "0 to 4"),
        Row.Cf("mcast with loop 2", "mcast eth0 239.0.0.1 694 1 2", "mcast", "loop [2]", "0 to 1"),
        Row.Cf("mcast6 with an IPv4 group", "mcast6 eth0 239.0.0.1 694 1 0", "mcast6", "[239.0.0.1]", "ff00::/8"),
        Row.Cf("ucast without peer", "ucast eth0", "ucast", "address is missing", "ucast INTERFACE ADDRESS"),
        Row.Cf("ucast with two peers", "ucast eth0 10.0.0.1 10.0.0.2", "ucast", "more than one peer",
            "one line for each"),
        Row.Cf("ucast to an unknown peer", "ucast eth0 nowhere", "ucast", "[nowhere]", "192.168.1.203"),
        Row.Cf("ucast with an IPv6 peer", "ucast eth0 fd00::2", "ucast", "IPv6", "`ucast6`"),
        Row.Cf("ucast on an absent interface", "ucast eth9 10.0.0.1", "ucast", "[eth9]", "ip link"),
        Row.Cf("serial port absent", "serial /dev/ttyS9", "serial", "[/dev/ttyS9]", "/dev/ttyS0"),
        Row.Cf("serial port not a path", "serial ttyS0", "serial", "[ttyS0]", "/dev/ttyS0"),
        Row.Cf("ping unresolvable", "ping nowhere", "ping", "[nowhere] is unknown", "gateway"),
        Row.Cf("ping mistyped address", "ping 192.168.1", "ping", "[192.168.1]", "gateway"),
        Row.Cf("ping_group without address", "ping_group routers", "ping_group", "at least one address",
            "NAME ADDRESS"),
        Row.Cf("bad facility", "logfacility nonsuch", "logfacility", "[nonsuch]", "local7"),
        Row.Cf("stonith type", "stonith nosuch /etc/ha.d/stonith.cfg", "stonith", "[nosuch]", "stonith -L"),
        Row.Cf("stonith_host type", "stonith_host * nosuch 10.0.0.9", "stonith_host", "[nosuch]", "stonith -L"),
        Row.Cf("respawn user", "respawn nosuch /bin/true", "respawn", "no user [nosuch]", "adduser"),
        Row.Cf("respawn command", "respawn root /no/such", "respawn", "[/no/such]", "chmod +x"),
        Row.Cf("respawn relative command", "respawn root true", "respawn", "[true]", "from the root"),
        Row.Cf("respawn without command", "respawn root", "respawn", "user and a command", "USER /PATH"),
        Row.Cf("failfast command", "failfast root /no/such", "failfast", "[/no/such]", "chmod +x"),
        Row.Cf("apiauth without lists", "apiauth foo", "apiauth", "no users or groups", "uid=USER"),
        Row.Cf("autojoin with haresources", "autojoin any", "autojoin", "haresources", "autojoin none"),
        Row.Cf("crm on", "crm on", "crm", "not run here", "crm off"),
        Row.Cf("pacemaker respawn", "pacemaker respawn", "pacemaker", "not run here", "pacemaker off"),
        Row.Cf("crm and pacemaker", "crm off\npacemaker off", "pacemaker", "same directive", "remove both", line: 10),
        Row.Cf("watchdog given twice", "watchdog /dev/a\nwatchdog /dev/b", "watchdog", "more than once", "keep one",
            line: 10),
        Row.Cf("watchdog device absent", "watchdog /dev/nowatchdog", "watchdog", "[/dev/nowatchdog]", "softdog",
            severity: FindingSeverity.Warning),
        Row.Cf("nice_failback", "nice_failback on", "nice_failback", "obsolete", "auto_failback off"),
        new("auto_failback missing", ExampleFiles.WithHaCf("auto_failback on\n", ""),
            "ha.cf", 0, "auto_failback", "not given", "auto_failback on", FindingSeverity.Warning),
        new("auto_failback legacy", ExampleFiles.WithHaCf("auto_failback on", "auto_failback legacy"),
            "ha.cf", 7, "auto_failback", "deprecated", "auto_failback on", FindingSeverity.Warning),
        new("no log directive at all", ExampleFiles.WithHaCf("logfacility local0\n", ""),
            "ha.cf", 0, "logfacility", "only the journal", "logfile", FindingSeverity.Warning),
        Row.Cf("use_logd", "use_logd yes", "use_logd", "no separate logging daemon", "logd.cf",
            severity: FindingSeverity.Warning),
    ];

    public static TheoryData<string> Names => new(Rows.Select(r => r.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void BadInput_IsReportedWithItsPlaceAndWhatToWriteInstead(string name)
    {
        var row = Rows.Single(r => r.Name == name);

        var configuration = row.Files.Read(out var findings);

        var found = findings.Where(f => f.File == row.File && f.Line == row.Line && f.Directive == row.Directive
            && f.Severity == row.Severity).ToArray();
        Assert.True(found.Length > 0, $"no such finding among:\n{string.Join("\n", findings)}");
        Assert.Contains(found, f => f.Problem.Contains(row.Says, StringComparison.Ordinal)
            && f.Advice.Contains(row.Advises, StringComparison.Ordinal));
        Assert.Equal(row.Severity == FindingSeverity.Error, configuration is null);
        Assert.All(findings, f => Assert.NotEmpty(f.Problem));
        Assert.All(findings, f => Assert.NotEmpty(f.Advice));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OneMistake_IsOneError(string name)
    {
        var row = Rows.Single(r => r.Name == name);

        row.Files.Read(out var findings);

        Assert.Equal(
            row.Severity == FindingSeverity.Error ? 1 : 0, findings.Count(f => f.Severity == FindingSeverity.Error));
    }

    [Fact]
    public void LogDirectivesWithoutLogd_AreWhatIsDoneHere()
    {
        new ExampleFiles().ReadHaCf(out var findings);

        Assert.Empty(findings);
    }

    [Fact]
    public void ManyMistakes_AreAllReportedAtOnceInTheOrderOfFilesAndLines()
    {
        var files = new ExampleFiles
        {
            HaCf = "keepalive 2s\nfrobnicate on\nbcast eth9\nucast eth0\nlogfacility nonsuch\nhopfudge 300\n"
                + "auto_failback perhaps\nmcast eth0 10.0.0.1 694 1 0\nnode s2\nping nowhere\n",
            AuthKeys = "auth 1\n1 sha512 OpenSesame\nfoo\n",
            HaResources = "s9 10.0.0.1\ns2 10.0.0.300\ns2 x/y\ns2\n",
            Mode = 0b110_100_100,
        };

        Assert.Null(files.Read(out var findings));

        var errors = findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => (f.File, f.Line)).ToArray();
        (string, int)[] expected =
        [
            ("ha.cf", 1), ("ha.cf", 2), ("ha.cf", 3), ("ha.cf", 4), ("ha.cf", 5), ("ha.cf", 6), ("ha.cf", 7),
            ("ha.cf", 8), ("ha.cf", 9), ("ha.cf", 10),
            ("authkeys", 0), ("authkeys", 2), ("authkeys", 3),
            ("haresources", 1), ("haresources", 2), ("haresources", 3), ("haresources", 4),
        ];
        Assert.Equal(expected, errors);
    }

    /// <summary>Files with one mistake and the finding that it must give.</summary>
    private sealed record Row(
        string Name, ExampleFiles Files, string File, int Line, string Directive, string Says, string Advises,
        FindingSeverity Severity = FindingSeverity.Error)
    {
        public static Row Missing(string name, string file, ExampleFiles files) =>
            new(name, files, file, 0, "", "it does not exist", "create it");

        public static Row Keys(string name, string text, int line, string directive, string says, string advises) =>
            new(name, new() { AuthKeys = text }, "authkeys", line, directive, says, advises);

        public static Row Cf(
            string name, string text, string directive, string says, string advises, int line = 9,
            FindingSeverity severity = FindingSeverity.Error) =>
            new(name, ExampleFiles.WithHaCfLine(text), "ha.cf", line, directive, says, advises, severity);
    }
}
