using System.Net;

namespace Ha.Agent.Netlink;

/// <summary>A network interface as the kernel sees it now.</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Interface name.</param>
/// <param name="IsUp">Whether it is switched on (IFF_UP).</param>
/// <param name="HasCarrier">Whether its link works (IFF_LOWER_UP).</param>
/// <param name="IsLoopback">Whether it is the loopback interface.</param>
/// <param name="HardwareAddress">Ethernet address; empty when it has none.</param>
/// <param name="Kind">Which driver a virtual one has, such as <c>bond</c>; empty for hardware.</param>
/// <param name="AsksNeighbours">Whether neighbours are found by asking there (not IFF_NOARP).</param>
internal sealed record NetworkInterface(
    int Index, string Name, bool IsUp, bool HasCarrier, bool IsLoopback, ReadOnlyMemory<byte> HardwareAddress,
    string Kind = "", bool AsksNeighbours = true)
{
    /// <summary>Whether others on the same link can see who has an address there.</summary>
    public bool IsShared => this is
        { IsUp: true, HasCarrier: true, IsLoopback: false, AsksNeighbours: true, HardwareAddress.IsEmpty: false };

    /// <summary>Hardware address as <c>02:00:00:00:00:01</c>.</summary>
    public string HardwareText => NeighbourFrames.Text(HardwareAddress.Span);
}

/// <summary>An address on an interface of this host.</summary>
/// <param name="InterfaceIndex">Interface index.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Its prefix length.</param>
/// <param name="Label">IPv4 label such as <c>eth0:0</c>; empty when there is none.</param>
internal sealed record InterfaceAddress(int InterfaceIndex, IPAddress Address, int PrefixLength, string Label);

/// <summary>The route that the kernel would take to an address.</summary>
/// <param name="InterfaceIndex">Interface it leaves by.</param>
/// <param name="PrefixLength">Prefix length of the route.</param>
/// <param name="IsConnected">True when the destination is on the link itself: no gateway, not this host.</param>
internal sealed record RouteFound(int InterfaceIndex, int PrefixLength, bool IsConnected);

/// <summary>How an address is reached over one interface.</summary>
/// <param name="Neighbour">Whose hardware address is needed: the address itself, or the gateway to it.</param>
/// <param name="Source">The address of this host that packets to it come from.</param>
internal sealed record NextHop(IPAddress Neighbour, IPAddress Source);

/// <summary>An address to be put on an interface.</summary>
/// <param name="InterfaceIndex">Interface index.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Its prefix length.</param>
/// <param name="Label">IPv4 label, beginning with the interface's name; null: none.</param>
/// <param name="Broadcast">IPv4 broadcast address; null: none.</param>
/// <param name="LeaseSeconds">After this the kernel takes it away, unless it is renewed; 0: never.</param>
internal sealed record VipClaim(
    int InterfaceIndex, IPAddress Address, int PrefixLength, string? Label, IPAddress? Broadcast,
    uint LeaseSeconds = 0);
