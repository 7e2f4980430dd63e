using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>
/// Questions and orders to the kernel's network tables (rtnetlink), each answered at once: some 20 us for an address.
/// Used by one thread at a time. Orders answer 0 or the error number; questions that cannot be put throw.
/// </summary>
internal sealed unsafe partial class RouteSocket : IDisposable
{
    private const int RouteProtocol = 0;
    private const int AnswerBytes = 64 * 1024;
    private const int RequestBytes = 256;
    private const int DumpAttempts = 3;

    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort NewLink = 16;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;
    private const ushort GetAddress = 22;
    private const ushort NewRoute = 24;
    private const ushort GetRoute = 26;

    private const ushort Request = 0x01;
    private const ushort Acknowledge = 0x04;
    private const ushort DumpInterrupted = 0x10;
    private const ushort Replace = 0x100;
    private const ushort Exclusive = 0x200;
    private const ushort Dump = 0x300;
    private const ushort Create = 0x400;

    private const ushort AttributeAddress = 1;
    private const ushort AttributeLocal = 2;
    private const ushort AttributeLabel = 3;
    private const ushort AttributeBroadcast = 4;
    private const ushort AttributeLifetimes = 6;
    private const byte NoDuplicateDetection = 0x02;

    private const ushort LinkHardwareAddress = 1;
    private const ushort LinkName = 3;
    private const ushort LinkInformation = 18;
    private const ushort LinkKind = 1;
    private const uint LinkUp = 0x1;
    private const uint LinkLoopback = 0x8;
    private const uint LinkNoArp = 0x80;
    private const uint LinkLowerUp = 0x10000;

    private const ushort RouteDestination = 1;
    private const ushort RouteInterface = 4;
    private const ushort RouteGateway = 5;
    private const ushort RoutePreferredSource = 7;
    private const uint RouteFibMatch = 0x2000;
    private const byte RouteUnicast = 1;

    // Answers to orders have no body: nothing is ever added.
    private static readonly List<byte[]> NoBodies = [];

    private readonly byte[] answers = new byte[AnswerBytes];
    private readonly int descriptor;
    private uint sequence;

    /// <exception cref="NetlinkException">The kernel refuses a netlink socket.</exception>
    public RouteSocket()
    {
        descriptor = Libc.Socket(Libc.Netlink, Libc.Raw | Libc.SocketCloseOnExec, RouteProtocol);
        if (descriptor < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            throw new NetlinkException($"cannot open an rtnetlink socket: {Errno.Text(errno)}");
        }

        // The kernel answers within the sending call; the limit is for the day that it does not (struct timeval).
        Span<byte> limit = stackalloc byte[16];
        limit.Clear();
        MemoryMarshal.Write(limit[8..], 200_000L);
        var refused = Libc.SetOption(descriptor, Libc.SocketLevel, Libc.ReceiveTimeout, limit);
        if (refused != Errno.None)
            throw new NetlinkException($"cannot bound the wait on an rtnetlink socket: {Errno.Text(refused)}");
    }

    /// <summary>The request that lets the lease of an address begin anew, for <see cref="Renew"/>.</summary>
    public byte[] BuildRenewal(VipClaim claim)
    {
        const ushort flags = Request | Acknowledge | Create | Replace;
        return BuildChange(stackalloc byte[RequestBytes], NewAddress, flags, claim).ToArray();
    }

    /// <summary>
    /// Begins a lease anew, and puts the address there when it is gone. Allocates nothing. 0, or the error number.
    /// </summary>
    /// <param name="renewal">Of <see cref="BuildRenewal"/>.</param>
    public int Renew(byte[] renewal)
    {
        MemoryMarshal.Write(renewal.AsSpan(8), ++sequence);
        return Exchange(renewal, 0, NoBodies, out _);
    }

