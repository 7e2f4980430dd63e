using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>Puts whole Ethernet frames on interfaces. It sends only: nothing is ever queued for it.</summary>
internal sealed unsafe class FrameSocket : IDisposable
{
    private readonly int descriptor;

    /// <param name="purpose">What it is for, for the error message.</param>
    /// <exception cref="NetlinkException">The kernel refuses a packet socket.</exception>
    public FrameSocket(string purpose)
    {
        descriptor = Libc.Socket(Libc.Packet, Libc.Raw | Libc.NonBlocking | Libc.SocketCloseOnExec, 0);
        if (descriptor >= 0) return;
        var errno = Marshal.GetLastPInvokeError();
        throw new NetlinkException(
            $"cannot open a packet socket for {purpose}: {Errno.Text(errno)}; run as root or with CAP_NET_RAW");
    }

    /// <summary>Sends one frame; never waits, allocates nothing. 0, or the error number.</summary>
    public int Send(int interfaceIndex, ReadOnlySpan<byte> frame)
    {
        // struct sockaddr_ll
        Span<byte> to = stackalloc byte[20];
        to.Clear();
        MemoryMarshal.Write(to, (ushort)Libc.Packet);
        frame.Slice(12, 2).CopyTo(to[2..]);
        MemoryMarshal.Write(to[4..], interfaceIndex);
        to[11] = 6;
        frame[..6].CopyTo(to[12..]);
        fixed (byte* data = frame, address = to)
        {
            var sent = Libc.SendTo(
                descriptor, data, (nuint)frame.Length, Libc.MessageDontWait, address, (uint)to.Length);
            return sent < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
        }
    }

    public void Dispose() => _ = Libc.Close(descriptor);
}
