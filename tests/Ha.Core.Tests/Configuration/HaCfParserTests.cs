using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

/// <summary>The grammar of ha.cf, and what its lines do together.</summary>
public class HaCfParserTests
{
    [Fact]
    public void Defaults_AreHeartbeats()
    {
        var cf = new ExampleFiles { HaCf = "node s1 s2\nbcast eth0\n" }.ReadHaCf(out _);

        Assert.Equal(TimeSpan.FromSeconds(1), cf.Keepalive);
        Assert.Equal(TimeSpan.FromSeconds(30), cf.Deadtime);
        Assert.Equal(TimeSpan.FromSeconds(15), cf.Warntime);
        Assert.Equal(TimeSpan.FromSeconds(30), cf.Initdead);
        Assert.Equal(AutoFailback.Legacy, cf.AutoFailback);
        Assert.Equal(TimeSpan.FromMilliseconds(250), cf.MaxRetransmitDelay);
        Assert.Equal((1, 1, 0, "linux-ha"), (cf.HopFudge, cf.RealtimePriority, cf.DebugLevel, cf.ClusterName));
        Assert.True(cf.Realtime && cf.SyslogMessageFormat && cf.LogBadPackets && cf.InnerAuth);
        Assert.False(cf.GenerationFromTime || cf.UuidFromNodeName);
        Assert.Equal((null, null, null), (cf.LogFile, cf.DebugFile, cf.LogFacility));
        Assert.Equal([new BroadcastMedium("eth0", 694)], cf.Media.ToArray());
    }

