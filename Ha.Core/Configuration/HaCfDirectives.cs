using System.Collections.Frozen;
using static Ha.Core.Configuration.ArgumentForm;
using static Ha.Core.Configuration.Repetition;

namespace Ha.Core.Configuration;

/// <summary>Every directive of Heartbeat's ha.cf in one table; docs/configuration.md describes the same ones.</summary>
internal static class HaCfDirectives
{
    private const string LeaveIt = "leave the line in for later, or remove it; nothing else is needed";
    private const string RemoveIt = "remove the line";
    private const string OtherMedium = "use `ucast`, `bcast` or `mcast` instead";
    private const string NoCompression = "messages are never compressed here";
    private const string NoPacemaker = "Pacemaker's daemons are not started here";
    private const string PacemakerOnly = "this setting of Pacemaker's has no counterpart here";

    private const string NoPing =
        "ping nodes are read but not watched yet: moves by connectivity come with a later release";

    private const string UntilPing =
        "leave the line in; until then losing the network behind a node does not move its groups";

    private const string NoFencing =
        "fencing comes with a later release: a silent peer is not switched off before a takeover";

    private const string UntilFencing = "leave the line in, and put nothing on shared disks until then";

    /// <summary>The table.</summary>
    public static readonly ImmutableArray<HaCfDirective> All =
    [
        // Timing
        Acted("keepalive", EachWord, LastWins, (d, v) => d.Keepalive = d.PositiveTime(v) ?? d.Keepalive),
        Acted("deadtime", EachWord, LastWins, (d, v) => d.Deadtime = d.PositiveTime(v) ?? d.Deadtime),
        Acted("warntime", EachWord, LastWins, (d, v) => d.Warntime = d.PositiveTime(v) ?? d.Warntime),
        Acted("initdead", EachWord, LastWins, (d, v) => d.Initdead = d.PositiveTime(v) ?? d.Initdead),
        Acted("hopfudge", EachWord, LastWins, (d, v) => d.HopFudge = d.Number(v, 0, 255) ?? d.HopFudge),
        Acted("max_rexmit_delay", EachWord, LastWins,
            (d, v) => d.MaxRetransmitDelay = d.Number(v, 1, 60_000) ?? d.MaxRetransmitDelay),
        NotYet("deadping", EachWord, LastWins, (d, v) => d.Deadping = d.PositiveTime(v),
            "ping nodes are not watched yet, so their dead time has no effect", LeaveIt),

        // Media
        Acted("udpport", EachWord, LastWins, (d, v) => d.SetUdpPort(v)),
        Acted("bcast", EachWord, List, (d, v) => d.AddBroadcast(v)),
        Acted("udp", EachWord, List, (d, v) => d.AddOldBroadcast(v)),
        Acted("mcast", WholeLine, List, (d, v) => d.AddMulticast(v, ipv6: false)),
        Acted("mcast6", WholeLine, List, (d, v) => d.AddMulticast(v, ipv6: true)),
        Acted("ucast", WholeLine, List, (d, v) => d.AddUnicast(v, ipv6: false)),
        Acted("ucast6", WholeLine, List, (d, v) => d.AddUnicast(v, ipv6: true)),
        NotYet("serial", EachWord, List, (d, v) => d.CheckSerial(v),
            "serial media come with a later release: this line carries no heartbeats",
            "give the nodes a second network path (`ucast`, `bcast` or `mcast`) until then"),
        NotYet("baud", EachWord, Once, (d, v) => d.CheckBaud(v),
            "serial media come with a later release, so their speed has no effect", LeaveIt),
        NoEffect("tipc", EachWord, List, (_, _) => { },
            "there is no TIPC medium here: this line carries no heartbeats", OtherMedium),
        NoEffect("rds", EachWord, List, (_, _) => { },
            "there is no RDS medium here: this line carries no heartbeats", OtherMedium),
        Acted("msgfmt", EachWord, LastWins,
            (d, v) => d.MessageFormat = d.OneOf(v, "classic", "netstring") ?? d.MessageFormat),
        NoEffect("compression", EachWord, LastWins, (d, v) => d.OneOf(v, "zlib", "bz2"), NoCompression, RemoveIt),
        NoEffect("compression_threshold", EachWord, LastWins, (d, v) => d.Number(v, 1, 1_000_000),
            NoCompression, RemoveIt),
        NoEffect("traditional_compression", EachWord, LastWins, (d, v) => d.Boolean(v), NoCompression, RemoveIt),

        // Connectivity
        NotYet("ping", EachWord, List, (d, v) => d.CheckPing(v, ipv6: false), NoPing, UntilPing),
        NotYet("ping6", EachWord, List, (d, v) => d.CheckPing(v, ipv6: true), NoPing, UntilPing),
        NotYet("ping_group", WholeLine, List, (d, v) => d.CheckPingGroup(v), NoPing, UntilPing),
        NoEffect("hbaping", EachWord, List, (_, _) => { },
            "there are no fibre channel ping nodes here", "watch the storage path with a resource script instead"),

        // Cluster
        Acted("node", EachWord, List, (d, v) => d.AddNode(v)),
        Acted("auto_failback", EachWord, LastWins, (d, v) => d.SetAutoFailback(v)),
        Acted("nice_failback", EachWord, LastWins, (d, v) => d.RefuseNiceFailback(v)),
        Acted("cluster", EachWord, LastWins, (d, v) => d.ClusterName = v.Text),
        Acted("autojoin", EachWord, LastWins, (d, v) => d.CheckAutojoin(v)),
        Acted("hbgenmethod", EachWord, LastWins,
            (d, v) => d.GenerationMethod = d.OneOf(v, "file", "time") ?? d.GenerationMethod),
        Acted("uuidfrom", EachWord, LastWins, (d, v) => d.UuidFrom = d.OneOf(v, "file", "nodename") ?? d.UuidFrom),
        NoEffect("quorum_server", EachWord, LastWins, (_, _) => { },
            "there is no Heartbeat quorum server here", RemoveIt),

        // Pacemaker
        Acted("crm", EachWord, Once, (d, v) => d.CheckResourceManager(v)),
        Acted("pacemaker", EachWord, Once, (d, v) => d.CheckResourceManager(v)),
        NoEffect("crm_daemon_dir", EachWord, LastWins, (_, _) => { }, NoPacemaker, RemoveIt),
        NoEffect("crmd_spawns_pengine", EachWord, LastWins, (d, v) => d.Boolean(v), NoPacemaker, RemoveIt),
        NoEffect("record_config_changes", EachWord, LastWins, (d, v) => d.Boolean(v), PacemakerOnly, RemoveIt),
        NoEffect("record_pengine_inputs", EachWord, LastWins, (d, v) => d.Boolean(v), PacemakerOnly, RemoveIt),
        NoEffect("enable_config_writes", EachWord, LastWins, (d, v) => d.Boolean(v), PacemakerOnly, RemoveIt),

        // Fencing and programs
        NotYet("watchdog", EachWord, Once, (d, v) => d.CheckWatchdog(v),
            "the watchdog device is not opened yet: a node that hangs is not reset", LeaveIt),
        NotYet("stonith", WholeLine, LastWins, (d, v) => d.CheckStonith(v), NoFencing, UntilFencing),
        NotYet("stonith_host", WholeLine, List, (d, v) => d.CheckStonithHost(v), NoFencing, UntilFencing),
        Acted("respawn", WholeLine, List, (d, v) => d.CheckRespawn(v)),
        NotYet("failfast", WholeLine, List, (d, v) => d.CheckChildProgram(v),
            "programs are not started from ha.cf yet, and none reboots this machine by dying",
            "run the program as a systemd unit until then"),
        NoEffect("apiauth", WholeLine, List, (d, v) => d.CheckApiAuth(v),
            "Heartbeat's client socket does not exist here",
            "put the users who may steer this node into group `ha`, and remove the line"),
        NotYet("env", EachWord, List, (d, v) => d.CheckEnvironment(v),
            "resource scripts do not get variables from ha.cf yet", "set the variable in the script itself"),
        Acted("use_apphbd", EachWord, LastWins, (d, v) => d.CheckAppHbd(v)),

        // Logging
        Acted("logfile", EachWord, LastWins, (d, v) => d.LogFile = d.AbsolutePath(v) ?? d.LogFile),
        Acted("debugfile", EachWord, LastWins, (d, v) => d.DebugFile = d.AbsolutePath(v) ?? d.DebugFile),
        Acted("logfacility", EachWord, LastWins, (d, v) => d.SetLogFacility(v)),
        Acted("use_logd", EachWord, LastWins, (d, v) => d.CheckLogDaemon(v)),
        NoEffect("conn_logd_time", EachWord, LastWins, (d, v) => d.PositiveTime(v),
            "there is no separate logging daemon here", RemoveIt),
        Acted("syslogmsgfmt", EachWord, LastWins,
            (d, v) => d.SyslogMessageFormat = d.Boolean(v) ?? d.SyslogMessageFormat),
        Acted("log_badpack", EachWord, LastWins, (d, v) => d.LogBadPackets = d.Boolean(v) ?? d.LogBadPackets),
        Acted("debug", EachWord, LastWins, (d, v) => d.DebugLevel = d.Number(v, 0, 255) ?? d.DebugLevel),

        // Process
        Acted("realtime", EachWord, LastWins, (d, v) => d.Realtime = d.Boolean(v) ?? d.Realtime),
        Acted("rtprio", EachWord, LastWins, (d, v) => d.RealtimePriority = d.Number(v, 1, 99) ?? d.RealtimePriority),
        NoEffect("memreserve", EachWord, LastWins, (d, v) => d.Number(v, 1, 100_000_000),
            "memory is locked here without a reserve", RemoveIt),
        NoEffect("coredumps", EachWord, LastWins, (d, v) => d.Boolean(v),
            "core dumps are the system's business here", "set LimitCORE in the systemd unit and remove the line"),
        NoEffect("coreroot", EachWord, LastWins, (d, v) => d.AbsolutePath(v),
            "core dumps are the system's business here", "set kernel.core_pattern and remove the line"),
    ];

