using System.Runtime.InteropServices;

namespace Ha.Agent.Interop;

internal static unsafe partial class Libc
{
    public const int Unspecified = 0;
    public const int InterNetwork = 2;
    public const int InterNetwork6 = 10;
    public const int Netlink = 16;
    public const int Packet = 17;

    public const int Datagram = 2;
    public const int Raw = 3;
    public const int NonBlocking = 0x800;
    public const int SocketCloseOnExec = 0x80000;

    public const int MessageDontWait = 0x40;
    public const int MessageTruncated = 0x20;
    public const int MessageNoSignal = 0x4000;

    public const int SocketLevel = 1;
    public const int ReuseAddress = 2;
    public const int DontRoute = 5;
    public const int Broadcast = 6;
    public const int ReceiveBuffer = 8;
    public const int ReusePort = 15;
    public const int ReceiveTimeout = 20;
    public const int BindToDevice = 25;
    public const int ReceiveBufferForce = 33;

    public const int Ip = 0;
    public const int IpTypeOfService = 1;
    public const int IpPacketInfo = 8;
    public const int IpMulticastInterface = 32;
    public const int IpMulticastTtl = 33;
    public const int IpMulticastLoop = 34;
    public const int IpAddMembership = 35;
    public const int IpMulticastAll = 49;

    public const int Ip6 = 41;
    public const int Ip6MulticastInterface = 17;
    public const int Ip6MulticastHops = 18;
    public const int Ip6MulticastLoop = 19;
    public const int Ip6AddMembership = 20;
    public const int Ip6Only = 26;
    public const int Ip6MulticastAll = 29;
    public const int Ip6ReceivePacketInfo = 49;
    public const int Ip6PacketInfo = 50;
    public const int Ip6TrafficClass = 67;

    public const nuint GetInterfaceBroadcast = 0x8919;
    public const nuint GetInterfaceIndex = 0x8933;

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int descriptor, int level, int name, byte* value, uint length);

    [LibraryImport(Library, EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(
        int descriptor, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    /// <summary>Sets an integer option; 0 or the error number.</summary>
    public static int SetOption(int descriptor, int level, int name, int value) =>
        SetOption(descriptor, level, name, (byte*)&value, sizeof(int)) == 0
            ? Errno.None
            : Marshal.GetLastPInvokeError();

    /// <summary>Sets an option of any shape; 0 or the error number.</summary>
    public static int SetOption(int descriptor, int level, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* pointer = value)
            return SetOption(descriptor, level, name, pointer, (uint)value.Length) == 0
                ? Errno.None
                : Marshal.GetLastPInvokeError();
    }

    /// <summary>Binds a socket; 0 or the error number.</summary>
    public static int Bind(int descriptor, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
            return Bind(descriptor, pointer, (uint)address.Length) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
    }
}

/// <summary><c>struct msghdr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}
