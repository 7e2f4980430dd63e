using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ha.Agent.Netlink;

/// <summary>
/// Ethernet frames of ARP (RFC 826, RFC 5227) and of IPv6 neighbour discovery (RFC 4861), whole and ready to be sent.
/// </summary>
internal static class NeighbourFrames
{
    public const ushort ArpProtocol = 0x0806;
    public const ushort Ip6Protocol = 0x86DD;

    public const ushort ArpRequest = 1;
    public const ushort ArpReply = 2;

    public const byte NeighbourSolicitation = 135;
    public const byte NeighbourAdvertisement = 136;

    /// <summary>Where an ARP packet begins in its frame, and an IPv6 header.</summary>
    public const int EthernetHeader = 14;

    private const int ShortestFrame = 60;
    private const int Ip6Header = 40;
    private const byte Icmp6 = 58;
    private const byte OverrideFlag = 0x20;
    private const byte SourceLinkLayerOption = 1;
    private const byte TargetLinkLayerOption = 2;

    /// <summary>
    /// Asks who has an address. Whoever has it learns the asker's own hardware address as well.
    /// </summary>
    /// <param name="mac">Ethernet address of the sending interface, 6 bytes.</param>
    /// <param name="source">An address of the sending interface.</param>
    /// <param name="target">The address that is looked for.</param>
    public static byte[] Question(ReadOnlySpan<byte> mac, IPAddress source, IPAddress target) =>
        target.AddressFamily == AddressFamily.InterNetwork
            ? Arp(mac, ArpRequest, source, target)
            : Solicitation(mac, source, target);

    /// <summary>
    /// Asks whether anybody has an address, without claiming it: sender 0.0.0.0 (RFC 5227 2.1.1) or the unspecified
    /// address (RFC 4862 5.4.2).
    /// </summary>
    public static byte[] Probe(ReadOnlySpan<byte> mac, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? Arp(mac, ArpRequest, IPAddress.Any, address)
            : Solicitation(mac, IPAddress.IPv6Any, address);

    /// <summary>The frames that claim an address before all neighbours, in the order to be sent.</summary>
    /// <remarks>
    /// Gratuitous ARP as request and as reply (RFC 5227 section 3; some devices learn from one form only), and the
    /// unsolicited neighbour advertisement (RFC 4861 7.2.6).
    /// </remarks>
    public static byte[][] Announcement(ReadOnlySpan<byte> mac, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? [Arp(mac, ArpRequest, address, address), Arp(mac, ArpReply, address, address)]
            : [Advertisement(mac, address)];

    /// <summary>An Ethernet address in the usual form.</summary>
    public static string Text(ReadOnlySpan<byte> mac) => string.Create(mac.Length * 3 - 1, mac, static (text, mac) =>
    {
        text.Fill(':');
        for (var i = 0; i < mac.Length; i++) mac[i].TryFormat(text[(i * 3)..], out _, "x2");
    });

    private static byte[] Arp(ReadOnlySpan<byte> mac, ushort operation, IPAddress source, IPAddress target)
    {
        var frame = new byte[ShortestFrame];
        var span = frame.AsSpan();
        span[..6].Fill(0xFF);
        mac.CopyTo(span[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(span[12..], ArpProtocol);

        var arp = span[EthernetHeader..];
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1);
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], 0x0800);
        arp[4] = 6;
        arp[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], operation);
        mac.CopyTo(arp[8..]);
        source.TryWriteBytes(arp[14..], out _);
        if (operation == ArpReply) arp.Slice(18, 6).Fill(0xFF);
        target.TryWriteBytes(arp[24..], out _);
        return frame;
    }

    private static byte[] Solicitation(ReadOnlySpan<byte> mac, IPAddress source, IPAddress target)
    {
        // A check for duplicates comes from nobody, so it names no hardware address that could be learnt.
        var option = source.Equals(IPAddress.IPv6Any) ? (byte)0 : SourceLinkLayerOption;
        var wanted = target.GetAddressBytes();
        Span<byte> group = [0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, wanted[13], wanted[14], wanted[15]];
        return Discovery(mac, source, group, NeighbourSolicitation, flags: 0, wanted, option);
    }

    private static byte[] Advertisement(ReadOnlySpan<byte> mac, IPAddress address)
    {
        Span<byte> allNodes = [0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        return Discovery(mac, address, allNodes, NeighbourAdvertisement, OverrideFlag, address.GetAddressBytes(),
            TargetLinkLayerOption);
    }

    private static byte[] Discovery(
        ReadOnlySpan<byte> mac, IPAddress source, ReadOnlySpan<byte> group, byte type, byte flags,
        ReadOnlySpan<byte> target, byte option)
    {
        var icmpLength = option == 0 ? 24 : 32;
        var frame = new byte[EthernetHeader + Ip6Header + icmpLength];
        var span = frame.AsSpan();
        span[0] = span[1] = 0x33;
        group[12..].CopyTo(span[2..]);
        mac.CopyTo(span[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(span[12..], Ip6Protocol);

        var ip = span[EthernetHeader..];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)icmpLength);
        ip[6] = Icmp6;
        ip[7] = 255;
        source.TryWriteBytes(ip[8..], out _);
        group.CopyTo(ip[24..]);

        var icmp = ip[Ip6Header..];
        icmp[0] = type;
        icmp[4] = flags;
        target.CopyTo(icmp[8..]);
        if (option != 0)
        {
            icmp[24] = option;
            icmp[25] = 1;
            mac.CopyTo(icmp[26..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(ip[8..40], icmp));
        return frame;
    }

    /// <summary>ICMPv6 checksum over pseudo header and message (RFC 4443 section 2.3).</summary>
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> message)
    {
        var sum = (uint)message.Length + Icmp6;
        for (var i = 0; i < addresses.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[i..]);
        for (var i = 0; i < message.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(message[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
