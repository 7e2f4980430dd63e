using System.Net;
using System.Net.Sockets;
using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>
/// <c>builtin:vip</c>: an address that this node takes and gives back. All operations end within a few system calls on
/// the caller's thread; only the repeats of an announcement come later.
/// </summary>
/// <param name="routes">The kernel's network tables; the caller's thread's own.</param>
/// <param name="announcer">Tells the neighbours.</param>
internal sealed partial class VirtualIpResource(RouteSocket routes, ArpAnnouncer announcer)
{
    /// <summary>Carries out one operation.</summary>
    /// <param name="vip">The address.</param>
    /// <param name="kind">What to do.</param>
    public OperationResult Run(ManagedAddress vip, OperationKind kind) => Run([vip], kind)[0];

    /// <summary>Where an address is; null when it is not on this host.</summary>
    public InterfaceAddress? Find(IPAddress address)
    {
        foreach (var found in routes.ListAddresses())
        {
            if (found.Address.Equals(address)) return found;
        }

        return null;
    }

    /// <summary>Where it would be put, and on which interface; null with the problem in words.</summary>
    public (VipClaim Claim, NetworkInterface Link)? Resolve(ManagedAddress vip, out string problem)
    {
        var claim = Claim(vip.Settings, vip.Settings.Address, out var link);
        problem = link.Problem;
        return claim is null ? null : (claim, link.Interface);
    }

    /// <summary>Puts an address back, or lets its lease begin anew.</summary>
    /// <returns>0, or the error number.</returns>
    public int Renew(ManagedAddress vip) => routes.Renew(vip.Renewal!);

    /// <summary>Announces a held address anew.</summary>
    public OperationResult AnnounceAgain(ManagedAddress vip) => Announced(vip.Link!, vip.Settings);

    /// <summary>Ends the announcements of an address.</summary>
    public void Silence(ManagedAddress vip) => announcer.Cancel(vip.Settings.Address);

    /// <summary>Takes an address from wherever it is.</summary>
    public OperationResult Remove(IPAddress address) => Remove([address])[0];

    /// <summary>The name of an interface.</summary>
    public string NameOf(int interfaceIndex) =>
        routes.FindInterface(interfaceIndex)?.Name ?? $"interface {interfaceIndex}";

    // Found at the start of an agent, it is what an earlier life has left: its lease goes on.
    private OperationResult Probe(ManagedAddress vip)
    {
        if (Find(vip.Settings.Address) is not { } found)
        {
            vip.Release(AddressPhase.Absent);
            return new(OperationOutcome.NotRunning, $"{vip.Settings.Address} is not on this host.");
        }

        if (vip.Phase != AddressPhase.Held) Adopt(vip, found);
        return OperationResult.Succeeded(
            $"{vip.Settings.Address}/{found.PrefixLength} is on {NameOf(found.InterfaceIndex)}.");
    }

    private OperationResult Monitor(ManagedAddress vip)
    {
        if (vip.Lost is { } lost) return new(OperationOutcome.NotRunning, lost);
        if (vip.LinkTrouble is { } trouble) return OperationResult.Failed(trouble);
        return Find(vip.Settings.Address) is null
            ? new(OperationOutcome.NotRunning, $"{vip.Settings.Address} is not on this host.")
            : OperationResult.Succeeded();
    }

    private void Adopt(ManagedAddress vip, InterfaceAddress found)
    {
        if (routes.FindInterface(found.InterfaceIndex) is not { } link) return;
        var settings = vip.Settings;
        var label = found.Label.Length > 0 && found.Label != link.Name ? found.Label : null;
        Hold(vip, new VipClaim(link.Index, settings.Address, found.PrefixLength, label,
            Broadcast(settings, settings.Address, found.PrefixLength), settings.LeaseSeconds), link);
        // What was put there for ever, or nearly runs out, begins its lease at once.
        if (vip.Renewal is not null) vip.NextRenewal = LoopClocks.Monotonic;
    }

    private void Hold(ManagedAddress vip, VipClaim claim, NetworkInterface link)
    {
        vip.Release(AddressPhase.Held);
        vip.Claim = claim;
        vip.Link = link;
        vip.Renewal = claim.LeaseSeconds == 0 ? null : routes.BuildRenewal(claim);
        vip.Renewed(LoopClocks.Monotonic);
    }

    private OperationResult Announce(ManagedAddress vip)
    {
        if (Find(vip.Settings.Address) is not { } found)
            return OperationResult.Failed($"{vip.Settings.Address} is not on this host, so it is not announced.");
        return routes.FindInterface(found.InterfaceIndex) is { } link
            ? Announced(link, vip.Settings)
            : OperationResult.Failed($"The interface that held {vip.Settings.Address} is gone.");
    }

    /// <summary>An address that cannot be announced is in service all the same: neighbours may ask for it.</summary>
    private OperationResult Announced(NetworkInterface link, VirtualIpSettings vip)
    {
        var rhythm = new AnnouncementRhythm(vip.AnnounceCount, vip.AnnounceInterval, vip.AnnounceRefresh);
        var errno = announcer.AnnounceNow(link, vip.Address, rhythm);
        if (errno != Errno.None)
        {
            return OperationResult.Succeeded(
                $"{vip.Address} is on {link.Name}, but could not be announced: {Errno.Text(errno)}.");
        }

        return OperationResult.Succeeded(
            link.HasCarrier ? "" : $"{vip.Address} is on {link.Name}, which has no carrier: check its cable.");
    }

    /// <summary>Completes what the configuration leaves open from the route that covers the address.</summary>
    private VipClaim? Claim(
        VirtualIpSettings vip, IPAddress address, out (NetworkInterface Interface, string Problem) link)
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
        return new VipClaim(
            found.Index, address, prefix, vip.Label, Broadcast(vip, address, prefix), vip.LeaseSeconds);
    }

    private static IPAddress? Broadcast(VirtualIpSettings vip, IPAddress address, int prefix)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork) return null;
        if (vip.Broadcast is { } given) return given;
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
}
