using Ha.Core.Policy.Model;

namespace Ha.Simulation;

/// <summary>
/// Sides without a majority (S1c), judged by which statuses nodes really processed, never by the view that an engine
/// believes to be in.
/// </summary>
public sealed partial class SafetyChecker
{
    /// <summary>
    /// How long after the last proof of a majority a side may still act: the silence must be judged, the view agreed.
    /// </summary>
    private long QuorumGrace => Micros.Second + (5 * Micros.From(profile.Keepalive));

    /// <summary>How long, beyond that, it may take to stop what runs there.</summary>
    private long QuietLimit => QuorumGrace + Micros.From(profile.SumOfTimeouts);

    private void CheckMajority(long now, int node, int resource)
    {
        if (profile.Mode != SafetyMode.Quorum || profile.NoQuorum == NoQuorumPolicy.Ignore) return;
        if (HasMajority(now, node, QuorumGrace)) return;
        Fail("S1c start without quorum", now,
            $"{Name(node)} starts {places[resource].Id} though it has not heard a majority for the dead time");
    }

    private void InspectMinorities(long now)
    {
        if (profile.Mode != SafetyMode.Quorum || profile.NoQuorum != NoQuorumPolicy.Stop || profile.Lies) return;
        for (var node = 0; node < nodes.Length; node++)
        {
            if (!hearing.Runs(node) || HasMajority(now, node, QuietLimit)) continue;
            if (!Holds(node))
            {
                coverage.Reach(CoverageMark.MinorityQuiet);
                continue;
            }

            if (nodes[node].Unresolved.AsSpan().Contains(true) || handsOff[node].Any) continue;
            Fail("S1c not quiet", now, $"{Name(node)} has heard no majority for "
                + $"{(QuietLimit + Micros.From(profile.Deadtime)) / Micros.Second} s and still holds something");
        }
    }

    private bool HasMajority(long now, int node, long longer)
    {
        var heard = 1;
        for (var other = 0; other < nodes.Length; other++)
        {
            if (other != node && !hearing.SilentLongerThan(now, node, other, longer)) heard++;
        }

        return 2 * heard > nodes.Length;
    }
}
