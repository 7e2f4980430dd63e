using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Ha.Agent.Netlink;

/// <summary>
/// The Ethernet frames that tell the neighbours who holds an address: gratuitous ARP as request and as reply (RFC 5227
/// section 3; some devices learn from one form only), and the unsolicited neighbour advertisement (RFC 4861 7.2.6).
/// </summary>
internal static class AnnouncementFrames
{
    public const ushort ArpProtocol = 0x0806;
    public const ushort Ip6Protocol = 0x86DD;

    private const int EthernetHeader = 14;
    private const int Ip6Header = 40;
    private const byte Icmp6 = 58;
    private const byte NeighbourAdvertisement = 136;
    private const byte OverrideFlag = 0x20;
    private const byte TargetLinkLayerOption = 2;

    /// <summary>The frames for one announcement, in the order in which they are to be sent.</summary>
    /// <param name="mac">Ethernet address of the sending interface, 6 bytes.</param>
    /// <param name="address">The address that is announced.</param>
    public static byte[][] For(ReadOnlySpan<byte> mac, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? [Arp(mac, address, operation: 1), Arp(mac, address, operation: 2)]
            : [Advertisement(mac, address)];

    private static byte[] Arp(ReadOnlySpan<byte> mac, IPAddress address, ushort operation)
    {
        var frame = new byte[60];
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
        address.TryWriteBytes(arp[14..], out _);
        if (operation == 2) arp.Slice(18, 6).Fill(0xFF);
        address.TryWriteBytes(arp[24..], out _);
        return frame;
    }

    private static byte[] Advertisement(ReadOnlySpan<byte> mac, IPAddress address)
    {
        const int icmpLength = 32;
        var frame = new byte[EthernetHeader + Ip6Header + icmpLength];
        var span = frame.AsSpan();
        ReadOnlySpan<byte> allNodesMac = [0x33, 0x33, 0, 0, 0, 1];
        allNodesMac.CopyTo(span);
        mac.CopyTo(span[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(span[12..], Ip6Protocol);

        var ip = span[EthernetHeader..];
        ip[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], icmpLength);
        ip[6] = Icmp6;
        ip[7] = 255;
        address.TryWriteBytes(ip[8..], out _);
        ip[24] = 0xFF;
        ip[25] = 0x02;
        ip[39] = 0x01;

        var icmp = ip[Ip6Header..];
        icmp[0] = NeighbourAdvertisement;
        icmp[4] = OverrideFlag;
        address.TryWriteBytes(icmp[8..], out _);
        icmp[24] = TargetLinkLayerOption;
        icmp[25] = 1;
        mac.CopyTo(icmp[26..]);
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
