using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Ha.Agent.Logging;
using Ha.Agent.State;
using Ha.Agent.Tests.Hosts;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests.Logging;

public sealed class HeartbeatLogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FixedClock clock = new(new DateTimeOffset(2026, 11, 2, 9, 5, 3, TimeSpan.Zero));
    private readonly ConcurrentQueue<StorageReport> reports = new();
    private readonly int pid = Environment.ProcessId;

    public void Dispose() => folder.Dispose();

    private string LogFile => folder.File("ha-log");

    private string DebugFile => folder.File("ha-debug");

    [Fact]
    public void Lines_HaveHeartbeatsFormat_InLocalTime_AndDebugGoesToTheDebugFileOnly()
    {
        using (var log = Open())
        {
            log.Write(LogLevel.Info, "Link s2:eth0 up.");
            log.Write(LogLevel.Warning, "node s2: is dead");
            log.Write(LogLevel.Debug, "detail");
        }

        string[] expected =
        [
            $"Nov 02 10:05:03 s1 heartbeat: [{pid}]: info: Link s2:eth0 up.",
            $"Nov 02 10:05:03 s1 heartbeat: [{pid}]: WARN: node s2: is dead",
            $"Nov 02 10:05:03 s1 heartbeat: [{pid}]: debug: detail",
        ];
        Assert.Equal(expected[..2], File.ReadAllLines(LogFile));
        Assert.Equal(expected, File.ReadAllLines(DebugFile));
    }

    [Fact]
    public void WithoutSyslogFormat_LinesHaveHeartbeatsOtherFormat()
    {
        using (var log = Open(Options() with { LikeSyslog = false })) log.Write(LogLevel.Critical, "text");

        Assert.Equal([$"heartbeat[{pid}]: 2026/11/02_10:05:03 CRIT: text"], File.ReadAllLines(LogFile));
    }

    [Theory]
    [InlineData(LogLevel.Emergency, "EMERG")]
    [InlineData(LogLevel.Alert, "ALERT")]
    [InlineData(LogLevel.Critical, "CRIT")]
    [InlineData(LogLevel.Error, "ERROR")]
    [InlineData(LogLevel.Warning, "WARN")]
    [InlineData(LogLevel.Notice, "notice")]
    [InlineData(LogLevel.Info, "info")]
    [InlineData(LogLevel.Debug, "debug")]
    internal void Levels_HaveHeartbeatsWords(LogLevel level, string word) => Assert.Equal(
        $"<{(16 * 8) + (int)level}>Nov 02 09:05:03 heartbeat: [5]: {word}: x",
        LogFormat.ForSyslog(new LogLine(level, clock.Now, "x"), 5, facility: 16));

    [Fact]
    public void MessageWithLineEnds_CannotForgeALine()
    {
        using (var log = Open()) log.Write(LogLevel.Info, "one\nNov 02 10:05:03 s1 heartbeat: [1]: info: forged\r\0");

        Assert.Single(File.ReadAllLines(LogFile));
    }

    [Fact]
    public void MovedFile_IsCreatedAnew()
    {
        using var log = Open();
        log.Write(LogLevel.Info, "before");
        Wait.Until(() => Holds(LogFile, "before"), "the first line");
        File.Move(LogFile, LogFile + ".1");

        log.Write(LogLevel.Info, "after");

        Wait.Until(() => Holds(LogFile, "after"), "the second line");
        Assert.DoesNotContain("after", File.ReadAllText(LogFile + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public void FileThatCannotBeWritten_IsReportedOnce_AndTheOtherGoesOn()
    {
        Directory.CreateDirectory(LogFile);
        using var log = Open();
        log.Write(LogLevel.Info, "one");
        Wait.Until(() => reports.Count == 1, "the report");
        log.Write(LogLevel.Info, "two");
        Wait.Until(() => Holds(DebugFile, "two"), "the other file");
        Assert.Equal((LogFile, false), (reports.Single().Subject, reports.Single().Works));

        Directory.Delete(LogFile);
        log.Write(LogLevel.Info, "three");

        Wait.Until(() => reports.Count == 2, "the recovery");
        Assert.True(reports.Last().Works);
        Assert.Contains("three", File.ReadAllText(LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public void Syslog_GetsDatagrams_AlsoAfterItsRestart()
    {
        var path = folder.File("dev-log");
        using var log = Open(Options() with { Facility = "local0", SyslogPath = path });
        for (var life = 1; life <= 2; life++)
        {
            using var daemon = Syslog(path);
            var buffer = new byte[1000];

            log.Write(LogLevel.Warning, $"life {life}");

            var text = Encoding.UTF8.GetString(buffer, 0, daemon.Receive(buffer));
            Assert.Equal($"<132>Nov 02 10:05:03 heartbeat: [{pid}]: WARN: life {life}", text);
            File.Delete(path);
        }
    }

    [Fact]
    public void BurstThatFillsTheQueueOfSyslog_IsWaitedFor()
    {
        const int many = 2000;
        var path = folder.File("dev-log");
        using var daemon = Syslog(path);
        using var log = Open(Options() with { Facility = "local0", SyslogPath = path });

        for (var i = 1; i <= many; i++) log.Write(LogLevel.Info, $"line {i}");

        var buffer = new byte[1000];
        for (var i = 1; i <= many; i++)
            Assert.EndsWith(
                $" line {i}", Encoding.UTF8.GetString(buffer, 0, daemon.Receive(buffer)), StringComparison.Ordinal);
        Assert.Empty(reports);
    }

    [Fact]
    public void SyslogThatTakesNothing_IsReportedOnce_AndFilesGoOn()
    {
        var path = folder.File("dev-log");
        using var daemon = Syslog(path);
        using (var log = Open(Options() with { Facility = "local0", SyslogPath = path }))
        {
            for (var i = 1; i <= 2000; i++) log.Write(LogLevel.Info, $"line {i}");
            Wait.Until(() => reports.Count == 1, "the report");
            log.Write(LogLevel.Info, "last");
        }

        Assert.Contains("its queue is full", reports.Single().Sentence, StringComparison.Ordinal);
        Assert.EndsWith("last", File.ReadAllLines(LogFile)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void SyslogThatIsNotThere_IsReported_AndFilesGoOn()
    {
        using var log = Open(Options() with { Facility = "local0", SyslogPath = folder.File("absent") });

        log.Write(LogLevel.Info, "text");

        Wait.Until(() => reports.Count == 1, "the report");
        Assert.Equal("syslog", reports.Single().Subject);
        Assert.Single(File.ReadAllLines(LogFile));
    }

    [Fact]
    public void QueueThatIsFull_DropsTheOldest_AndSaysHowMany()
    {
        using var block = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        Directory.CreateDirectory(LogFile);
        var log = new HeartbeatLog(Options() with { QueueLines = 10 }, clock, _ =>
        {
            blocked.Set();
            block.Wait(TimeSpan.FromMinutes(2));
        });
        log.Write(LogLevel.Info, "first");
        Assert.True(blocked.Wait(TimeSpan.FromMinutes(1)), "the writer waits");
        for (var i = 1; i <= 30; i++) log.Write(LogLevel.Info, $"line {i}");

        block.Set();
        log.Dispose();

        var lines = File.ReadAllLines(DebugFile);
        Assert.Contains(lines, line => line.Contains("log lines were dropped", StringComparison.Ordinal));
        Assert.EndsWith("line 30", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.EndsWith("line 2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("local0", 16)]
    [InlineData("LOCAL7", 23)]
    [InlineData("daemon", 3)]
    [InlineData("none", null)]
    [InlineData("", null)]
    public void Facility_IsFoundByName(string name, int? number) => Assert.Equal(number, LogFormat.Facility(name));

    [Fact]
    public void Event_IsLoggedWithHeartbeatsLineFirst()
    {
        using (var log = Open())
        {
            log.Write(Events.Of(1, EventSeverity.Error, EventKind.NodeDead, "s2", "s2 is dead: silent for 30 s."));
        }

        Assert.Equal(
            [
                $"Nov 02 10:05:03 s1 heartbeat: [{pid}]: WARN: node s2: is dead",
                $"Nov 02 10:05:03 s1 heartbeat: [{pid}]: ERROR: s2 is dead: silent for 30 s.",
            ],
            File.ReadAllLines(LogFile));
    }

    private static Socket Syslog(string path)
    {
        var daemon = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            ReceiveTimeout = 60_000,
        };
        daemon.Bind(new UnixDomainSocketEndPoint(path));
        return daemon;
    }

    private static bool Holds(string path, string text) =>
        File.Exists(path) && File.ReadAllText(path).Contains(text, StringComparison.Ordinal);

    // The tests read the files after the end, however busy the disk is.
    private HeartbeatLogOptions Options() =>
        new("s1", LogFile, DebugFile, null) { FlushAtEnd = TimeSpan.FromMinutes(1) };

    private HeartbeatLog Open(HeartbeatLogOptions? options = null) => new(options ?? Options(), clock, reports.Enqueue);
}
