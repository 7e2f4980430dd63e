namespace Ha.Agent.Logging;

/// <summary>Severity of a log line: syslog's, with Heartbeat's words.</summary>
internal enum LogLevel
{
    /// <summary>EMERG.</summary>
    Emergency = 0,

    /// <summary>ALERT.</summary>
    Alert = 1,

    /// <summary>CRIT.</summary>
    Critical = 2,

    /// <summary>ERROR.</summary>
    Error = 3,

    /// <summary>WARN.</summary>
    Warning = 4,

    /// <summary>notice.</summary>
    Notice = 5,

    /// <summary>info.</summary>
    Info = 6,

    /// <summary>debug: in the debug file and syslog's debug level only.</summary>
    Debug = 7,
}

/// <summary>One line to be logged.</summary>
/// <param name="Level">Severity.</param>
/// <param name="At">When, in local time.</param>
/// <param name="Text">One line of text.</param>
internal readonly record struct LogLine(LogLevel Level, DateTimeOffset At, string Text);
