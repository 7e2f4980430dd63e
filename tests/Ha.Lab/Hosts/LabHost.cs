using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ha.Lab.Interop;

namespace Ha.Lab.Hosts;

/// <summary>
/// A host that is only an address on the network (client, gateway): programs run in the machine's own files.
/// </summary>
public class LabHost
{
    internal LabHost(Laboratory lab, string name, string address)
    {
        Lab = lab;
        Name = name;
        Address = address;
    }

    /// <summary>The lab it stands in.</summary>
    public Laboratory Lab { get; }

    /// <summary>Host name, for example <c>s1</c>.</summary>
    public string Name { get; }

    /// <summary>Its IPv4 address; the network is /24.</summary>
    public string Address { get; }

    /// <summary>Name of its network namespace.</summary>
    public string Namespace => $"{Lab.Id}-{Name}";

    /// <summary>Name of the switch port it hangs on.</summary>
    public string Port => "p-" + Name;

    /// <summary>Hardware address of its eth0, made from its IPv4 address.</summary>
    public string HardwareAddress =>
        "02:68:" + string.Join(':', Address.Split('.').Select(part => int.Parse(part).ToString("x2")));

    /// <summary>Prefix of a command line that runs it on this host.</summary>
    protected virtual string[] Enter => ["nsenter", "--net=/run/netns/" + Namespace, "--"];

    /// <summary>Runs a program on this host to its end; a non-zero exit is an error.</summary>
    public string Run(params string[] arguments) => Command.Run([.. Enter, .. arguments]);

    /// <summary>Runs a program on this host, however it ends.</summary>
    public CommandResult Try(params string[] arguments) => Command.Try([.. Enter, .. arguments]);

    /// <summary>Runs a program on this host, however it ends, for at most <paramref name="limit"/>.</summary>
    public CommandResult Try(TimeSpan limit, params string[] arguments) =>
        Command.Try([.. Enter, .. arguments], limit: limit);

    /// <summary>Starts a program on this host, streams redirected.</summary>
    internal Process Start(params string[] arguments) => Command.Start([.. Enter, .. arguments]);

    /// <summary>Sends one UDP datagram from this host.</summary>
    public void SendDatagram(string address, int port, ReadOnlySpan<byte> payload)
    {
        using var socket = NetworkNamespace.Run(Namespace,
            () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.SendTo(payload, new IPEndPoint(IPAddress.Parse(address), port));
    }

    /// <summary>The network namespace is there, and still empty.</summary>
    private protected virtual void BeforeFirstCable()
    {
    }

    internal void PlugIn()
    {
        Command.Run(["ip", "netns", "add", Namespace]);
        BeforeFirstCable();
        Command.Run(["ip", "link", "add", "name", "eth0", "netns", Namespace, "address", HardwareAddress,
            "type", "veth", "peer", "name", Port, "netns", Lab.Switch.Namespace]);
        NetworkNamespace.Run(Namespace, () =>
        {
            // Inherited as 1 from a machine that forwards: an ex-owner would pass on packets for the virtual address.
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "0");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
            File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "10000 65000");
            return 0;
        });
        Command.Run(["ip", "-n", Namespace, "-batch", "-"], $"""
            addr add {Address}/24 brd + dev eth0
            link set lo up
            link set eth0 up
            """);
        Lab.Switch.Connect(Port);
    }

    internal void Unplug()
    {
        // The port by name first: the kernel takes a namespace apart later, and the port with it.
        Command.Try(["ip", "-n", Lab.Switch.Namespace, "link", "del", Port]);
        Command.Try(["ip", "netns", "del", Namespace]);
    }
}