    private static readonly FrozenDictionary<string, HaCfDirective> ByName =
        All.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>The directive of a name; null when Heartbeat has none.</summary>
    public static HaCfDirective? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The directive that was probably meant; null when none is near.</summary>
    public static string? Nearest(string name)
    {
        if (name.Length > 40) return null;
        var lower = name.ToLowerInvariant();
        var (directive, distance) = All.Select(d => (d.Name, Distance: Distance(lower, d.Name))).MinBy(d => d.Distance);
        return distance <= (directive.Length <= 4 ? 1 : 2) ? directive : null;
    }

    // Edits (insert, delete, replace) that turn one word into the other.
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }

    private static HaCfDirective Acted(
        string name, ArgumentForm form, Repetition repeat, Action<HaCfDraft, DirectiveValue> apply) =>
        new(name, form, repeat, DirectiveStanding.ActedOn, "", "", apply);

    private static HaCfDirective NotYet(
        string name, ArgumentForm form, Repetition repeat, Action<HaCfDraft, DirectiveValue> apply,
        string problem, string advice) =>
        new(name, form, repeat, DirectiveStanding.NotYet, problem, advice, apply);

    private static HaCfDirective NoEffect(
        string name, ArgumentForm form, Repetition repeat, Action<HaCfDraft, DirectiveValue> apply,
        string problem, string advice) =>
        new(name, form, repeat, DirectiveStanding.NoEffect, problem, advice, apply);
}
