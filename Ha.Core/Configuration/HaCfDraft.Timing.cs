using static Ha.Core.Configuration.HeartbeatTime;

namespace Ha.Core.Configuration;

/// <content>Timing: single values are checked when read, their relations at the end.</content>
internal sealed partial class HaCfDraft
{
    private static readonly TimeSpan ShortInitdead = TimeSpan.FromSeconds(10);

    public TimeSpan Keepalive { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan Deadtime { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan? Warntime { get; set; }

    public TimeSpan? Initdead { get; set; }

    public TimeSpan? Deadping { get; set; }

    public int HopFudge { get; set; } = 1;

    public int MaxRetransmitDelay { get; set; } = 250;

    private (TimeSpan Deadtime, TimeSpan Warntime, TimeSpan Initdead) FinishTiming()
    {
        var warntime = Warntime ?? Deadtime / 2;
        var initdead = Initdead ?? DefaultInitdead(Deadtime);
        CheckDeadtime();
        CheckWarntime(warntime);
        CheckInitdead(initdead);
        if (Deadping <= 2 * Keepalive && !Failed("deadping", "keepalive"))
        {
            findings.Error(LineOf("deadping"), "deadping",
                $"{Show(Deadping.Value)} is not more than twice keepalive ({Show(Keepalive)})",
                $"write more than {Show(2 * Keepalive)}, or remove the line to use deadtime");
        }

        return (Deadtime, warntime, initdead);
    }

    // Heartbeat's rule: a node that needs seconds to boot must not be taken for dead because deadtime is short.
    private static TimeSpan DefaultInitdead(TimeSpan deadtime) =>
        deadtime > TimeSpan.FromSeconds(10) ? deadtime
        : deadtime < TimeSpan.FromSeconds(6) ? TimeSpan.FromSeconds(12)
        : 2 * deadtime;

    private void CheckDeadtime()
    {
        if (Deadtime > 2 * Keepalive || Failed("deadtime", "keepalive")) return;
        var given = LineOf("deadtime") > 0 ? "deadtime" : "keepalive";
        findings.Error(LineOf(given), given,
            $"deadtime ({Show(Deadtime)}) is not more than twice keepalive ({Show(Keepalive)}): "
            + "one lost packet would be a death",
            $"write a deadtime above {Show(2 * Keepalive)} or a keepalive below {Show(Deadtime / 2)}");
    }

    private void CheckWarntime(TimeSpan warntime)
    {
        if (Warntime is null || Failed("warntime", "deadtime")) return;
        if (warntime >= Deadtime)
        {
            findings.Warning(LineOf("warntime"), "warntime",
                $"{Show(warntime)} is not less than deadtime ({Show(Deadtime)}): no node is ever called late",
                $"write less than {Show(Deadtime)}, for example {Show(Deadtime / 2)}");
        }
        else if (warntime <= Keepalive && !Failed("keepalive"))
        {
            findings.Warning(LineOf("warntime"), "warntime",
                $"{Show(warntime)} is not more than keepalive ({Show(Keepalive)}): every heartbeat is late",
                $"write more than {Show(Keepalive)}");
        }
    }

    private void CheckInitdead(TimeSpan initdead)
    {
        if (Failed("initdead", "deadtime")) return;
        if (initdead < Deadtime)
        {
            findings.Error(LineOf("initdead"), "initdead",
                $"{Show(initdead)} is less than deadtime ({Show(Deadtime)})",
                $"write {Show(Deadtime)} or more, or remove the line for {Show(DefaultInitdead(Deadtime))}");
        }
        else if (initdead < ShortInitdead)
        {
            findings.Warning(LineOf("initdead"), "initdead",
                $"{Show(initdead)} may be too short: a peer whose network comes up later is called dead at start",
                $"write {Show(ShortInitdead)} or more unless the machines boot faster");
        }
    }

    private bool Failed(params ReadOnlySpan<string> directives)
    {
        foreach (var directive in directives)
            if (failed.Contains(directive)) return true;
        return false;
    }
}
