using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;
using Ha.Core.Configuration;

namespace Ha.Agent.Media;

/// <summary>
/// One <c>ucast</c>, <c>bcast</c> or <c>mcast</c> line as two sockets bound to its interface: one that receives on the
/// port, one that sends from a port of its own, as Heartbeat does (PROTOCOL.md section 1). Nothing here blocks or
/// allocates per datagram. Belongs to the loop thread.
/// </summary>
internal sealed unsafe class UdpMedium : IDisposable
{
    private const int ControlSpace = 128;
    private const int ControlHeader = 16;
    private const int BroadcastAddressOffset = 20;

    private readonly byte[] interfaceRequest = new byte[40];
    private UdpSockets? sockets;

    private UdpMedium(MediumDefinition definition)
    {
        Definition = definition;
        UdpSockets.WriteInterfaceName(definition.Interface, interfaceRequest);
    }

    /// <summary>The line of ha.cf.</summary>
    public MediumDefinition Definition { get; }

    /// <summary>The receiving socket, non-blocking, for poll; -1 while the medium is closed (poll skips it).</summary>
    public int Descriptor => sockets?.Receiver ?? -1;

    /// <summary>Opens a medium.</summary>
    /// <exception cref="MediumException">The interface or an address is not there, or the port is taken.</exception>
    public static UdpMedium Open(MediumDefinition definition) =>
        new(definition) { sockets = UdpSockets.Open(definition) };

    /// <summary>
    /// Opens a medium, or leaves it closed for <see cref="TryReopen"/> when its interface is not there yet.
    /// </summary>
    /// <param name="definition">The line of ha.cf.</param>
    /// <param name="problem">Why it is closed; null when it is open.</param>
    public static UdpMedium OpenOrClosed(MediumDefinition definition, out string? problem)
    {
        var medium = new UdpMedium(definition);
        medium.TryReopen(out problem);
        return medium;
    }

    /// <summary>
    /// Closes what is open and tries once to open again: an interface may have come, gone, or have a new address.
    /// To be driven by a timer; each call is bounded by a few system calls.
    /// </summary>
    /// <param name="problem">Why it did not work; null when it did.</param>
    public bool TryReopen(out string? problem)
    {
        sockets?.Dispose();
        sockets = null;
        try
        {
            sockets = UdpSockets.Open(Definition);
            problem = null;
            return true;
        }
        catch (MediumException failure)
        {
            problem = failure.Message;
            return false;
        }
    }

    /// <summary>Takes one waiting datagram.</summary>
    /// <param name="buffer">Receives the payload; 65,507 bytes hold any datagram.</param>
    public Reception Receive(Span<byte> buffer)
    {
        if (sockets is null) return new(ReceiveStatus.Nothing);
        Span<byte> source = stackalloc byte[RawSocketAddress.MaxLength];
        Span<byte> control = stackalloc byte[ControlSpace];
        fixed (byte* data = buffer, name = source, ancillary = control)
        {
            var vector = new IoVector { Base = data, Length = (nuint)buffer.Length };
            var header = new MessageHeader
            {
                Name = name,
                NameLength = RawSocketAddress.MaxLength,
                Vectors = &vector,
                VectorCount = 1,
                Control = ancillary,
                ControlLength = ControlSpace,
            };
            var length = Libc.ReceiveMessage(
                sockets.Receiver, &header, Libc.MessageDontWait | Libc.MessageTruncated);
            if (length < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                return errno is Errno.TryAgain or Errno.Interrupted
                    ? new(ReceiveStatus.Nothing)
                    : new(ReceiveStatus.Failed, ErrorNumber: errno);
            }

            var from = RawSocketAddress.AddressOf(source[..(int)Math.Min(header.NameLength, (uint)source.Length)]);
            var toAll = WasSentToAll(control[..(int)header.ControlLength]);
            return (header.Flags & Libc.MessageTruncated) != 0
                ? new(ReceiveStatus.Oversized, buffer.Length, from, toAll)
                : new(ReceiveStatus.Datagram, (int)length, from, toAll);
        }
    }

    /// <summary>Sends one datagram; never waits.</summary>
    public SendResult Send(ReadOnlySpan<byte> datagram)
    {
        if (sockets is null) return new(SendStatus.MediumFailed, Errno.NoDevice);
        if (Definition is BroadcastMedium && FollowBroadcastAddress(sockets) is var changed and not Errno.None)
            return new(SendStatus.MediumFailed, changed);
        fixed (byte* data = datagram, to = sockets.Destination)
        {
            const int flags = Libc.MessageDontWait | Libc.MessageNoSignal;
            var sent = Libc.SendTo(
                sockets.Sender, data, (nuint)datagram.Length, flags, to, (uint)sockets.Destination.Length);
            if (sent >= 0) return new(SendStatus.Sent);
            var errno = Marshal.GetLastPInvokeError();
            return new(FailsTheMedium(errno) ? SendStatus.MediumFailed : SendStatus.Lost, errno);
        }
    }

    public void Dispose()
    {
        sockets?.Dispose();
        sockets = null;
    }

    private static bool FailsTheMedium(int errno) => errno
        is Errno.NetworkDown or Errno.NetworkUnreachable or Errno.HostDown or Errno.HostUnreachable or Errno.NoDevice
        or Errno.NoDeviceAddress or Errno.AddressNotAvailable or Errno.BadDescriptor;

    /// <summary>
    /// Reads the interface's broadcast address before each send (under a microsecond): with an outdated one the kernel
    /// would take it for a host and ask for its hardware address instead of failing.
    /// </summary>
    private int FollowBroadcastAddress(UdpSockets open)
    {
        fixed (byte* request = interfaceRequest)
        {
            if (Libc.Control(open.Sender, Libc.GetInterfaceBroadcast, request) != 0)
                return Marshal.GetLastPInvokeError();
        }

        var address = interfaceRequest.AsSpan(BroadcastAddressOffset, 4);
        if (MemoryMarshal.Read<uint>(address) == 0) return Errno.AddressNotAvailable;
        address.CopyTo(open.Destination.AsSpan(4));
        return Errno.None;
    }

    /// <summary>
    /// Looks at the packet information: where the datagram was sent to, as against which local address took it.
    /// </summary>
    private static bool WasSentToAll(ReadOnlySpan<byte> control)
    {
        if (control.Length < ControlHeader) return false;
        var level = MemoryMarshal.Read<int>(control[8..]);
        var type = MemoryMarshal.Read<int>(control[12..]);
        var info = control[ControlHeader..];
        if (level == Libc.Ip && type == Libc.IpPacketInfo && info.Length >= 12)
        {
            return BinaryPrimitives.ReadUInt32BigEndian(info[4..]) != BinaryPrimitives.ReadUInt32BigEndian(info[8..]);
        }

        return level == Libc.Ip6 && type == Libc.Ip6PacketInfo && info.Length >= 16 && info[0] == 0xFF;
    }
}
