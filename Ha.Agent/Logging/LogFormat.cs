using System.Globalization;

namespace Ha.Agent.Logging;

/// <summary>Heartbeat's line formats (PROTOCOL.md section 15).</summary>
internal static class LogFormat
{
    private const int LongestLine = 4000;

    /// <summary>A line of a log file, without its end.</summary>
    /// <param name="line">The line.</param>
    /// <param name="host">Name of this node.</param>
    /// <param name="process">Process id.</param>
    /// <param name="likeSyslog">False with <c>syslogmsgfmt off</c>.</param>
    public static string ForFile(in LogLine line, string host, int process, bool likeSyslog) => likeSyslog
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{line.At:MMM dd HH:mm:ss} {host} heartbeat: [{process}]: {Word(line.Level)}: {line.Text}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"heartbeat[{process}]: {line.At:yyyy'/'MM'/'dd'_'HH:mm:ss} {Word(line.Level)}: {line.Text}");

    /// <summary>A datagram for <c>/dev/log</c>.</summary>
    /// <param name="line">The line.</param>
    /// <param name="process">Process id.</param>
    /// <param name="facility">Facility number.</param>
    public static string ForSyslog(in LogLine line, int process, int facility) => string.Create(
        CultureInfo.InvariantCulture,
        $"<{(facility * 8) + (int)line.Level}>{line.At:MMM dd HH:mm:ss} heartbeat: "
        + $"[{process}]: {Word(line.Level)}: {line.Text}");

    /// <summary>Text as one line of bounded length: a message must not forge the next line.</summary>
    public static string OneLine(string text)
    {
        if (text.Length > LongestLine) text = string.Concat(text.AsSpan(0, LongestLine), " …");
        return text.AsSpan().ContainsAnyInRange('\0', '\x1F')
            ? string.Create(text.Length, text, static (line, source) =>
            {
                for (var i = 0; i < line.Length; i++) line[i] = char.IsControl(source[i]) ? ' ' : source[i];
            })
            : text;
    }

    /// <summary>Number of a syslog facility; null when there is none of that name.</summary>
    public static int? Facility(string name)
    {
        string[] names =
        [
            "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "",
            "", "", "", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
        ];
        var number = name.Length == 0 ? -1 : Array.IndexOf(names, name.ToLowerInvariant());
        return number >= 0 ? number : null;
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Emergency => "EMERG",
        LogLevel.Alert => "ALERT",
        LogLevel.Critical => "CRIT",
        LogLevel.Error => "ERROR",
        LogLevel.Warning => "WARN",
        LogLevel.Notice => "notice",
        LogLevel.Info => "info",
        LogLevel.Debug => "debug",
    };
}
