using System.Collections.Immutable;
using System.Net;
using Ha.Agent.Interop;
using Ha.Core.Configuration;
using Ha.Core.Time;

namespace Ha.Agent.Netlink;

/// <summary>
/// Asks the link for the peers that have fallen silent (ARP, neighbour solicitation). The kernel gives a neighbour that
/// does not answer up, and asks for it only once a second from then on: after a network was cut and has healed,
/// one side would hear the other while its own packets still wait for an address, and be taken for a one-way link. One
/// question that arrives teaches both kernels.
/// </summary>
/// <remarks>
/// Belongs to the heartbeat loop's thread. Allocates nothing but when a silence begins, and then once in
/// <see cref="RefreshInterval"/>, to look up the way to the peer again.
/// </remarks>
internal sealed class PeerSolicitor : IDisposable
{
    /// <summary>How often the way to a silent peer is looked up.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a silence counts as new: questions, like heartbeats, go out four times as often then.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly RouteSocket routes;
    private readonly FrameSocket socket = new("ARP requests");
    private readonly ImmutableArray<PeerOnMedium?> peers;
    private readonly TimeSpan interval;
    private readonly TimeSpan patience;

    /// <param name="media">The media in the order of ha.cf; only the unicast ones have a peer to ask for.</param>
    /// <param name="keepalive">Time between two heartbeats.</param>
    /// <param name="routes">The kernel's network tables.</param>
    /// <exception cref="NetlinkException">The kernel refuses a packet socket.</exception>
    public PeerSolicitor(ImmutableArray<MediumDefinition> media, TimeSpan keepalive, RouteSocket routes)
    {
        this.routes = routes;
        interval = keepalive < ShortestInterval ? ShortestInterval
            : keepalive > LongestInterval ? LongestInterval : keepalive;
        patience = keepalive * 2;
        peers =
        [
            .. media.Select(medium => medium is UnicastMedium unicast && IPAddress.TryParse(unicast.Peer, out var peer)
                ? new PeerOnMedium(unicast.Interface, peer)
                : null),
        ];
    }

    /// <summary>A datagram came in over this medium.</summary>
    public void Heard(int medium, MonotonicTime now)
    {
        if (peers[medium] is not { } peer) return;
        // It comes from a silence: its kernel knows us, and ours shall know it before the next heartbeat goes out.
        if (peer.Silent && peer.Frame is not null) _ = socket.Send(peer.InterfaceIndex, peer.Frame);
        peer.Silent = false;
        peer.LastHeard = now;
    }

    /// <summary>Asks for whoever is silent and due. To be called at each wake of the loop.</summary>
    public void AskForSilent(MonotonicTime now)
    {
        foreach (var peer in peers)
        {
            if (peer is null || now - peer.LastHeard < patience) continue;
            if (!peer.Silent)
            {
                peer.Silent = true;
                peer.SilentSince = peer.NextRefresh = peer.NextQuestion = now;
            }

            if (now < peer.NextQuestion) continue;
            peer.NextQuestion = now + (now - peer.SilentSince < Fresh ? interval / 4 : interval);
            if (now >= peer.NextRefresh)
            {
                peer.NextRefresh = now + RefreshInterval;
                LookUp(peer);
            }

            // What cannot be sent now is asked again soon; the medium itself reports that it is out.
            if (peer.Frame is not null) _ = socket.Send(peer.InterfaceIndex, peer.Frame);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private void LookUp(PeerOnMedium peer)
    {
        peer.Frame = null;
        try
        {
            if (routes.FindInterface(peer.Interface) is not { IsUp: true, IsLoopback: false } link
                || link.HardwareAddress.IsEmpty
                || routes.FindNextHop(peer.Address, link.Index) is not { } hop) return;
            peer.InterfaceIndex = link.Index;
            peer.Frame = NeighbourFrames.Question(link.HardwareAddress.Span, hop.Source, hop.Neighbour);
        }
        catch (NetlinkException)
        {
            // The kernel does not answer in time: the heartbeat does not depend on this, and it is tried again.
        }
    }

    private sealed class PeerOnMedium(string interfaceName, IPAddress address)
    {
        public string Interface { get; } = interfaceName;

        public IPAddress Address { get; } = address;

        public MonotonicTime LastHeard { get; set; }

        public bool Silent { get; set; }

        public MonotonicTime SilentSince { get; set; }

        public MonotonicTime NextQuestion { get; set; }

        public MonotonicTime NextRefresh { get; set; }

        public int InterfaceIndex { get; set; }

        public byte[]? Frame { get; set; }
    }
}
