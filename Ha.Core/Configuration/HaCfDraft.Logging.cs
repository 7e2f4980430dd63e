using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <content>Where messages go.</content>
internal sealed partial class HaCfDraft
{
    private static readonly ImmutableArray<string> Facilities =
    [
        "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news", "syslog", "user", "uucp",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    private string? logFacility;

    public string? LogFile { get; set; }

    public string? DebugFile { get; set; }

    public bool SyslogMessageFormat { get; set; } = true;

    public bool LogBadPackets { get; set; } = true;

    public int DebugLevel { get; set; }

    public void SetLogFacility(DirectiveValue value)
    {
        var name = value.Text.ToLowerInvariant();
        if (name == "none")
            logFacility = null;
        else if (Facilities.Contains(name))
            logFacility = name;
        else
            Error(value, $"syslog has no facility {Quote(value.Text)}",
                "write `local0` to `local7`, `daemon`, `user` or `none`");
    }

    public void CheckLogDaemon(DirectiveValue value)
    {
        if (Boolean(value) == true)
        {
            WarnOnce(value.Line, value.Name,
                "there is no separate logging daemon here: messages go straight to files and syslog",
                "remove the line, and copy logfile, debugfile and logfacility from /etc/logd.cf to ha.cf");
        }
    }

    private void FinishLogging()
    {
        if (LineOf("logfile") > 0 || LineOf("debugfile") > 0 || LineOf("logfacility") > 0) return;
        findings.Warning(0, "logfacility",
            "no logfile, debugfile or logfacility is given: only the journal keeps messages",
            "add `logfacility local0`, or `logfile /var/log/ha-log` and `debugfile /var/log/ha-debug`");
    }
}
