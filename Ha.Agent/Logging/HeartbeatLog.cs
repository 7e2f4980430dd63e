using System.Diagnostics;
using System.Text;
using Ha.Agent.State;
using Ha.Core.Configuration;
using Ha.Core.Contracts;

namespace Ha.Agent.Logging;

/// <summary>Where log lines go.</summary>
/// <param name="Node">Name of this node, in each line of a file.</param>
/// <param name="LogFile">Gets all but debug lines; null: none.</param>
/// <param name="DebugFile">Gets all lines; null: none.</param>
/// <param name="Facility">Syslog facility name; null or <c>none</c>: no syslog.</param>
/// <param name="LikeSyslog">File line format (<c>syslogmsgfmt</c>).</param>
internal sealed record HeartbeatLogOptions(
    string Node, string? LogFile, string? DebugFile, string? Facility, bool LikeSyslog = true)
{
    /// <summary>Lines that may wait; beyond that the oldest is dropped and counted.</summary>
    public int QueueLines { get; init; } = 4096;

    /// <summary>
    /// Gets each line too, on the log's own thread (<c>run --foreground</c>); null: nobody. Must not throw.
    /// </summary>
    public Action<string>? Copy { get; init; }

    /// <summary>How long the end waits for lines that are not written yet; a disk may hang.</summary>
    public TimeSpan FlushAtEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The syslog daemon's socket.</summary>
    public string SyslogPath { get; init; } = "/dev/log";

    /// <summary>As ha.cf says.</summary>
    public static HeartbeatLogOptions Of(string node, HaCf configuration) => new(
        node, configuration.LogFile, configuration.DebugFile, configuration.LogFacility,
        configuration.SyslogMessageFormat);
}

/// <summary>
/// The ha-log and ha-debug files and syslog, in Heartbeat's format, written by a thread of its own. Callers never wait
/// and never see a failure: a log that cannot be written drops its lines and is reported once.
/// </summary>
internal sealed class HeartbeatLog : IDisposable
{
    /// <summary>How long the lines of one batch may wait for room in the syslog daemon's queue.</summary>
    private static readonly long SyslogPatience = Stopwatch.Frequency * 2;

    private readonly Lock gate = new();
    private readonly HeartbeatLogOptions options;
    private readonly TimeProvider clock;
    private readonly Action<StorageReport> report;
    private Queue<LogLine> queue = new();
    private readonly HashSet<string> failed = [];
    private readonly AutoResetEvent work = new(initialState: false);
    private readonly SyslogSocket syslog;
    private readonly int? facility;
    private readonly Thread writer;
    private long dropped;
    private volatile bool closed;

    /// <param name="options">Where lines go.</param>
    /// <param name="clock">Wall clock and time zone of the lines.</param>
    /// <param name="report">Told once when a log stops working and once when it works again; must not throw.</param>
    public HeartbeatLog(HeartbeatLogOptions options, TimeProvider clock, Action<StorageReport> report)
    {
        this.options = options;
        this.clock = clock;
        this.report = report;
        facility = options.Facility is { } name ? LogFormat.Facility(name) : null;
        syslog = new SyslogSocket(options.SyslogPath);
        writer = new Thread(Work) { IsBackground = true, Name = "log" };
        writer.Start();
    }

    /// <summary>Logs one line.</summary>
    public void Write(LogLevel level, string text) =>
        Enqueue(new LogLine(level, clock.GetLocalNow(), LogFormat.OneLine(text)));

    /// <summary>Logs an event, in Heartbeat's words where it has some.</summary>
    public void Write(ClusterEvent happened)
    {
        var at = TimeZoneInfo.ConvertTime(happened.At, clock.LocalTimeZone);
        foreach (var (level, text) in EventWording.Lines(happened))
            Enqueue(new LogLine(level, at, LogFormat.OneLine(text)));
    }

    public void Dispose()
    {
        if (closed) return;
        closed = true;
        work.Set();

        // A file system that hangs keeps the writer; it ends with the process.
        if (!writer.Join(options.FlushAtEnd)) return;
        work.Dispose();
        syslog.Dispose();
    }

    private void Enqueue(LogLine line)
    {
        lock (gate)
        {
            if (queue.Count >= options.QueueLines)
            {
                queue.Dequeue();
                dropped++;
            }

            queue.Enqueue(line);
        }

        if (!closed) work.Set();
    }

    private void Work()
    {
        while (true)
        {
            work.WaitOne();
            var ending = closed;
            var lines = TakeAll();
            if (lines.Count > 0)
            {
                WriteFile(options.LogFile, lines.Where(line => line.Level != LogLevel.Debug));
                WriteFile(options.DebugFile, lines);
                SendToSyslog(lines);
                foreach (var line in lines) options.Copy?.Invoke(ForFile(line));
            }

            if (ending) return;
        }
    }

    private List<LogLine> TakeAll()
    {
        Queue<LogLine> taken;
        long missing;
        lock (gate)
        {
            // Exchanged, not copied: the loop thread may be waiting for the lock.
            (taken, queue) = (queue, new Queue<LogLine>());
            (missing, dropped) = (dropped, 0);
        }

        if (missing == 0) return [.. taken];
        var note = $"{missing} log lines were dropped: the log could not keep up.";
        return [new LogLine(LogLevel.Warning, clock.GetLocalNow(), note), .. taken];
    }

    /// <summary>Opens the file for each batch, as Heartbeat does: one that was moved away is created anew.</summary>
    private void WriteFile(string? path, IEnumerable<LogLine> lines)
    {
        if (path is null) return;
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(ForFile(line)).Append('\n');
        if (text.Length == 0) return;
        try
        {
            File.AppendAllText(path, text.ToString());
            Note(path, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            Note(path, failure.Message);
        }
    }

    private string ForFile(LogLine line) =>
        LogFormat.ForFile(line, options.Node, Environment.ProcessId, options.LikeSyslog);

    private void SendToSyslog(List<LogLine> lines)
    {
        if (facility is not { } number) return;
        string? problem = null;
        // A burst fills the daemon's queue at once, and it drains it; one that does not is not waited for again.
        var end = Stopwatch.GetTimestamp() + (failed.Contains("syslog") ? 0 : SyslogPatience);
        foreach (var line in lines)
        {
            var left = TimeSpan.FromSeconds((end - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency);
            problem = syslog.Send(LogFormat.ForSyslog(line, Environment.ProcessId, number), left);
            if (problem is not null) break;
        }

        Note("syslog", problem);
    }

    private void Note(string subject, string? problem)
    {
        if (problem is not null && failed.Add(subject))
        {
            report(new StorageReport(subject, Works: false,
                $"{subject} cannot be written: {problem.TrimEnd('.')}. Its lines are dropped until it works again."));
        }
        else if (problem is null && failed.Remove(subject))
        {
            report(new StorageReport(subject, Works: true, $"{subject} can be written again."));
        }
    }
}