    /// <summary>All addresses of this host.</summary>
    /// <exception cref="NetlinkException">The kernel did not answer.</exception>
    public List<InterfaceAddress> ListAddresses()
    {
        Span<byte> fixedPart = stackalloc byte[8];
        fixedPart.Clear();
        var found = new List<InterfaceAddress>();
        const ushort flags = Request | Acknowledge | Dump;
        foreach (var body in Ask(GetAddress, flags, fixedPart, 0, default, NewAddress, "list addresses"))
        {
            if (ReadAddress(body) is { } address) found.Add(address);
        }

        return found;
    }

    /// <summary>An interface by name; null when there is none of that name.</summary>
    public NetworkInterface? FindInterface(string name)
    {
        Span<byte> fixedPart = stackalloc byte[16];
        fixedPart.Clear();
        Span<byte> value = stackalloc byte[64];
        var length = Encoding.UTF8.GetBytes(name.AsSpan(0, Math.Min(name.Length, 15)), value);
        value[length] = 0;
        return Interface(fixedPart, LinkName, value[..(length + 1)]);
    }

    /// <summary>An interface by index; null when there is none.</summary>
    public NetworkInterface? FindInterface(int index)
    {
        Span<byte> fixedPart = stackalloc byte[16];
        fixedPart.Clear();
        MemoryMarshal.Write(fixedPart[4..], index);
        return Interface(fixedPart, 0, default);
    }

