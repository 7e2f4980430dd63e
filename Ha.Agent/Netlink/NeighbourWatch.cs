using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>A host on a link says that an address is its own.</summary>
/// <param name="InterfaceIndex">Where it was heard.</param>
/// <param name="Address">The address.</param>
/// <param name="HardwareAddress">Ethernet address of that host, 6 bytes.</param>
internal sealed record NeighbourClaim(int InterfaceIndex, IPAddress Address, byte[] HardwareAddress)
{
    /// <summary><c>02:00:00:00:00:99</c>.</summary>
    public string HardwareText => NeighbourFrames.Text(HardwareAddress);
}

/// <summary>Hears which addresses other hosts claim: senders of ARP packets, targets of neighbour advertisements.</summary>
internal sealed unsafe class NeighbourWatch : IDisposable
{
    private const int PacketLevel = 263;
    private const int IgnoreOutgoing = 23;
    private const int AttachFilter = 26;
    private const int BufferBytes = 2048;
    private const int ClaimsPerRead = 64;
    private const int NetworkHeader = NeighbourFrames.EthernetHeader;
    private const int Icmp6 = NetworkHeader + 40;

    private readonly byte[] buffer = new byte[BufferBytes];

    /// <summary>Readable when ARP packets wait; -1 while closed.</summary>
    public int Arp { get; private set; } = -1;

    /// <summary>Readable when neighbour advertisements wait; -1 while closed.</summary>
    public int Discovery { get; private set; } = -1;

    /// <summary>Begins to listen; does nothing when it does already.</summary>
    /// <exception cref="NetlinkException">The kernel refuses a packet socket.</exception>
    public void Open()
    {
        if (Arp >= 0) return;
        Arp = Open(NeighbourFrames.ArpProtocol);
        Discovery = Open(NeighbourFrames.Ip6Protocol);
        // Next header 58 (ICMPv6), type 136: as classic BPF, so that no other IPv6 packet wakes anybody.
        ReadOnlySpan<ulong> filter =
        [
            Instruction(0x30, 0, 0, NetworkHeader + 6), Instruction(0x15, 0, 3, 58), Instruction(0x30, 0, 0, Icmp6),
            Instruction(0x15, 0, 1, NeighbourFrames.NeighbourAdvertisement), Instruction(0x06, 0, 0, 0xFFFF),
            Instruction(0x06, 0, 0, 0),
        ];
        fixed (ulong* program = filter)
        {
            // struct sock_fprog
            Span<byte> request = stackalloc byte[16];
            request.Clear();
            MemoryMarshal.Write(request, (ushort)filter.Length);
            MemoryMarshal.Write(request[8..], (nint)program);
            Require(Libc.SetOption(Discovery, Libc.SocketLevel, AttachFilter, request));
        }
    }

    /// <summary>Stops listening.</summary>
    public void Close()
    {
        if (Arp >= 0) _ = Libc.Close(Arp);
        if (Discovery >= 0) _ = Libc.Close(Discovery);
        Arp = Discovery = -1;
    }

    /// <summary>Takes what waits, a bounded number at once.</summary>
    /// <param name="wanted">Whether an address, 4 or 16 bytes, is of interest.</param>
    /// <param name="claims">Receives claims of such addresses.</param>
    public void Read(Func<ReadOnlyMemory<byte>, bool> wanted, List<NeighbourClaim> claims)
    {
        for (var i = 0; i < ClaimsPerRead && Take(Arp, out var length, out var link); i++)
        {
            if (length < NetworkHeader + 28) continue;
            Consider(link, buffer.AsMemory(NetworkHeader + 14, 4), buffer.AsSpan(NetworkHeader + 8, 6), wanted, claims);
        }

        for (var i = 0; i < ClaimsPerRead && Take(Discovery, out var length, out var link); i++)
        {
            if (length < Icmp6 + 24) continue;
            // The option may be missing; the frame's own sender is as good.
            Consider(link, buffer.AsMemory(Icmp6 + 8, 16), buffer.AsSpan(6, 6), wanted, claims);
        }
    }

    public void Dispose() => Close();

    private static void Consider(
        int link, ReadOnlyMemory<byte> address, ReadOnlySpan<byte> mac, Func<ReadOnlyMemory<byte>, bool> wanted,
        List<NeighbourClaim> claims)
    {
        if (wanted(address)) claims.Add(new NeighbourClaim(link, new IPAddress(address.Span), mac.ToArray()));
    }

    private static ulong Instruction(ushort code, byte whenTrue, byte whenFalse, uint value) =>
        code | ((ulong)whenTrue << 16) | ((ulong)whenFalse << 24) | ((ulong)value << 32);

    private bool Take(int descriptor, out int length, out int link)
    {
        length = link = 0;
        if (descriptor < 0) return false;
        Span<byte> from = stackalloc byte[20];
        fixed (byte* data = buffer, name = from)
        {
            var vector = new IoVector { Base = data, Length = BufferBytes };
            var header = new MessageHeader { Name = name, NameLength = 20, Vectors = &vector, VectorCount = 1 };
            var got = Libc.ReceiveMessage(descriptor, &header, Libc.MessageDontWait);
            if (got < 0) return false;
            length = (int)got;
        }

        link = MemoryMarshal.Read<int>(from[4..]);
        return true;
    }

    private int Open(ushort protocol)
    {
        var order = BinaryPrimitives.ReverseEndianness(protocol);
        var descriptor = Libc.Socket(Libc.Packet, Libc.Raw | Libc.NonBlocking | Libc.SocketCloseOnExec, order);
        if (descriptor < 0) Require(Marshal.GetLastPInvokeError());
        // Kernels before 4.20 do not know this; then one's own frames are told apart by their sender.
        _ = Libc.SetOption(descriptor, PacketLevel, IgnoreOutgoing, 1);
        return descriptor;
    }

    private void Require(int errno)
    {
        if (errno == Errno.None) return;
        Close();
        throw new NetlinkException(
            $"cannot listen for address conflicts: {Errno.Text(errno)}; run as root or with CAP_NET_RAW");
    }
}
