using System.Buffers.Binary;
using System.Net;
using Ha.Lab.Hosts;
using Ha.Lab.Interop;

namespace Ha.Lab.Watching;

/// <summary>A frame seen on the wire.</summary>
/// <param name="At">When, <see cref="LabClock"/>.</param>
/// <param name="Bytes">From the Ethernet header on.</param>
public sealed record Frame(long At, byte[] Bytes)
{
    private const int EthernetHeader = 14;

    /// <summary>True for an ARP packet by which a host announces an address of its own.</summary>
    public bool IsGratuitousArp(string address)
    {
        var ip = IPAddress.Parse(address).GetAddressBytes();
        return EtherType == 0x0806 && Bytes.Length >= 42
            && Bytes.AsSpan(28, 4).SequenceEqual(ip) && Bytes.AsSpan(38, 4).SequenceEqual(ip);
    }

    /// <summary>True for the first packet of a TCP connection to a host's network card.</summary>
    /// <param name="hardwareAddress">The card's address, for example <c>02:68:c0:a8:01:ca</c>.</param>
    public bool IsConnectionAttempt(string hardwareAddress)
    {
        const int Tcp = 6;
        const byte SynOfSynAndAck = 0x02;
        if (EtherType != 0x0800 || Bytes.Length < EthernetHeader + 40 || Bytes[EthernetHeader + 9] != Tcp)
        {
            return false;
        }
        var tcp = EthernetHeader + (Bytes[EthernetHeader] & 0xF) * 4;
        return tcp + 13 < Bytes.Length && (Bytes[tcp + 13] & 0x12) == SynOfSynAndAck
            && Bytes.AsSpan(0, 6).SequenceEqual(Convert.FromHexString(hardwareAddress.Replace(":", "")));
    }

    /// <summary>Payload of a UDP datagram to a port; empty for anything else.</summary>
    public ReadOnlyMemory<byte> UdpPayload(int port)
    {
        const int Udp = 17;
        if (EtherType != 0x0800 || Bytes.Length < EthernetHeader + 28 || Bytes[EthernetHeader + 9] != Udp)
        {
            return default;
        }
        var udp = EthernetHeader + (Bytes[EthernetHeader] & 0xF) * 4;
        var length = BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(udp + 4));
        return BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(udp + 2)) == port && udp + length <= Bytes.Length
            ? Bytes.AsMemory(udp + 8, length - 8)
            : default;
    }

    private int EtherType => Bytes.Length < EthernetHeader ? 0 : BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(12));
}

/// <summary>Records frames at one interface, and can put frames there.</summary>
public sealed class PacketCapture : IDisposable
{
    private const int MaxFrames = 100_000;
    private const int EveryProtocol = 0x0300; // ETH_P_ALL, network order
    private readonly Lock _lock = new();
    private readonly List<Frame> _frames = [];
    private readonly Func<Frame, bool> _wanted;
    private readonly int _socket;
    private readonly Thread _thread;
    private volatile bool _stop;

    private PacketCapture(int socket, Func<Frame, bool> wanted)
    {
        _socket = socket;
        _wanted = wanted;
        _thread = new Thread(Listen) { Name = "capture", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Records what a host sends and receives, at its switch port.</summary>
    public static PacketCapture AtPortOf(LabHost host, Func<Frame, bool> wanted) =>
        new(NetworkNamespace.Run(host.Lab.Switch.Namespace, () => OpenSocket(host.Port)), wanted);

    /// <summary>Frames so far; at most 100,000 are kept.</summary>
    public IReadOnlyList<Frame> Frames
    {
        get
        {
            lock (_lock)
            {
                return [.. _frames];
            }
        }
    }

    /// <summary>Puts a frame onto the network as if a host had sent it.</summary>
    public static unsafe void Inject(LabHost host, byte[] frame)
    {
        var socket = NetworkNamespace.Run(host.Namespace, () => OpenSocket("eth0"));
        fixed (byte* at = frame)
        {
            var sent = Libc.Send(socket, at, (nuint)frame.Length, 0);
            if (sent != frame.Length)
            {
                throw Libc.Fail("send a frame from " + host.Name);
            }
        }
        _ = Libc.Close(socket);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _ = Libc.Close(_socket);
    }

    private static unsafe int OpenSocket(string port)
    {
        var fd = Libc.Socket(Libc.AfPacket, Libc.SockRaw | Libc.SockCloexec | Libc.SockNonblock, EveryProtocol);
        if (fd < 0)
        {
            throw Libc.Fail("packet socket");
        }
        Span<byte> address = stackalloc byte[20];
        address.Clear();
        BinaryPrimitives.WriteInt16LittleEndian(address, Libc.AfPacket);
        BinaryPrimitives.WriteUInt16LittleEndian(address[2..], EveryProtocol);
        BinaryPrimitives.WriteUInt32LittleEndian(address[4..], Libc.InterfaceIndex(port));
        fixed (byte* at = address)
        {
            var bound = Libc.Bind(fd, at, address.Length);
            if (bound != 0)
            {
                throw Libc.Fail("bind packet socket to " + port);
            }
        }
        return fd;
    }

    private unsafe void Listen()
    {
        Span<byte> buffer = stackalloc byte[65536];
        while (!_stop)
        {
            var fd = new Libc.PollFd { Fd = _socket, Events = Libc.PollIn };
            _ = Libc.Poll(&fd, 1, 20);
            nint got = 0;
            fixed (byte* at = buffer)
            {
                while (!_stop && (got = Libc.Receive(_socket, at, (nuint)buffer.Length, 0)) > 0)
                {
                    Keep(new Frame(Arrival(), buffer[..(int)got].ToArray()));
                }
            }
        }
    }

    /// <summary>When the kernel took the frame: a busy machine may run this thread much later.</summary>
    private unsafe long Arrival()
    {
        const ulong LastStamp = 0x8907; // SIOCGSTAMPNS, CLOCK_REALTIME
        const long Close = 50_000;
        var stamp = stackalloc long[2];
        long now, wall;
        var tries = 0;
        do
        {
            now = LabClock.Now;
            wall = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        }
        while (LabClock.Now - now > Close && ++tries < 10); // put aside between the two clocks: read them again
        var got = Libc.Ioctl(_socket, LastStamp, stamp);
        return got == 0 ? now - (wall - (stamp[0] * 1_000_000_000 + stamp[1])) : now;
    }

    private void Keep(Frame frame)
    {
        if (!_wanted(frame))
        {
            return;
        }
        lock (_lock)
        {
            if (_frames.Count < MaxFrames)
            {
                _frames.Add(frame);
            }
        }
    }
}
