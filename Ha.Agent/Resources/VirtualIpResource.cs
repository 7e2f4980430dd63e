using System.Net;
using System.Net.Sockets;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>builtin:vip</c>: an address that this node takes and gives back. All operations end within a few system calls on
/// the caller's thread; only the repeats of an announcement come later.
/// </summary>
/// <param name="routes">The kernel's network tables.</param>
/// <param name="announcer">Tells the neighbours.</param>
internal sealed class VirtualIpResource(RouteSocket routes, ArpAnnouncer announcer)
{
    /// <summary>Carries out one operation.</summary>
    /// <param name="vip">The address as configured.</param>
    /// <param name="kind">What to do.</param>
    public OperationResult Run(VirtualIp vip, OperationKind kind)
    {
        if (!IPAddress.TryParse(vip.Address, out var address))
            return OperationResult.Failed($"'{vip.Address}' is not an IP address; correct it in haresources.");
        try
        {
            return kind switch
            {
                OperationKind.Probe or OperationKind.Monitor => Probe(address),
                OperationKind.Start => Start(vip, address),
                OperationKind.Stop => Stop(address),
                OperationKind.Announce => Announce(address),
                OperationKind.Cancel or OperationKind.Fence =>
                    throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is nothing an address can do"),
            };
        }
        catch (NetlinkException failure)
        {
            return OperationResult.Failed($"{address}: {failure.Message}.");
        }
    }

    private OperationResult Probe(IPAddress address) => Find(address) is { } found
        ? OperationResult.Succeeded($"{address}/{found.PrefixLength} is on {NameOf(found.InterfaceIndex)}.")
        : new(OperationOutcome.NotRunning, $"{address} is not on this host.");

    private OperationResult Start(VirtualIp vip, IPAddress address)
    {
        if (Find(address) is { } present) return AnnounceOn(present.InterfaceIndex, address);
        if (Claim(vip, address, out var link) is not { } claim) return OperationResult.Failed(link.Problem);
        if (!link.Interface.IsUp)
        {
            return OperationResult.Failed(
                $"{address} cannot be used: interface {link.Interface.Name} is down; "
                + $"switch it on (ip link set {link.Interface.Name} up).");
        }

        if (address.AddressFamily == AddressFamily.InterNetwork) KeepSecondaryAddresses(link.Interface.Name);
        var errno = routes.AddAddress(claim);
        return errno == Errno.None
            ? Announced(link.Interface, address)
            : OperationResult.Failed(
                $"{address}/{claim.PrefixLength} could not be added to {link.Interface.Name}: {Errno.Text(errno)}.");
    }

    private OperationResult Stop(IPAddress address)
    {
        // Before the address goes: an announcement after it would draw traffic to a node that refuses it.
        announcer.Cancel(address);
        foreach (var found in routes.ListAddresses().Where(found => found.Address.Equals(address)))
        {
            var errno = routes.RemoveAddress(found);
            if (errno is Errno.None or Errno.NoDevice) continue;
            return OperationResult.Failed(
                $"{address}/{found.PrefixLength} could not be removed from {NameOf(found.InterfaceIndex)}: "
                + $"{Errno.Text(errno)}.");
        }

        return OperationResult.Succeeded();
    }

    private OperationResult Announce(IPAddress address) => Find(address) is { } found
        ? AnnounceOn(found.InterfaceIndex, address)
        : OperationResult.Failed($"{address} is not on this host, so it is not announced.");

    private OperationResult AnnounceOn(int interfaceIndex, IPAddress address) =>
        routes.FindInterface(interfaceIndex) is { } link
            ? Announced(link, address)
            : OperationResult.Failed($"The interface that held {address} is gone.");

    /// <summary>An address that cannot be announced is in service all the same: neighbours may ask for it.</summary>
    private OperationResult Announced(NetworkInterface link, IPAddress address)
    {
        var errno = announcer.AnnounceNow(link, address);
        if (errno != Errno.None)
        {
            return OperationResult.Succeeded(
                $"{address} is on {link.Name}, but could not be announced: {Errno.Text(errno)}.");
        }

        return OperationResult.Succeeded(
            link.HasCarrier ? "" : $"{address} is on {link.Name}, which has no carrier: check its cable.");
    }

    private InterfaceAddress? Find(IPAddress address)
    {
        foreach (var found in routes.ListAddresses())
        {
            if (found.Address.Equals(address)) return found;
        }

        return null;
    }

    /// <summary>Completes what the configuration leaves open from the route that covers the address.</summary>
    private VipClaim? Claim(VirtualIp vip, IPAddress address, out (NetworkInterface Interface, string Problem) link)
    {
        link = (null!, "");
        RouteFound? route = null;
        if (vip.Interface is null || vip.PrefixLength is null)
        {
            route = routes.FindRoute(address);
            if (route is null or { IsConnected: false })
            {
                link.Problem = $"No network of this host covers {address}: name prefix and interface "
                    + $"({address}/24/eth0), or give the host an address in that network.";
                return null;
            }
        }

        var found = vip.Interface is { } name
            ? routes.FindInterface(name)
            : routes.FindInterface(route!.InterfaceIndex);
        if (found is null)
        {
            link.Problem = $"Interface {vip.Interface ?? "of the route"} for {address} does not exist on this host.";
            return null;
        }

        if (route is not null && route.InterfaceIndex != found.Index)
        {
            link.Problem = $"{address} belongs to the network on {NameOf(route.InterfaceIndex)}, not on {found.Name}: "
                + $"correct the interface, or name the prefix as well ({address}/24/{found.Name}).";
            return null;
        }

        link.Interface = found;
        var prefix = vip.PrefixLength ?? route!.PrefixLength;
        return new VipClaim(found.Index, address, prefix, vip.Label, Broadcast(vip, address, prefix));
    }

    private static IPAddress? Broadcast(VirtualIp vip, IPAddress address, int prefix)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork) return null;
        if (IPAddress.TryParse(vip.Broadcast, out var given)) return given;
        if (prefix > 30) return null;
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < 32; bit++) bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(bytes);
    }

    /// <summary>
    /// Without this setting the kernel removes all other addresses of a subnet together with its first one: giving back
    /// one virtual address would take away the others.
    /// </summary>
    private static void KeepSecondaryAddresses(string interfaceName)
    {
        try
        {
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{interfaceName}/promote_secondaries", "1");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Read-only /proc (containers): then the host's own setting stands, and the start is worth more.
        }
    }

    private string NameOf(int interfaceIndex) =>
        routes.FindInterface(interfaceIndex)?.Name ?? $"interface {interfaceIndex}";
}
