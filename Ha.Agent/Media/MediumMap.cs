using System.Collections.Immutable;
using System.Net;
using Ha.Agent.Interop;
using Ha.Core.Configuration;

namespace Ha.Agent.Media;

/// <summary>
/// Says which medium a datagram came over. Sockets of several <c>ucast</c> and <c>bcast</c> lines of one interface
/// share one port; the kernel gives a unicast datagram to any one of them, and a broadcast to each. Without this a link
/// would look dead because its packets came in at its neighbour's socket. Pure; allocates nothing per datagram.
/// </summary>
internal sealed class MediumMap
{
    private readonly ImmutableArray<MediumDefinition> media;
    private readonly UInt128[] peers;

    /// <summary>Takes the media in the order of ha.cf.</summary>
    public MediumMap(ImmutableArray<MediumDefinition> media)
    {
        this.media = media;
        peers = [.. media.Select(medium =>
            medium is UnicastMedium unicast && IPAddress.TryParse(unicast.Peer, out var peer)
                ? RawSocketAddress.AddressOf(peer)
                : default)];
    }

    /// <summary>
    /// The medium that a datagram belongs to; -1: a copy that another medium's socket gets as well, to be ignored.
    /// </summary>
    /// <param name="receivedOn">Index of the medium whose socket gave it.</param>
    /// <param name="reception">What was received.</param>
    public int MediumOf(int receivedOn, in Reception reception)
    {
        if (media[receivedOn] is MulticastMedium) return receivedOn;
        var (place, port) = Place(media[receivedOn]);
        var others = receivedOn;
        for (var i = 0; i < media.Length; i++)
        {
            if (media[i] is MulticastMedium || Place(media[i]) != (place, port)) continue;
            if (reception.ToAll && media[i] is BroadcastMedium && media[receivedOn] is UnicastMedium) return -1;
            if (reception.ToAll || media[i] is not UnicastMedium) continue;
            if (peers[i] == reception.Source) return i;
            if (media[others] is BroadcastMedium) others = i;
        }

        return others;
    }

    private static (string Interface, int Port) Place(MediumDefinition medium) => medium switch
    {
        UnicastMedium unicast => (unicast.Interface, unicast.Port),
        BroadcastMedium broadcast => (broadcast.Interface, broadcast.Port),
        _ => (medium.Interface, 0),
    };
}
