using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Membership;

/// <summary>One medium over which one peer is heard. Any authentic packet of the peer keeps it up.</summary>
public sealed class Link
{
    /// <summary>State as last judged.</summary>
    public LinkState State { get; private set; }

    /// <summary>When a packet last came in, moved forward by this node's own pauses.</summary>
    public MonotonicTime LastHeard { get; private set; }

    /// <summary>Wall clock when a packet last came in; 0 when never.</summary>
    public long LastHeardUnixMs { get; private set; }

    /// <summary>Packets accepted over it.</summary>
    public long Packets { get; private set; }

    /// <summary>A packet of the peer came in.</summary>
    /// <returns>True when the link was not up before.</returns>
    public bool Heard(ClusterTime now)
    {
        LastHeard = now.Monotonic;
        LastHeardUnixMs = now.UnixMilliseconds;
        Packets++;
        var cameUp = State is not (LinkState.Up or LinkState.Late);
        State = LinkState.Up;
        return cameUp;
    }

    /// <summary>This node did not run for a while: silence during it does not count.</summary>
    public void ForgivePause(TimeSpan gap, MonotonicTime now)
    {
        if (Packets > 0) LastHeard = MonotonicTime.Min(now, LastHeard + gap);
    }

    /// <summary>Judges silence.</summary>
    /// <returns>True when the state changed.</returns>
    public bool Judge(MonotonicTime now, TimeSpan warntime, TimeSpan deadtime, MonotonicTime graceEnd)
    {
        var before = State;
        if (Packets == 0)
        {
            if (now >= graceEnd) State = LinkState.Dead;
        }
        else
        {
            var silence = now - LastHeard;
            State = silence > deadtime ? LinkState.Dead : silence > warntime ? LinkState.Late : LinkState.Up;
        }

        return State != before;
    }

    /// <summary>When silence will change the state next.</summary>
    public MonotonicTime NextJudgement(TimeSpan warntime, TimeSpan deadtime, MonotonicTime graceEnd)
    {
        if (State == LinkState.Dead) return MonotonicTime.Never;
        if (Packets == 0) return graceEnd;
        // Judgement is "longer than": one microsecond later it is true.
        var limit = State == LinkState.Late || warntime > deadtime ? deadtime : warntime;
        return LastHeard + limit + TimeSpan.FromMicroseconds(1);
    }
}
