using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>
/// Whether an address answers ICMP echo requests (RFC 792, RFC 4443). Three are sent in the time of one look, so that
/// one lost packet is not the end.
/// </summary>
internal sealed class PingCheck : ICheckKind
{
    private const int Requests = 3;
    private const int HeaderLength = 8;
    private const int MarkLength = 16;
    private const int LongestDatagram = 2048;
    private const byte EchoRequestV4 = 8;
    private const byte EchoReplyV4 = 0;
    private const byte UnreachableV4 = 3;
    private const byte EchoRequestV6 = 128;
    private const byte EchoReplyV6 = 129;

    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look)
    {
        var address = IPAddress.Parse(look.Parameter(CheckParameters.Address));
        var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        using var socket = CheckSocket.Open(look, address, SocketType.Raw,
            isV4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        var request = Request(isV4);
        var buffer = new byte[LongestDatagram];
        for (var sent = 0; sent < Requests; sent++)
        {
            socket.SendTo(request, new IPEndPoint(address, 0));
            var patience = look.Check.Timeout / Requests;
            var until = look.Left - patience;
            while (socket.Arrives(look.Left - (until > TimeSpan.Zero ? until : TimeSpan.Zero)))
            {
                var length = socket.Receive(buffer);
                if (Judge(buffer.AsSpan(0, length), request, isV4) is { } finding) return finding;
            }
        }

        return CheckFinding.Bad(look.Late);
    }

    /// <summary>An echo request with a mark that no other has.</summary>
    internal static byte[] Request(bool isV4)
    {
        var request = new byte[HeaderLength + MarkLength];
        RandomNumberGenerator.Fill(request.AsSpan(4));
        request[0] = isV4 ? EchoRequestV4 : EchoRequestV6;
        // The kernel does it for version 6, where the addresses are part of it.
        if (isV4) BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), Checksum(request));
        return request;
    }

    /// <summary>What a datagram says about the request; null when it is about something else.</summary>
    internal static CheckFinding? Judge(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> request, bool isV4)
    {
        if (isV4 && !TrySkipHeader(ref datagram)) return null;
        if (datagram.Length < HeaderLength) return null;
        var type = datagram[0];
        if (type == (isV4 ? EchoReplyV4 : EchoReplyV6))
            return datagram[4..].SequenceEqual(request[4..]) ? CheckFinding.Good("answers") : null;
        if (!isV4 || type != UnreachableV4) return null;
        var code = datagram[1];
        var about = datagram[HeaderLength..];
        // At least the first eight bytes of what could not be delivered are sent back: type to sequence number.
        return TrySkipHeader(ref about) && about.Length >= HeaderLength && about[0] == EchoRequestV4
            && about[4..HeaderLength].SequenceEqual(request[4..HeaderLength])
            ? CheckFinding.Bad(code == 0 ? "network unreachable" : code == 1 ? "host unreachable"
                : $"destination unreachable (code {code})") : null;
    }

    private static bool TrySkipHeader(ref ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 20 || datagram[0] >> 4 != 4) return false;
        var length = (datagram[0] & 0x0F) * 4;
        if (length < 20 || datagram.Length < length) return false;
        datagram = datagram[length..];
        return true;
    }

    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        var sum = 0u;
        for (var i = 0; i < message.Length; i += 2) sum += BinaryPrimitives.ReadUInt16BigEndian(message[i..]);
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
