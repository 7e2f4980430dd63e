namespace Ha.Core.Heartbeat;

/// <summary>What a message's generation and sequence number say about it (PROTOCOL.md 5.4).</summary>
public enum SequenceVerdict
{
    /// <summary>New: the next number, the first one heard of this node, or one behind a gap.</summary>
    Accept,

    /// <summary>A number that was missing: late, swapped on the way, or sent again. It is handled now.</summary>
    Recovered,

    /// <summary>Had lately: over another medium, or sent again. Says that a link works, and nothing more.</summary>
    Duplicate,

    /// <summary>Of an older generation than the node has shown: never a sign of life.</summary>
    Replay,

    /// <summary>Too old to be an accident, or of a node whose state must first be known from a status.</summary>
    Stale,

    /// <summary>A status of a higher generation: the node has restarted.</summary>
    Restart,

    /// <summary>A newer status of the same life of a node that was held for dead.</summary>
    HealedPartition,

    /// <summary>New, but so many numbers before it are missing that they are given up.</summary>
    TooManyLost,
}

/// <summary>Reads <see cref="SequenceVerdict"/>.</summary>
public static class SequenceVerdicts
{
    /// <summary>Whether a message with this verdict is handled. All others change no state.</summary>
    public static bool IsAccepted(this SequenceVerdict verdict) => verdict switch
    {
        SequenceVerdict.Accept or SequenceVerdict.Recovered or SequenceVerdict.Restart => true,
        SequenceVerdict.HealedPartition or SequenceVerdict.TooManyLost => true,
        SequenceVerdict.Duplicate or SequenceVerdict.Replay or SequenceVerdict.Stale => false,
    };
}
