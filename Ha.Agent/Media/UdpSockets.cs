using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ha.Agent.Interop;
using Ha.Core.Configuration;

namespace Ha.Agent.Media;

/// <summary>The two sockets of an open medium, and where it sends.</summary>
internal sealed unsafe class UdpSockets : IDisposable
{
    private const int LowDelay = 0x10;
    private const int ReceiveBuffer = 512 * 1024;
    private const int InterfaceNameLength = 16;

    private readonly MediumDefinition definition;

    private UdpSockets(MediumDefinition definition) => this.definition = definition;

    /// <summary>Bound to the port and the interface.</summary>
    public int Receiver { get; private set; } = -1;

    /// <summary>Bound to the interface; its port is any free one.</summary>
    public int Sender { get; private set; } = -1;

    /// <summary>The sockaddr that datagrams are sent to.</summary>
    public byte[] Destination { get; private set; } = [];

    /// <summary>Opens both sockets of a medium.</summary>
    /// <exception cref="MediumException">It cannot be opened; nothing is left open.</exception>
    public static UdpSockets Open(MediumDefinition definition)
    {
        var opened = new UdpSockets(definition);
        try
        {
            opened.OpenBoth();
            return opened;
        }
        catch (MediumException)
        {
            opened.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (Receiver >= 0) _ = Libc.Close(Receiver);
        if (Sender >= 0) _ = Libc.Close(Sender);
        Receiver = Sender = -1;
    }

    /// <summary>Fills the name of a <c>struct ifreq</c>.</summary>
    public static void WriteInterfaceName(string name, Span<byte> request)
    {
        request.Clear();
        var bytes = Encoding.UTF8.GetBytes(name);
        bytes.AsSpan(0, Math.Min(bytes.Length, InterfaceNameLength - 1)).CopyTo(request);
    }

    private void OpenBoth()
    {
        var (host, port) = Target();
        var six = host.AddressFamily == AddressFamily.InterNetworkV6;
        var family = six ? Libc.InterNetwork6 : Libc.InterNetwork;
        Sender = NewSocket(family);
        Receiver = NewSocket(family);
        var index = InterfaceIndex();
        if (definition is BroadcastMedium) host = BroadcastAddress();
        Destination = RawSocketAddress.Of(host, port, six ? index : 0);

        Require(SetTypeOfService(Sender, six), "set low delay");
        Require(Libc.SetOption(Receiver, Libc.SocketLevel, Libc.ReuseAddress, 1), "share the port");
        Require(Libc.SetOption(Receiver, Libc.SocketLevel, Libc.ReusePort, 1), "share the port");
        var forced = Libc.SetOption(Receiver, Libc.SocketLevel, Libc.ReceiveBufferForce, ReceiveBuffer);
        if (forced != Errno.None)
            Require(Libc.SetOption(Receiver, Libc.SocketLevel, Libc.ReceiveBuffer, ReceiveBuffer), "size the buffer");
        if (six) Require(Libc.SetOption(Receiver, Libc.Ip6, Libc.Ip6Only, 1), "leave IPv4 alone");
        Require(
            six
                ? Libc.SetOption(Receiver, Libc.Ip6, Libc.Ip6ReceivePacketInfo, 1)
                : Libc.SetOption(Receiver, Libc.Ip, Libc.IpPacketInfo, 1),
            "ask for destination addresses");

        var local = six ? IPAddress.IPv6Any : IPAddress.Any;
        switch (definition)
        {
            case BroadcastMedium:
                Require(Libc.SetOption(Sender, Libc.SocketLevel, Libc.Broadcast, 1), "allow broadcast");
                Require(Libc.SetOption(Sender, Libc.SocketLevel, Libc.DontRoute, 1), "stay on the link");
                break;
            case MulticastMedium multicast:
                local = host;
                PrepareMulticast(multicast, host, index);
                break;
            default:
                break;
        }

        Require(Libc.Bind(Receiver, RawSocketAddress.Of(local, port, six ? index : 0)), $"listen on port {port}");
    }

    private (IPAddress Host, int Port) Target() => definition switch
    {
        UnicastMedium unicast => (Address(unicast.Peer), unicast.Port),
        BroadcastMedium broadcast => (IPAddress.Broadcast, broadcast.Port),
        MulticastMedium multicast => (Address(multicast.Group), multicast.Port),
        _ => throw new MediumException($"{definition}: not a UDP medium"),
    };

    private IPAddress Address(string text) => IPAddress.TryParse(text, out var address)
        ? address
        : throw new MediumException($"{definition}: '{text}' is not an IP address; write one in ha.cf");

    private int NewSocket(int family)
    {
        const int type = Libc.Datagram | Libc.NonBlocking | Libc.SocketCloseOnExec;
        var descriptor = Libc.Socket(family, type, 0);
        if (descriptor < 0) Require(Marshal.GetLastPInvokeError(), "create a socket");
        Span<byte> name = stackalloc byte[InterfaceNameLength];
        WriteInterfaceName(definition.Interface, name);
        var errno = Libc.SetOption(descriptor, Libc.SocketLevel, Libc.BindToDevice, name);
        if (errno != Errno.None)
        {
            _ = Libc.Close(descriptor);
            Require(errno, "bind to the interface");
        }

        return descriptor;
    }

    private static int SetTypeOfService(int descriptor, bool six) => six
        ? Libc.SetOption(descriptor, Libc.Ip6, Libc.Ip6TrafficClass, LowDelay)
        : Libc.SetOption(descriptor, Libc.Ip, Libc.IpTypeOfService, LowDelay);

    private int InterfaceIndex() =>
        MemoryMarshal.Read<int>(Ask(Libc.GetInterfaceIndex, "find the interface").AsSpan(16));

    private IPAddress BroadcastAddress()
    {
        var address = new IPAddress(Ask(Libc.GetInterfaceBroadcast, "find the broadcast address").AsSpan(20, 4));
        if (address.Equals(IPAddress.Any)) Require(Errno.AddressNotAvailable, "find the broadcast address");
        return address;
    }

    private byte[] Ask(nuint question, string purpose)
    {
        var request = new byte[40];
        WriteInterfaceName(definition.Interface, request);
        fixed (byte* pointer = request)
        {
            if (Libc.Control(Sender, question, pointer) != 0) Require(Marshal.GetLastPInvokeError(), purpose);
        }

        return request;
    }

    private void PrepareMulticast(MulticastMedium multicast, IPAddress group, int index)
    {
        var loop = multicast.Loop ? 1 : 0;
        if (group.AddressFamily == AddressFamily.InterNetworkV6)
        {
            Span<byte> join6 = stackalloc byte[20];
            group.TryWriteBytes(join6, out _);
            MemoryMarshal.Write(join6[16..], index);
            Require(Libc.SetOption(Sender, Libc.Ip6, Libc.Ip6MulticastInterface, index), "choose the interface");
            Require(Libc.SetOption(Sender, Libc.Ip6, Libc.Ip6MulticastHops, multicast.Ttl), "set the hop limit");
            Require(Libc.SetOption(Sender, Libc.Ip6, Libc.Ip6MulticastLoop, loop), "set loop-back");
            Require(Libc.SetOption(Receiver, Libc.Ip6, Libc.Ip6MulticastAll, 0), "hear this group only");
            Require(Libc.SetOption(Receiver, Libc.Ip6, Libc.Ip6AddMembership, join6), "join the group");
            return;
        }

        Span<byte> join = stackalloc byte[12];
        join.Clear();
        group.TryWriteBytes(join, out _);
        MemoryMarshal.Write(join[8..], index);
        Require(Libc.SetOption(Sender, Libc.Ip, Libc.IpMulticastInterface, join), "choose the interface");
        Require(Libc.SetOption(Sender, Libc.Ip, Libc.IpMulticastTtl, multicast.Ttl), "set the time to live");
        Require(Libc.SetOption(Sender, Libc.Ip, Libc.IpMulticastLoop, loop), "set loop-back");
        Require(Libc.SetOption(Receiver, Libc.Ip, Libc.IpMulticastAll, 0), "hear this group only");
        Require(Libc.SetOption(Receiver, Libc.Ip, Libc.IpAddMembership, join), "join the group");
    }

    private void Require(int errno, string purpose)
    {
        if (errno == Errno.None) return;
        var link = definition.Interface;
        var advice = errno switch
        {
            Errno.NoDevice or Errno.NoDeviceAddress =>
                $"interface {link} does not exist: correct the line in ha.cf or create the interface",
            Errno.AddressNotAvailable =>
                $"interface {link} has no suitable address: give it one (ip addr add … dev {link})",
            Errno.OperationNotPermitted or Errno.AccessDenied =>
                "run as root or with CAP_NET_RAW and CAP_NET_BIND_SERVICE",
            _ => $"check interface {link} (ip addr show {link}) and the port's other users (ss -ulpn)",
        };
        throw new MediumException($"{definition}: cannot {purpose}: {Errno.Text(errno)}; {advice}", errno);
    }
}
