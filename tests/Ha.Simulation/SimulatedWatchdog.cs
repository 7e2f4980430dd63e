using Ha.Core.Fencing;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>
/// One machine's watchdog. Its agent pets it as long as it has authority and runs; the reset comes the timeout after
/// the last petting, late by up to the reset latency. On bare metal it counts on while the agent is stopped; a virtual
/// machine's freezes with the machine.
/// </summary>
/// <param name="settings">Timeout and longest latency of a reset.</param>
/// <param name="frozenByPauses">True for a watchdog inside a virtual machine.</param>
/// <param name="random">Its own stream.</param>
public sealed class SimulatedWatchdog(WatchdogSettings settings, bool frozenByPauses, SplitMix64 random)
{
    private const long Never = -1;
    private long authorityEnds = Never;
    private long lastPetting = Never;
    private long pausedAt = Never;
    private long latency;

    /// <summary>When it resets the machine unless it is petted before; -1: it is not armed, or frozen.</summary>
    public long FiresAt => lastPetting == Never || (pausedAt != Never && frozenByPauses)
        ? Never : lastPetting + Micros.From(settings.Timeout) + latency;

    /// <summary>The agent renewed its authority: it pets until then.</summary>
    /// <param name="now">World time.</param>
    /// <param name="until">End of the authority, world time.</param>
    public void Renew(long now, long until)
    {
        if (lastPetting == Never) latency = Within(Micros.From(settings.ResetLatency));
        authorityEnds = until;
        lastPetting = Math.Max(lastPetting, Math.Max(now, until));
    }

    /// <summary>The agent no longer runs: stopped or killed.</summary>
    public void PettingStops(long now)
    {
        if (lastPetting == Never) return;
        lastPetting = Math.Min(lastPetting, now);
        pausedAt = now;
    }

    /// <summary>The stopped agent runs again: it pets if its authority lasts.</summary>
    public void PettingResumes(long now)
    {
        if (lastPetting == Never || pausedAt == Never) return;
        if (frozenByPauses) lastPetting += now - pausedAt;
        pausedAt = Never;
        if (now < authorityEnds) lastPetting = authorityEnds;
    }

    /// <summary>A new life of the agent takes it over; nothing pets before its first authority.</summary>
    public void AgentStarted() => pausedAt = Never;

    /// <summary>The agent left and closed it, or the machine went down.</summary>
    public void Disarm() => lastPetting = pausedAt = authorityEnds = Never;

    private long Within(long range) => (long)(random.Next() % (ulong)Math.Max(1, range));
}