    /// <summary>The route that covers an address; null when there is none.</summary>
    public RouteFound? FindRoute(IPAddress address)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        var bytes = address.GetAddressBytes();
        fixedPart[0] = Family(address);
        fixedPart[1] = (byte)(bytes.Length * 8);
        MemoryMarshal.Write(fixedPart[8..], RouteFibMatch);
        var body = Ask(GetRoute, Request | Acknowledge, fixedPart, RouteDestination, bytes, NewRoute, "look up a route")
            .FirstOrDefault();
        if (body is null) return null;
        var attributes = body.AsSpan(12);
        var outgoing = NetlinkMessage.Find(attributes, RouteInterface);
        if (outgoing.Length != 4) return null;
        var direct = NetlinkMessage.Find(attributes, RouteGateway).IsEmpty && body[7] == RouteUnicast && body[1] > 0;
        return new RouteFound(MemoryMarshal.Read<int>(outgoing), body[1], direct);
    }

    /// <summary>
    /// The way to an address by a certain interface: who must be asked for on the link, and as whom. Null when there is
    /// none, or when the address is this host's own.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel did not answer.</exception>
    public NextHop? FindNextHop(IPAddress address, int interfaceIndex)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        fixedPart.Clear();
        var bytes = address.GetAddressBytes();
        fixedPart[0] = Family(address);
        fixedPart[1] = (byte)(bytes.Length * 8);
        Span<byte> index = stackalloc byte[4];
        MemoryMarshal.Write(index, interfaceIndex);
        var body = Ask(GetRoute, Request | Acknowledge, fixedPart, RouteDestination, bytes, NewRoute, "look up a route",
            RouteInterface, index).FirstOrDefault();
        if (body is null || body[7] != RouteUnicast) return null;
        var attributes = body.AsSpan(12);
        var source = NetlinkMessage.Find(attributes, RoutePreferredSource);
        if (source.Length != bytes.Length) return null;
        var gateway = NetlinkMessage.Find(attributes, RouteGateway);
        return new NextHop(gateway.Length == bytes.Length ? new IPAddress(gateway) : address, new IPAddress(source));
    }

    public void Dispose() => _ = Libc.Close(descriptor);

    private static byte Family(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? (byte)Libc.InterNetwork : (byte)Libc.InterNetwork6;

    private static string Text(ReadOnlySpan<byte> zeroTerminated) =>
        Encoding.UTF8.GetString(zeroTerminated.TrimEnd((byte)0));

    private ReadOnlySpan<byte> BuildChange(Span<byte> buffer, ushort type, ushort flags, VipClaim claim)
    {
        Span<byte> fixedPart = stackalloc byte[8];
        fixedPart.Clear();
        fixedPart[0] = Family(claim.Address);
        fixedPart[1] = (byte)claim.PrefixLength;
        var six = claim.Address.AddressFamily == AddressFamily.InterNetworkV6;
        if (six) fixedPart[2] = NoDuplicateDetection;
        MemoryMarshal.Write(fixedPart[4..], claim.InterfaceIndex);

        var request = new NetlinkMessage(buffer, type, flags, ++sequence, fixedPart);
        var address = claim.Address.GetAddressBytes();
        request.Add(AttributeLocal, address);
        request.Add(AttributeAddress, address);
        if (claim.Label is { } label && !six) request.Add(AttributeLabel, Encoding.UTF8.GetBytes(label + '\0'));
        if (claim.Broadcast is { } broadcast && !six) request.Add(AttributeBroadcast, broadcast.GetAddressBytes());
        if (claim.LeaseSeconds > 0 && type == NewAddress)
        {
            // struct ifa_cacheinfo: preferred and valid seconds, two stamps
            Span<byte> lifetimes = stackalloc byte[16];
            lifetimes.Clear();
            MemoryMarshal.Write(lifetimes, claim.LeaseSeconds);
            MemoryMarshal.Write(lifetimes[4..], claim.LeaseSeconds);
            request.Add(AttributeLifetimes, lifetimes);
        }

        return request.Finish();
    }

    private NetworkInterface? Interface(ReadOnlySpan<byte> fixedPart, ushort attribute, ReadOnlySpan<byte> value)
    {
        var body = Ask(GetLink, Request | Acknowledge, fixedPart, attribute, value, NewLink, "look up an interface")
            .FirstOrDefault();
        return body is null ? null : ReadLink(body);
    }

    /// <summary>Reads the body of a message about an address; null when it holds none.</summary>
    internal static InterfaceAddress? ReadAddress(ReadOnlySpan<byte> body)
    {
        var attributes = body[8..];
        var address = NetlinkMessage.Find(attributes, AttributeLocal);
        if (address.IsEmpty) address = NetlinkMessage.Find(attributes, AttributeAddress);
        return address.Length is 4 or 16
            ? new InterfaceAddress(MemoryMarshal.Read<int>(body[4..]), new IPAddress(address), body[1],
                Text(NetlinkMessage.Find(attributes, AttributeLabel)))
            : null;
    }

    /// <summary>Reads interface and gateway from the body of a message about a route.</summary>
    internal static (int InterfaceIndex, IPAddress? Gateway)? ReadRoute(ReadOnlySpan<byte> body)
    {
        var attributes = body[12..];
        var outgoing = NetlinkMessage.Find(attributes, RouteInterface);
        if (outgoing.Length != 4) return null;
        var gateway = NetlinkMessage.Find(attributes, RouteGateway);
        return (MemoryMarshal.Read<int>(outgoing), gateway.Length is 4 or 16 ? new IPAddress(gateway) : null);
    }

    /// <summary>Reads the body of a message about an interface.</summary>
    internal static NetworkInterface ReadLink(ReadOnlySpan<byte> body)
    {
        var attributes = body[16..];
        var flags = MemoryMarshal.Read<uint>(body[8..]);
        var hardware = NetlinkMessage.Find(attributes, LinkHardwareAddress);
        var kind = NetlinkMessage.Find(NetlinkMessage.Find(attributes, LinkInformation), LinkKind);
        return new NetworkInterface(
            MemoryMarshal.Read<int>(body[4..]), Text(NetlinkMessage.Find(attributes, LinkName)),
            (flags & LinkUp) != 0, (flags & LinkLowerUp) != 0, (flags & LinkLoopback) != 0,
            hardware.Length == 6 ? hardware.ToArray() : default(ReadOnlyMemory<byte>), Text(kind),
            (flags & LinkNoArp) == 0);
    }
}
