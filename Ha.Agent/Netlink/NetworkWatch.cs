using System.Net;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>What the kernel said about the network.</summary>
internal enum NetworkChangeKind
{
    /// <summary>An interface is there, or something about it has changed.</summary>
    Link = 0,

    /// <summary>An interface is gone.</summary>
    LinkGone = 1,

    /// <summary>An address is there, or something about it has changed.</summary>
    Address = 2,

    /// <summary>An address is gone.</summary>
    AddressGone = 3,

    /// <summary>There is a default route.</summary>
    DefaultRoute = 4,

    /// <summary>A default route is gone.</summary>
    DefaultRouteGone = 5,

    /// <summary>More happened than the kernel could keep: everything is to be looked up again.</summary>
    Overrun = 6,
}

/// <summary>One change.</summary>
/// <param name="Kind">What changed.</param>
/// <param name="InterfaceIndex">The interface that it is about; 0 for an overrun.</param>
/// <param name="Link">The interface, for <see cref="NetworkChangeKind.Link"/>.</param>
/// <param name="Address">The address, or the gateway of a route; null when there is none.</param>
/// <param name="PrefixLength">Prefix length of the address.</param>
internal readonly record struct NetworkChange(
    NetworkChangeKind Kind, int InterfaceIndex, NetworkInterface? Link, IPAddress? Address, int PrefixLength);

/// <summary>Hears the kernel say what changes about interfaces, addresses and default routes (rtnetlink groups).</summary>
internal sealed unsafe class NetworkWatch : IDisposable
{
    private const uint Groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;
    private const int BufferBytes = 64 * 1024;
    private const int ReceiveBuffer = 1024 * 1024;

    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;
    private const ushort NewRoute = 24;
    private const ushort DeleteRoute = 25;
    private const byte MainTable = 254;

    private readonly byte[] buffer = new byte[BufferBytes];

    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public NetworkWatch()
    {
        Descriptor = Libc.Socket(Libc.Netlink, Libc.Raw | Libc.NonBlocking | Libc.SocketCloseOnExec, 0);
        if (Descriptor < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            throw new NetlinkException($"cannot open a socket for network events: {Errno.Text(errno)}");
        }

        // A storm of events that overruns this is noticed and made good.
        _ = Libc.SetOption(Descriptor, Libc.SocketLevel, Libc.ReceiveBufferForce, ReceiveBuffer);
        Span<byte> address = stackalloc byte[12];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Libc.Netlink);
        MemoryMarshal.Write(address[8..], Groups);
        var refused = Libc.Bind(Descriptor, address);
        if (refused == Errno.None) return;
        Dispose();
        throw new NetlinkException($"cannot listen for network events: {Errno.Text(refused)}");
    }

    /// <summary>For poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>Takes everything that waits; never waits itself.</summary>
    public void Read(List<NetworkChange> changes)
    {
        while (true)
        {
            nint length;
            int errno;
            fixed (byte* into = buffer)
            {
                length = Libc.Receive(Descriptor, into, BufferBytes, Libc.MessageDontWait);
                errno = length < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
            }

            if (errno == Errno.Interrupted) continue;
            if (errno == Errno.NoBufferSpace) changes.Add(new(NetworkChangeKind.Overrun, 0, null, null, 0));
            else if (errno != Errno.None) return;
            else Read(buffer.AsSpan(0, (int)length), changes);
        }
    }

    public void Dispose() => _ = Libc.Close(Descriptor);

    private static void Read(ReadOnlySpan<byte> datagram, List<NetworkChange> changes)
    {
        while (datagram.Length >= NetlinkMessage.HeaderLength)
        {
            var size = MemoryMarshal.Read<int>(datagram);
            if (size < NetlinkMessage.HeaderLength || size > datagram.Length) return;
            var type = MemoryMarshal.Read<ushort>(datagram[4..]);
            if (Understand(type, datagram[NetlinkMessage.HeaderLength..size]) is { } change) changes.Add(change);
            datagram = datagram[Math.Min(NetlinkMessage.Padded(size), datagram.Length)..];
        }
    }

    private static NetworkChange? Understand(ushort type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case NewLink or DeleteLink when body.Length >= 16:
                var link = RouteSocket.ReadLink(body);
                var kind = type == NewLink ? NetworkChangeKind.Link : NetworkChangeKind.LinkGone;
                return new(kind, link.Index, link, null, 0);
            case NewAddress or DeleteAddress when body.Length >= 8:
                return RouteSocket.ReadAddress(body) is { } found
                    ? new(type == NewAddress ? NetworkChangeKind.Address : NetworkChangeKind.AddressGone,
                        found.InterfaceIndex, null, found.Address, found.PrefixLength)
                    : null;
            case NewRoute or DeleteRoute when body.Length >= 12 && body[1] == 0 && body[4] == MainTable:
                return RouteSocket.ReadRoute(body) is { } route
                    ? new(type == NewRoute ? NetworkChangeKind.DefaultRoute : NetworkChangeKind.DefaultRouteGone,
                        route.InterfaceIndex, null, route.Gateway, 0)
                    : null;
            default:
                return null;
        }
    }
}
