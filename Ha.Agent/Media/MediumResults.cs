namespace Ha.Agent.Media;

/// <summary>What one attempt to receive gave.</summary>
/// <param name="Status">What came.</param>
/// <param name="Length">Bytes in the buffer; 0 is a real, empty datagram when the status is <see
/// cref="ReceiveStatus.Datagram"/>.</param>
/// <param name="Source">The sender's address, IPv4 mapped into IPv6.</param>
/// <param name="ToAll">True when it was sent to a broadcast or multicast address.</param>
/// <param name="ErrorNumber">What the system said, for <see cref="ReceiveStatus.Failed"/>.</param>
internal readonly record struct Reception(
    ReceiveStatus Status, int Length = 0, UInt128 Source = default, bool ToAll = false, int ErrorNumber = 0);

/// <summary>What one attempt to receive gave.</summary>
internal enum ReceiveStatus
{
    /// <summary>A datagram, whole.</summary>
    Datagram = 0,

    /// <summary>Nothing more is waiting.</summary>
    Nothing = 1,

    /// <summary>A datagram larger than the buffer: its rest is lost, it cannot be authenticated.</summary>
    Oversized = 2,

    /// <summary>The socket reported an error, which it reports once; the medium may work on.</summary>
    Failed = 3,
}

/// <summary>How one attempt to send ended.</summary>
/// <param name="Status">How.</param>
/// <param name="ErrorNumber">What the system said; 0 when sent.</param>
internal readonly record struct SendResult(SendStatus Status, int ErrorNumber = 0);

/// <summary>How one attempt to send ended.</summary>
internal enum SendStatus
{
    /// <summary>Handed to the kernel.</summary>
    Sent = 0,

    /// <summary>This datagram is lost (buffer full, filtered, too long); the medium works.</summary>
    Lost = 1,

    /// <summary>The medium cannot send: reopen it.</summary>
    MediumFailed = 2,
}