    [Theory]
    [InlineData("500ms", 12_000)]
    [InlineData("5999ms", 12_000)]
    [InlineData("6", 12_000)]
    [InlineData("8", 16_000)]
    [InlineData("10", 20_000)]
    [InlineData("10.001", 10_001)]
    [InlineData("60", 60_000)]
    public void Initdead_DefaultsByDeadtime(string deadtime, int milliseconds)
    {
        var files = new ExampleFiles { HaCf = $"keepalive 100ms\ndeadtime {deadtime}\nnode s1 s2\nbcast eth0\n" };

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), files.ReadHaCf(out _).Initdead);
    }

    [Theory]
    [InlineData("keepalive 2 # seconds")]
    [InlineData("keepalive 2#seconds")]
    [InlineData("\t keepalive\t2")]
    [InlineData("keepalive,2,")]
    [InlineData("keepalive 2\r")]
    [InlineData("\fkeepalive 2")]
    public void WhiteSpaceAndComments_MayStandAnywhere(string line)
    {
        var files = ExampleFiles.WithHaCf("keepalive 1", line);

        Assert.Equal(TimeSpan.FromSeconds(2), files.ReadHaCf(out var findings).Keepalive);
        Assert.Empty(findings);
    }

    [Fact]
    public void Comment_BeginsInsideAValue()
    {
        var cf = ExampleFiles.WithHaCfLine("logfile /var/log/ha#1").ReadHaCf(out _);

        Assert.Equal("/var/log/ha", cf.LogFile);
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("\u00EF\u00BB\u00BF")]
    public void ByteOrderMark_IsNotPartOfTheFirstDirective(string mark)
    {
        var files = new ExampleFiles();

        (files with { HaCf = mark + files.HaCf }).ReadHaCf(out var findings);

        Assert.Empty(findings);
    }

    [Fact]
    public void LastValueOfALine_Counts_WithAWarning()
    {
        var cf = ExampleFiles.WithHaCf("keepalive 1", "keepalive 1 2").ReadHaCf(out var findings);

        Assert.Equal(TimeSpan.FromSeconds(2), cf.Keepalive);
        Assert.Equal((2, "keepalive"), (Assert.Single(findings).Line, findings[0].Directive));
    }

    [Fact]
    public void LastLineOfAScalar_Counts_WithAWarningThatNamesTheFirst()
    {
        var cf = ExampleFiles.WithHaCfLine("keepalive 500ms").ReadHaCf(out var findings);

        Assert.Equal(TimeSpan.FromMilliseconds(500), cf.Keepalive);
        Assert.Contains("line 2", Assert.Single(findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Media_KeepTheirOrder_AndThePortGivenAboveThem()
    {
        var cf = ExampleFiles.WithHaCf("udpport 694\nbcast eth0", """
            bcast eth0
            udpport 1000
            ucast eth1 10.0.0.2
            mcast eth0 239.0.0.42 694 1 0
            udpport 2000
            ucast6 eth1 FD00::0002%eth1
            mcast6 eth1 ff02::0694 700 0 1
            """).ReadHaCf(out var findings);

        Assert.Equal(
            [
                new BroadcastMedium("eth0", 694),
                new UnicastMedium("eth1", "10.0.0.2", 1000),
                new MulticastMedium("eth0", "239.0.0.42", 694, 1, false),
                new UnicastMedium("eth1", "fd00::2", 2000),
                new MulticastMedium("eth1", "ff02::694", 700, 0, true),
            ],
            cf.Media.ToArray());
        Assert.Equal(
            ["bcast eth0", "ucast eth1 10.0.0.2", "mcast eth0 239.0.0.42 694 1 0", "ucast6 eth1 fd00::2",
                "mcast6 eth1 ff02::694 700 0 1"],
            cf.Media.Select(m => m.ToString()));
        Assert.Contains(findings, f => f is { Directive: "udpport", Line: 6, Severity: FindingSeverity.Warning }
            && f.Problem.Contains("above it", StringComparison.Ordinal));
    }

    [Fact]
    public void Bcast_TakesSeveralInterfaces_AndItsOldNameUdp()
    {
        var cf = ExampleFiles.WithHaCf("bcast eth0", "bcast eth0 eth1\nudp lo").ReadHaCf(out var findings);

        Assert.Equal(["bcast eth0", "bcast eth1", "bcast lo"], cf.Media.Select(m => m.ToString()));
        Assert.Contains("bcast", Assert.Single(findings).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void ServicePortOfTheHost_IsTheDefault()
    {
        var files = ExampleFiles.WithHaCf("udpport 694\n", "") with { Host = FakeHost.With(servicePort: 5405) };

        Assert.Equal([new BroadcastMedium("eth0", 5405)], files.ReadHaCf(out _).Media.ToArray());
    }

    [Fact]
    public void PeerNames_AreResolvedOnce()
    {
        var host = FakeHost.With(names: new() { ["s2.lab"] = "10.0.0.2", ["s2six"] = "fd00::2" });
        var files = ExampleFiles.WithHaCf("bcast eth0", "ucast eth0 s2.lab\nucast6 eth0 s2six") with { Host = host };

        Assert.Equal(["ucast eth0 10.0.0.2", "ucast6 eth0 fd00::2"],
            files.ReadHaCf(out _).Media.Select(m => m.ToString()));
    }

    [Fact]
    public void Nodes_AreLowerCased()
    {
        var cf = ExampleFiles.WithHaCf("node s1 s2", "node S1\nnode S2,s3").ReadHaCf(out _);

        Assert.Equal(["s1", "s2", "s3"], cf.Nodes.ToArray());
    }

    [Theory]
    [InlineData("node s1 s2 s1", "listed twice")]
    [InlineData("node s1 ../s2", "cannot be a node name")]
    [InlineData("node s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16 s17", "more than 16")]
    public void Nodes_AreCheckedForNameRepetitionAndNumber(string line, string says)
    {
        var files = ExampleFiles.WithHaCf("node s1 s2", line);

        Assert.Null(files.Read(out var findings));
        Assert.Contains(says, Assert.Single(findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void SixtyFourMedia_AreAllowed_OneMoreIsNot()
    {
        string Media(int count) => string.Join('\n', Enumerable.Range(1, count).Select(i => $"ucast eth0 10.0.0.{i}"));

        Assert.Equal(64, ExampleFiles.WithHaCf("bcast eth0", Media(64)).ReadHaCf(out _).Media.Length);
        Assert.Null(ExampleFiles.WithHaCf("bcast eth0", Media(65)).Read(out var findings));
        Assert.Contains("more than 64", Assert.Single(findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameMediumTwice_IsRefused()
    {
        Assert.Null(ExampleFiles.WithHaCfLine("bcast eth0").Read(out var findings));
        Assert.Equal((9, "bcast"), (Assert.Single(findings).Line, findings[0].Directive));
    }

    [Fact]
    public void MediaThatDoNotExistHere_AreNotEnough()
    {
        Assert.Null(ExampleFiles.WithHaCf("bcast eth0", "tipc eth0").Read(out var findings));

        Assert.Contains(findings, f => f is { Directive: "tipc", Severity: FindingSeverity.Warning });
        Assert.Contains(findings, f => f.Problem.Contains("no medium", StringComparison.Ordinal));
    }

    [Fact]
    public void LineBeyondHeartbeatsLimit_IsRefusedWhereItIs()
    {
        Assert.Null(ExampleFiles.WithHaCfLine("ping " + new string('1', 6000)).Read(out var findings));
        Assert.Equal(9, Assert.Single(findings).Line);
    }

    [Fact]
    public void LongCommentLine_IsNoMistake()
    {
        ExampleFiles.WithHaCfLine("#" + new string('-', 6000)).ReadHaCf(out var findings);

        Assert.Empty(findings);
    }

    [Theory]
    [InlineData("deadtime 10", "deadtime 10\nwarntime 10", "warntime", "ever called late")]
    [InlineData("deadtime 10", "deadtime 10\nwarntime 1", "warntime", "every heartbeat is late")]
    public void Warntime_ThatMakesNoSense_IsWarnedOf(string line, string replacement, string directive, string says)
    {
        ExampleFiles.WithHaCf(line, replacement).ReadHaCf(out var findings);

        var finding = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Warning, directive), (finding.Severity, finding.Directive));
        Assert.Contains(says, finding.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void FileOfGarbage_GivesABoundedNumberOfFindings()
    {
        var files = new ExampleFiles { HaCf = string.Concat(Enumerable.Repeat("garbage\n", 100_000)) };

        Assert.Null(files.Read(out var findings));
        Assert.InRange(findings.Length, FileFindings.Limit, FileFindings.Limit + 10);
        Assert.Contains(findings, f => f.Problem.Contains("is not reported", StringComparison.Ordinal));
    }

    [Fact]
    public void TextFromTheFile_IsShownShortAndPrintable()
    {
        Assert.Null(ExampleFiles.WithHaCfLine("\u001B[31m" + new string('x', 1000)).Read(out var findings));

        var text = Assert.Single(findings).ToString();
        Assert.True(text.Length < 400, text);
        Assert.DoesNotContain(text, char.IsControl);
    }
}
