namespace Ha.Core.Configuration;

/// <summary>One medium line of ha.cf. <see cref="ToString"/> is the line as operators write it.</summary>
/// <param name="Interface">Network interface, or the tty of a serial line.</param>
public abstract record MediumDefinition(string Interface);

/// <summary><c>ucast IF ADDRESS</c>: UDP to one peer.</summary>
/// <param name="Interface">Interface that packets leave by and are accepted on.</param>
/// <param name="Peer">The peer's address in canonical text; may be this node's own (harmless).</param>
/// <param name="Port">UDP port (<c>udpport</c>).</param>
public sealed record UnicastMedium(string Interface, string Peer, int Port) : MediumDefinition(Interface)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Peer.Contains(':', StringComparison.Ordinal) ? "ucast6" : "ucast")} {Interface} {Peer}";
}

/// <summary><c>bcast IF</c>: UDP to the directed broadcast address of the interface.</summary>
/// <param name="Interface">Interface.</param>
/// <param name="Port">UDP port (<c>udpport</c>).</param>
public sealed record BroadcastMedium(string Interface, int Port) : MediumDefinition(Interface)
{
    /// <inheritdoc/>
    public override string ToString() => $"bcast {Interface}";
}

/// <summary><c>mcast IF GROUP PORT TTL LOOP</c>: UDP multicast.</summary>
/// <param name="Interface">Interface.</param>
/// <param name="Group">Multicast group in canonical text.</param>
/// <param name="Port">UDP port; independent of <c>udpport</c>.</param>
/// <param name="Ttl">Time to live, 0 to 4 (hops for IPv6).</param>
/// <param name="Loop">Whether this host hears its own packets.</param>
public sealed record MulticastMedium(string Interface, string Group, int Port, int Ttl, bool Loop)
    : MediumDefinition(Interface)
{
    /// <inheritdoc/>
    public override string ToString() =>
        (Group.Contains(':', StringComparison.Ordinal) ? "mcast6" : "mcast")
        + $" {Interface} {Group} {Port} {Ttl} {(Loop ? 1 : 0)}";
}
