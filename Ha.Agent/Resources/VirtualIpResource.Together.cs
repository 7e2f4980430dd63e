using System.Net;
using System.Net.Sockets;
using Ha.Agent.Interop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>
/// Addresses that are claimed or given back at once: one look at the kernel's table for all, one call for all changes;
/// each has its own answer.
/// </summary>
internal sealed partial class VirtualIpResource
{
    /// <summary>Carries out the same operation on several addresses.</summary>
    /// <param name="vips">The addresses.</param>
    /// <param name="kind">What to do.</param>
    /// <returns>The end of each, in their order.</returns>
    public OperationResult[] Run(ManagedAddress[] vips, OperationKind kind)
    {
        // The keeper holds one at a time, so nobody waits in a circle.
        foreach (var vip in vips) vip.Gate.Enter();
        try
        {
            return kind switch
            {
                OperationKind.Probe => [.. vips.Select(Probe)],
                OperationKind.Monitor => [.. vips.Select(Monitor)],
                OperationKind.Start => Start(vips),
                OperationKind.Stop => Stop(vips),
                OperationKind.Announce => [.. vips.Select(Announce)],
                OperationKind.Cancel or OperationKind.Fence =>
                    throw new ArgumentOutOfRangeException(nameof(kind), $"{kind} is nothing an address can do"),
            };
        }
        catch (NetlinkException failure)
        {
            return
            [
                .. vips.Select(vip => OperationResult.Failed($"{vip.Settings.Address}: {failure.Message}.")),
            ];
        }
        finally
        {
            foreach (var vip in vips) vip.Gate.Exit();
        }
    }

    private OperationResult[] Start(ManagedAddress[] vips)
    {
        var results = new OperationResult[vips.Length];
        var present = routes.ListAddresses();
        var claims = new List<(int Vip, VipClaim Claim, NetworkInterface Link)>();
        for (var i = 0; i < vips.Length; i++)
        {
            var address = vips[i].Settings.Address;
            if (present.Find(one => one.Address.Equals(address)) is { } here)
            {
                results[i] = StartPresent(vips[i], here);
                continue;
            }

            if (Claim(vips[i].Settings, address, out var link) is not { } claim || !link.Interface.IsUp)
            {
                results[i] = OperationResult.Failed(link.Problem.Length > 0 ? link.Problem
                    : $"{address} cannot be used: interface {link.Interface.Name} is down; "
                        + $"switch it on (ip link set {link.Interface.Name} up).");
                continue;
            }

            claims.Add((i, claim, link.Interface));
        }

        var errors = routes.AddAddresses([.. claims.Select(static one => one.Claim)]);
        for (var i = 0; i < errors.Length; i++)
        {
            var (vip, claim, link) = claims[i];
            results[vip] = StartAdded(vips[vip], claim, link, errors[i]);
        }

        // It matters when an address goes: nobody waits for it now.
        foreach (var name in claims.Where(static one => one.Claim.Address.AddressFamily == AddressFamily.InterNetwork)
            .Select(static one => one.Link.Name).Distinct()) KeepSecondaryAddresses(name);
        return results;
    }

    private OperationResult StartPresent(ManagedAddress vip, InterfaceAddress present)
    {
        Adopt(vip, present);
        return vip.Link is { } link
            ? Announced(link, vip.Settings)
            : OperationResult.Failed($"The interface that held {vip.Settings.Address} is gone.");
    }

    private OperationResult StartAdded(ManagedAddress vip, VipClaim claim, NetworkInterface link, int errno)
    {
        if (errno != Errno.None)
        {
            return OperationResult.Failed(
                $"{claim.Address}/{claim.PrefixLength} could not be added to {link.Name}: {Errno.Text(errno)}.");
        }

        Hold(vip, claim, link);
        return Announced(link, vip.Settings);
    }

    private OperationResult[] Stop(ManagedAddress[] vips)
    {
        foreach (var vip in vips)
        {
            // Before the address goes: an announcement after it would draw traffic to a node that refuses it.
            Silence(vip);
            vip.Release(AddressPhase.Absent);
        }

        return Remove([.. vips.Select(static vip => vip.Settings.Address)]);
    }

    private OperationResult[] Remove(IPAddress[] addresses)
    {
        var results = new OperationResult[addresses.Length];
        Array.Fill(results, OperationResult.Succeeded());
        var found = routes.ListAddresses().FindAll(one => addresses.Contains(one.Address));
        var errors = routes.RemoveAddresses(found);
        for (var i = 0; i < errors.Length; i++)
        {
            if (errors[i] is Errno.None or Errno.NoDevice) continue;
            var (address, name) = (found[i].Address, NameOf(found[i].InterfaceIndex));
            results[Array.IndexOf(addresses, address)] = OperationResult.Failed(
                $"{address}/{found[i].PrefixLength} could not be removed from {name}: {Errno.Text(errors[i])}.");
        }

        return results;
    }
}
