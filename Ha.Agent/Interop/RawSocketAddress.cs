using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ha.Agent.Interop;

/// <summary><c>struct sockaddr_in</c>, <c>sockaddr_in6</c> and <c>sockaddr_ll</c> as bytes.</summary>
internal static class RawSocketAddress
{
    public const int MaxLength = 28;

    private const int Inet4Length = 16;

    /// <summary>The bytes of an IP endpoint.</summary>
    /// <param name="address">IPv4 or IPv6 address.</param>
    /// <param name="port">UDP port.</param>
    /// <param name="scope">Interface index for IPv6 link-local and multicast addresses; 0 otherwise.</param>
    public static byte[] Of(IPAddress address, int port, int scope)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            var v4 = new byte[Inet4Length];
            MemoryMarshal.Write(v4, (ushort)Libc.InterNetwork);
            BinaryPrimitives.WriteUInt16BigEndian(v4.AsSpan(2), (ushort)port);
            address.TryWriteBytes(v4.AsSpan(4), out _);
            return v4;
        }

        var v6 = new byte[MaxLength];
        MemoryMarshal.Write(v6, (ushort)Libc.InterNetwork6);
        BinaryPrimitives.WriteUInt16BigEndian(v6.AsSpan(2), (ushort)port);
        address.TryWriteBytes(v6.AsSpan(8), out _);
        MemoryMarshal.Write(v6.AsSpan(24), scope);
        return v6;
    }

    /// <summary>
    /// The address of a received sockaddr as one number, IPv4 mapped into IPv6; 0 when it is of no known family.
    /// </summary>
    public static UInt128 AddressOf(ReadOnlySpan<byte> socketAddress) => socketAddress.Length switch
    {
        >= MaxLength => BinaryPrimitives.ReadUInt128BigEndian(socketAddress.Slice(8, 16)),
        >= Inet4Length => Mapped(BinaryPrimitives.ReadUInt32BigEndian(socketAddress.Slice(4, 4))),
        _ => 0,
    };

    /// <summary>An address as one number, IPv4 mapped into IPv6.</summary>
    public static UInt128 AddressOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.AddressFamily == AddressFamily.InterNetwork && address.TryWriteBytes(bytes, out _)
            ? Mapped(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : BinaryPrimitives.ReadUInt128BigEndian(address.GetAddressBytes());
    }

    private static UInt128 Mapped(uint address) => ((UInt128)0xFFFF << 32) | address;
}
