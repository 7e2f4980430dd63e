using System.Diagnostics;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Tests.Hosts;

/// <summary>Sees every frame on the interfaces of the host it is made on.</summary>
internal sealed unsafe class FrameSniffer : IDisposable
{
    private const int AllProtocolsInNetworkOrder = 0x0300;

    private readonly int descriptor;

    public FrameSniffer()
    {
        descriptor = Libc.Socket(Libc.Packet, Libc.Raw | Libc.SocketCloseOnExec, AllProtocolsInNetworkOrder);
        var errno = Marshal.GetLastPInvokeError();
        Assert.True(descriptor >= 0, Errno.Text(errno));
    }

    /// <summary>The next frame that is wanted; null when none comes in time.</summary>
    public byte[]? Next(Func<byte[], bool> wanted, TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        var buffer = new byte[2048];
        while (true)
        {
            var left = limit - Stopwatch.GetElapsedTime(start);
            if (left < TimeSpan.Zero) return null;
            var entry = new PollEntry { Descriptor = descriptor, Events = Libc.PollIn };
            if (Libc.Poll(&entry, 1, (int)left.TotalMilliseconds) <= 0) continue;
            nint length;
            fixed (byte* into = buffer) length = Libc.Receive(descriptor, into, (nuint)buffer.Length, 0);
            var frame = buffer[..(int)length];
            if (wanted(frame)) return frame;
        }
    }

    public void Dispose() => _ = Libc.Close(descriptor);
}
