using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>One request to the kernel and the reading of its answers.</summary>
internal sealed unsafe partial class RouteSocket
{
    /// <summary>Puts a question; the bodies of the answers. None when the kernel knows of no such thing.</summary>
    private List<byte[]> Ask(
        ushort type, ushort flags, ReadOnlySpan<byte> fixedPart, ushort attribute, ReadOnlySpan<byte> value,
        ushort answerType, string purpose, ushort attribute2 = 0, ReadOnlySpan<byte> value2 = default)
    {
        Span<byte> buffer = stackalloc byte[RequestBytes];
        for (var attempt = 1; ; attempt++)
        {
            var request = new NetlinkMessage(buffer, type, flags, ++sequence, fixedPart);
            if (attribute != 0) request.Add(attribute, value);
            if (attribute2 != 0) request.Add(attribute2, value2);
            var bodies = new List<byte[]>();
            var errno = Exchange(request.Finish(), answerType, bodies, out var interrupted);
            if (errno is Errno.NoDevice or Errno.NetworkUnreachable or Errno.HostUnreachable or Errno.NoDeviceAddress)
                return [];
            if (errno != Errno.None) throw new NetlinkException($"cannot {purpose}: {Errno.Text(errno)}");
            if (!interrupted || attempt == DumpAttempts) return bodies;
        }
    }

    /// <summary>Sends a request and reads its answers up to the acknowledgement or the end of the dump.</summary>
    private int Exchange(ReadOnlySpan<byte> request, ushort answerType, List<byte[]> bodies, out bool interrupted)
    {
        interrupted = false;
        fixed (byte* data = request)
        {
            if (Libc.SendTo(descriptor, data, (nuint)request.Length, 0, null, 0) < 0)
                return Marshal.GetLastPInvokeError();
        }

        while (true)
        {
            nint length;
            fixed (byte* into = answers) length = Libc.Receive(descriptor, into, AnswerBytes, 0);
            if (length < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.Interrupted) continue;
                return errno == Errno.TryAgain ? Errno.TimedOut : errno;
            }

            if (Read(answers.AsSpan(0, (int)length), answerType, bodies, ref interrupted) is { } end) return end;
        }
    }

    /// <summary>Reads the messages of one datagram; the final result when it holds the end.</summary>
    private int? Read(ReadOnlySpan<byte> datagram, ushort answerType, List<byte[]> bodies, ref bool interrupted)
    {
        while (datagram.Length >= NetlinkMessage.HeaderLength)
        {
            var size = MemoryMarshal.Read<int>(datagram);
            if (size < NetlinkMessage.HeaderLength || size > datagram.Length) return Errno.InvalidArgument;
            var message = datagram[..size];
            datagram = datagram[Math.Min(NetlinkMessage.Padded(size), datagram.Length)..];

            // An answer to a request that timed out earlier.
            if (MemoryMarshal.Read<uint>(message[8..]) != sequence) continue;
            var type = MemoryMarshal.Read<ushort>(message[4..]);
            interrupted |= (MemoryMarshal.Read<ushort>(message[6..]) & DumpInterrupted) != 0;
            var body = message[NetlinkMessage.HeaderLength..];
            if (type is Error or Done) return body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : Errno.None;
            if (type == answerType) bodies.Add(body.ToArray());
        }

        return null;
    }
}
