namespace Ha.Core.Heartbeat;

/// <summary>What became of a datagram. Everything but <see cref="Ok"/> is dropped and is no sign of life.</summary>
public enum DecodeResult
{
    /// <summary>Authentic and well formed.</summary>
    Ok,

    /// <summary>Longer than any UDP datagram can be.</summary>
    TooLarge,

    /// <summary>No bytes.</summary>
    Empty,

    /// <summary>Does not begin like a message of either form.</summary>
    NotAMessage,

    /// <summary>Begins like a message but is not one, or is a compressed one.</summary>
    Malformed,

    /// <summary>Signed with a key id that authkeys does not have.</summary>
    UnknownKey,

    /// <summary>Signed with a known key that is weaker than the active one.</summary>
    WeakKey,

    /// <summary>The signature is not that of the named key.</summary>
    Unauthentic,
}
