using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Agent.Netlink;
using Ha.Agent.Resources;
using Ha.Core.Contracts;
using Ha.Core.Resources;

namespace Ha.Agent.Ocf;

/// <summary>
/// <c>ocf:haappliance:vip</c>: the virtual IP of this product, with the parameters of <c>ocf:heartbeat:IPaddr2</c>.
/// Each call is a process of its own, so nobody renews a lease: the address stays until it is stopped.
/// </summary>
internal static class VipAgent
{
    /// <summary>What the agent says about itself; valid by Debian's ra-api-1.dtd.</summary>
    public const string MetaData = """
        <?xml version="1.0"?>
        <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
        <resource-agent name="vip" version="1.0">
        <version>1.1</version>
        <longdesc lang="en">
        A virtual IP address, IPv4 or IPv6: added and removed over rtnetlink, announced to the neighbours by gratuitous
        ARP or unsolicited neighbour advertisements. Interface and prefix are found in the routing table when not set.
        </longdesc>
        <shortdesc lang="en">Virtual IP address of HaAppliance</shortdesc>
        <parameters>
        <parameter name="ip" unique="1" required="1">
        <longdesc lang="en">The address, for example 192.168.1.100 or 2001:db8::100.</longdesc>
        <shortdesc lang="en">IPv4 or IPv6 address</shortdesc>
        <content type="string"/>
        </parameter>
        <parameter name="cidr_netmask" unique="0" required="0">
        <longdesc lang="en">Prefix length, for example 24; that of the route to the address when not set.</longdesc>
        <shortdesc lang="en">Prefix length</shortdesc>
        <content type="integer"/>
        </parameter>
        <parameter name="nic" unique="0" required="0">
        <longdesc lang="en">Interface, for example eth0; that of the route to the address when not set.</longdesc>
        <shortdesc lang="en">Network interface</shortdesc>
        <content type="string"/>
        </parameter>
        <parameter name="iflabel" unique="0" required="0">
        <longdesc lang="en">Label behind the interface, for example 0 for eth0:0; IPv4 only, needs nic.</longdesc>
        <shortdesc lang="en">Interface label</shortdesc>
        <content type="string"/>
        </parameter>
        <parameter name="broadcast" unique="0" required="0">
        <longdesc lang="en">Broadcast address; the highest address of the network when not set.</longdesc>
        <shortdesc lang="en">Broadcast address</shortdesc>
        <content type="string"/>
        </parameter>
        </parameters>
        <actions>
        <action name="start" timeout="20s"/>
        <action name="stop" timeout="20s"/>
        <action name="monitor" depth="0" timeout="20s" interval="10s"/>
        <action name="validate-all" timeout="20s"/>
        <action name="meta-data" timeout="5s"/>
        </actions>
        </resource-agent>
        """;

    private const int LongestLabel = 15;

    /// <summary>
    /// The process that would repeat the announcement ends with the start: so it is repeated while it lasts.
    /// </summary>
    private const int Announcements = 2;

    private static readonly TimeSpan BetweenAnnouncements = TimeSpan.FromMilliseconds(100);

    /// <summary>Carries out an action.</summary>
    /// <param name="parameter">Value of a parameter by name; empty when it is not set.</param>
    /// <param name="kind">The action; null: only check the parameters.</param>
    public static OperationResult Run(Func<string, string> parameter, OperationKind? kind)
    {
        if (Address(parameter, out var vip) is { } wrong) return new(OperationOutcome.NotConfigured, wrong);
        if (kind is not { } action) return OperationResult.Succeeded();
        using var routes = new RouteSocket();
        using var announcer = new ArpAnnouncer();
        var resource = new VirtualIpResource(routes, announcer);
        var settings = new VirtualIpSettings
        {
            Address = IPAddress.Parse(vip.Address), PrefixLength = vip.PrefixLength, Interface = vip.Interface,
            Label = vip.Label, Broadcast = vip.Broadcast is { } text ? IPAddress.Parse(text) : null, LeaseSeconds = 0,
        };
        var managed = new ManagedAddress(vip.Address, settings);
        var result = resource.Run(managed, action);
        if (action != OperationKind.Start || result.Outcome != OperationOutcome.Succeeded) return result;
        for (var i = 0; i < Announcements; i++)
        {
            Thread.Sleep(BetweenAnnouncements);
            resource.Run(managed, OperationKind.Announce);
        }

        return result;
    }

    /// <summary>Reads the parameters; the answer is what is wrong with them, null when nothing is.</summary>
    private static string? Address(Func<string, string> parameter, out VirtualIp vip)
    {
        vip = new VirtualIp("", null, null, null, null);
        var (ip, nic, mask) = (parameter("ip"), parameter("nic"), parameter("cidr_netmask"));
        var (label, broadcast) = (parameter("iflabel"), parameter("broadcast"));
        if (ip.Length == 0) return "the parameter ip is required and not set";
        if (!IPAddress.TryParse(ip, out var address)) return $"ip '{ip}' is no IPv4 or IPv6 address";
        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        int? prefix = null;
        if (mask.Length > 0)
        {
            if (!int.TryParse(mask, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
                || bits < 1 || bits > (isV4 ? 32 : 128))
            {
                return $"cidr_netmask '{mask}' is no prefix length: write 24, not a dotted mask";
            }

            prefix = bits;
        }

        if (label.Length > 0 && (nic.Length == 0 || !isV4)) return "iflabel needs nic as well, and an IPv4 address";
        var full = label.Length > 0 ? $"{nic}:{label}" : null;
        if (full?.Length > LongestLabel) return $"the label '{full}' is longer than {LongestLabel} characters";
        if (broadcast.Length > 0 && (!IPAddress.TryParse(broadcast, out var highest)
            || highest.AddressFamily != AddressFamily.InterNetwork))
        {
            return $"broadcast '{broadcast}' is no IPv4 address";
        }

        vip = new VirtualIp(
            address.ToString(), prefix, nic.Length > 0 ? nic : null, full, broadcast.Length > 0 ? broadcast : null);
        return null;
    }
}
