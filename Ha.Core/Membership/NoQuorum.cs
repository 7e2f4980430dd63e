using Ha.Core.Fencing;
using Ha.Core.Policy.Model;

namespace Ha.Core.Membership;

/// <summary>What a partition without quorum does under a no-quorum-policy.</summary>
public enum NoQuorumDemand
{
    /// <summary>Stop everything that needs quorum.</summary>
    StopAll = 0,

    /// <summary>Keep what runs; start and recover nothing.</summary>
    Freeze = 1,

    /// <summary>Act as if there were quorum.</summary>
    GoOn = 2,

    /// <summary>No longer pet the watchdog: every node of the partition resets itself.</summary>
    FenceSelf = 3,
}

/// <summary>
/// What a no-quorum-policy means in time (RELIABILITY.md S1c): by when the side without quorum is quiet (T_nq), and
/// when the side with quorum may recover what ran there.
/// </summary>
/// <param name="Demand">What the side without quorum does.</param>
/// <param name="QuietWithin">
/// T_nq, counted from the last proof of authority; null when nothing bounds it.
/// </param>
/// <param name="RecoverAfter">
/// How long after the last packet of a lost node its resources may be recovered without fencing it; null when only
/// fencing allows it, zero when nothing is waited for.
/// </param>
/// <param name="Sentence">The same for the operator.</param>
public sealed record NoQuorum(
    NoQuorumDemand Demand, TimeSpan? QuietWithin, TimeSpan? RecoverAfter, string Sentence)
{
    /// <summary>The meaning of a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="safety">Watchdog and authority; checked by <see cref="SelfFencing.Check"/>.</param>
    /// <param name="deadtime">Silence after which a node is lost.</param>
    public static NoQuorum Of(NoQuorumPolicy policy, SafetySettings safety, TimeSpan deadtime)
    {
        TimeSpan? quiet = safety.Watchdog is null
            ? null : SelfFencing.GoneWithin(safety.AuthorityValidity, safety.Watchdog);
        TimeSpan? recover = safety.Watchdog is null ? null : SelfFencing.TakeoverDelayOf(safety, deadtime);
        return policy switch
        {
            NoQuorumPolicy.Stop => new(NoQuorumDemand.StopAll, quiet, recover, quiet is { } bound
                ? $"a side without quorum stops everything; whatever does not stop is reset by its watchdog within "
                    + $"{SelfFencing.Text(bound)}, and the side with quorum recovers it after "
                    + SelfFencing.Text(recover!.Value)
                : "a side without quorum stops everything, as fast as its stops go; nothing enforces it, "
                    + "so the side with quorum recovers only what it has fenced"),
            NoQuorumPolicy.Freeze => new(NoQuorumDemand.Freeze, null, null,
                "a side without quorum keeps what runs and starts nothing; the side with quorum recovers only what "
                    + "it has fenced"),
            NoQuorumPolicy.Ignore => new(NoQuorumDemand.GoOn, null, TimeSpan.Zero,
                "a side without quorum acts as if it had it: without fencing, every side of a split serves"),
            NoQuorumPolicy.Fence when quiet is { } bound => new(NoQuorumDemand.FenceSelf, quiet, recover,
                $"the nodes of a side without quorum let their watchdogs reset them, within {SelfFencing.Text(bound)}; "
                    + $"the side with quorum recovers after {SelfFencing.Text(recover!.Value)}"),
            // Without a watchdog nobody can fence himself; stopping is the most that can be done.
            NoQuorumPolicy.Fence => new(NoQuorumDemand.StopAll, null, null,
                "a side without quorum stops everything: its nodes have no watchdog to reset them; the side with "
                    + "quorum recovers only what it has fenced"),
        };
    }
}
