using System.Collections.Frozen;

namespace Ha.Core.Configuration;

/// <summary>Every directive of Heartbeat's ha.cf (CONFIG.md 1.3), in one table. docs/configuration.md lists the same ones.</summary>
internal static class HaCfDirectives
{
    private const string LeaveIt = "leave the line in for later, or remove it; nothing else is needed";
    private const string RemoveIt = "remove the line";

    /// <summary>The table.</summary>
    public static readonly ImmutableArray<HaCfDirective> All =
    [
        // Timing
        Acted("keepalive", (d, v) => d.Keepalive = d.PositiveTime(v) ?? d.Keepalive),
        Acted("deadtime", (d, v) => d.Deadtime = d.PositiveTime(v) ?? d.Deadtime),
        Acted("warntime", (d, v) => d.Warntime = d.PositiveTime(v) ?? d.Warntime),
        Acted("initdead", (d, v) => d.Initdead = d.PositiveTime(v) ?? d.Initdead),
        NotYet("deadping", "ping nodes are not watched yet, so their dead time has no effect", LeaveIt,
            (d, v) => d.Deadping = d.PositiveTime(v)),
        Acted("hopfudge", (d, v) => d.HopFudge = d.Number(v, 0, 255, "hops") ?? d.HopFudge),
        Acted("max_rexmit_delay", (d, v) => d.MaxRetransmitDelay = d.Number(v, 1, 60_000, "milliseconds") ?? d.MaxRetransmitDelay),

        // Media
        Acted("udpport", (d, v) => d.SetUdpPort(v)),
        Acted("bcast", (d, v) => d.AddBroadcast(v), repeat: Repetition.List),
        Acted("udp", (d, v) => d.AddOldBroadcast(v), repeat: Repetition.List),
        Acted("mcast", (d, v) => d.AddMulticast(v, ipv6: false), ArgumentForm.WholeLine, Repetition.List),
        Acted("mcast6", (d, v) => d.AddMulticast(v, ipv6: true), ArgumentForm.WholeLine, Repetition.List),
        Acted("ucast", (d, v) => d.AddUnicast(v, ipv6: false), ArgumentForm.WholeLine, Repetition.List),
        Acted("ucast6", (d, v) => d.AddUnicast(v, ipv6: true), ArgumentForm.WholeLine, Repetition.List),
        NotYet("serial", "serial media come with a later release: this line carries no heartbeats",
            "give the nodes a second network path (`ucast`, `bcast` or `mcast`) until then", (d, v) => d.CheckSerial(v), repeat: Repetition.List),
        NotYet("baud", "serial media come with a later release, so their speed has no effect", LeaveIt,
            (d, v) => d.CheckBaud(v), repeat: Repetition.Once),
        NoEffect("tipc", "there is no TIPC medium here: this line carries no heartbeats",
            "use `ucast`, `bcast` or `mcast` instead", (d, v) => { }, repeat: Repetition.List),
        NoEffect("rds", "there is no RDS medium here: this line carries no heartbeats",
            "use `ucast`, `bcast` or `mcast` instead", (d, v) => { }, repeat: Repetition.List),
        Acted("msgfmt", (d, v) => d.MessageFormat = d.OneOf(v, "classic", "netstring") ?? d.MessageFormat),
        NoEffect("compression", "messages are never compressed here", RemoveIt, (d, v) => d.OneOf(v, "zlib", "bz2")),
        NoEffect("compression_threshold", "messages are never compressed here", RemoveIt,
            (d, v) => d.Number(v, 1, 1_000_000, "KiB")),
        NoEffect("traditional_compression", "messages are never compressed here", RemoveIt, (d, v) => d.Boolean(v)),

        // Connectivity
        NotYet("ping", "ping nodes are read but not yet watched: moves driven by connectivity come with a later release",
            "leave the line in; until then losing the network behind a node does not move its groups",
            (d, v) => d.CheckPing(v, ipv6: false), repeat: Repetition.List),
        NotYet("ping6", "ping nodes are read but not yet watched: moves driven by connectivity come with a later release",
            "leave the line in; until then losing the network behind a node does not move its groups",
            (d, v) => d.CheckPing(v, ipv6: true), repeat: Repetition.List),
        NotYet("ping_group", "ping groups are read but not yet watched: moves driven by connectivity come with a later release",
            "leave the line in; until then losing the network behind a node does not move its groups",
            (d, v) => d.CheckPingGroup(v), ArgumentForm.WholeLine, Repetition.List),
        NoEffect("hbaping", "fibre channel ping nodes do not exist here", "watch the storage path with a resource script instead",
            (d, v) => { }, repeat: Repetition.List),

        // Cluster
        Acted("node", (d, v) => d.AddNode(v), repeat: Repetition.List),
        Acted("auto_failback", (d, v) => d.SetAutoFailback(v)),
        Acted("nice_failback", (d, v) => d.RefuseNiceFailback(v)),
        Acted("cluster", (d, v) => d.ClusterName = v.Text),
        NoEffect("quorum_server", "there is no Heartbeat quorum server here", RemoveIt, (d, v) => { }),
        Acted("autojoin", (d, v) => d.CheckAutojoin(v)),
        Acted("hbgenmethod", (d, v) => d.GenerationMethod = d.OneOf(v, "file", "time") ?? d.GenerationMethod),
        Acted("uuidfrom", (d, v) => d.UuidFrom = d.OneOf(v, "file", "nodename") ?? d.UuidFrom),

        // Pacemaker
        Acted("crm", (d, v) => d.CheckResourceManager(v), repeat: Repetition.Once),
        Acted("pacemaker", (d, v) => d.CheckResourceManager(v), repeat: Repetition.Once),
        NoEffect("crm_daemon_dir", "Pacemaker's daemons are not started here", RemoveIt, (d, v) => { }),
        NoEffect("crmd_spawns_pengine", "Pacemaker's daemons are not started here", RemoveIt, (d, v) => d.Boolean(v)),
        NoEffect("record_config_changes", "this setting of Pacemaker's has no counterpart here", RemoveIt, (d, v) => d.Boolean(v)),
        NoEffect("record_pengine_inputs", "this setting of Pacemaker's has no counterpart here", RemoveIt, (d, v) => d.Boolean(v)),
        NoEffect("enable_config_writes", "this setting of Pacemaker's has no counterpart here", RemoveIt, (d, v) => d.Boolean(v)),

        // Fencing and programs
        NotYet("watchdog", "the watchdog device is not opened yet: a node that hangs is not reset",
            "leave the line in; until a later release plan for a hung node to be switched off by hand",
            (d, v) => d.CheckWatchdog(v), repeat: Repetition.Once),
        NotYet("stonith", "fencing comes with a later release: a silent peer is taken over without being switched off first",
            "leave the line in, and put nothing on shared disks until then", (d, v) => d.CheckStonith(v), ArgumentForm.WholeLine),
        NotYet("stonith_host", "fencing comes with a later release: a silent peer is taken over without being switched off first",
            "leave the line in, and put nothing on shared disks until then", (d, v) => d.CheckStonithHost(v), ArgumentForm.WholeLine, Repetition.List),
        Acted("respawn", (d, v) => d.CheckRespawn(v), ArgumentForm.WholeLine, Repetition.List),
        NotYet("failfast", "programs are not started from ha.cf yet, and none reboots this machine by dying",
            "run the program as a systemd unit until then", (d, v) => d.CheckChildProgram(v), ArgumentForm.WholeLine, Repetition.List),
        NoEffect("apiauth", "Heartbeat's client socket does not exist here", "put the users who may steer this node into group `ha`, and remove the line",
            (d, v) => d.CheckApiAuth(v), ArgumentForm.WholeLine, Repetition.List),
        NotYet("env", "resource scripts do not get variables from ha.cf yet", "set the variable in the script itself",
            (d, v) => d.CheckEnvironment(v), repeat: Repetition.List),
        Acted("use_apphbd", (d, v) => d.CheckAppHbd(v)),

        // Logging
        Acted("logfile", (d, v) => d.LogFile = d.AbsolutePath(v) ?? d.LogFile),
        Acted("debugfile", (d, v) => d.DebugFile = d.AbsolutePath(v) ?? d.DebugFile),
        Acted("logfacility", (d, v) => d.SetLogFacility(v)),
        Acted("use_logd", (d, v) => d.CheckLogDaemon(v)),
        NoEffect("conn_logd_time", "there is no separate logging daemon here", RemoveIt, (d, v) => d.PositiveTime(v)),
        Acted("syslogmsgfmt", (d, v) => d.SyslogMessageFormat = d.Boolean(v) ?? d.SyslogMessageFormat),
        Acted("log_badpack", (d, v) => d.LogBadPackets = d.Boolean(v) ?? d.LogBadPackets),
        Acted("debug", (d, v) => d.DebugLevel = d.Number(v, 0, 255, "level") ?? d.DebugLevel),

        // Process
        Acted("realtime", (d, v) => d.Realtime = d.Boolean(v) ?? d.Realtime),
        Acted("rtprio", (d, v) => d.RealtimePriority = d.Number(v, 1, 99, "priority") ?? d.RealtimePriority),
        NoEffect("memreserve", "memory is locked here without a reserve", RemoveIt, (d, v) => d.Number(v, 1, 100_000_000, "KiB")),
        NoEffect("coredumps", "core dumps are the system's business here", "set LimitCORE in the systemd unit and remove the line",
            (d, v) => d.Boolean(v)),
        NoEffect("coreroot", "core dumps are the system's business here", "set kernel.core_pattern and remove the line",
            (d, v) => d.AbsolutePath(v)),
    ];

    private static readonly FrozenDictionary<string, HaCfDirective> ByName = All.ToFrozenDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>The directive of a name; null when Heartbeat has none.</summary>
    public static HaCfDirective? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The directive that was probably meant; null when none is near.</summary>
    public static string? Nearest(string name)
    {
        if (name.Length is 0 or > 40) return null;
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
        string name, Action<HaCfDraft, DirectiveValue> apply,
        ArgumentForm form = ArgumentForm.EachWord, Repetition repeat = Repetition.LastWins) =>
        new(name, form, repeat, DirectiveStanding.ActedOn, "", "", apply);

    private static HaCfDirective NotYet(
        string name, string problem, string advice, Action<HaCfDraft, DirectiveValue> apply,
        ArgumentForm form = ArgumentForm.EachWord, Repetition repeat = Repetition.LastWins) =>
        new(name, form, repeat, DirectiveStanding.NotYet, problem, advice, apply);

    private static HaCfDirective NoEffect(
        string name, string problem, string advice, Action<HaCfDraft, DirectiveValue> apply,
        ArgumentForm form = ArgumentForm.EachWord, Repetition repeat = Repetition.LastWins) =>
        new(name, form, repeat, DirectiveStanding.NoEffect, problem, advice, apply);
}
