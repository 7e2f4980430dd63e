using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>Several orders about addresses in one call of the kernel, each answered by itself.</summary>
internal sealed unsafe partial class RouteSocket
{
    /// <summary>Orders in one call: their answers fit into what a socket holds by default.</summary>
    public const int MostTogether = 64;

    private readonly byte[] orders = new byte[MostTogether * RequestBytes];

    /// <summary>Puts addresses on interfaces, in their order.</summary>
    /// <returns>Of each: 0, also when it is there already; else the error number.</returns>
    public int[] AddAddresses(IReadOnlyList<VipClaim> claims) =>
        Change(NewAddress, Request | Acknowledge | Create | Exclusive, claims, forgiven: Errno.Exists);

    /// <summary>Takes addresses from interfaces, in their order.</summary>
    /// <returns>Of each: 0, also when it is not there; else the error number.</returns>
    public int[] RemoveAddresses(IReadOnlyList<InterfaceAddress> addresses) =>
        Change(DeleteAddress, Request | Acknowledge,
            [
                .. addresses.Select(static one =>
                    new VipClaim(one.InterfaceIndex, one.Address, one.PrefixLength, null, null)),
            ],
            forgiven: Errno.AddressNotAvailable);

    private int[] Change(ushort type, ushort flags, IReadOnlyList<VipClaim> claims, int forgiven)
    {
        var errors = new int[claims.Count];
        for (var begin = 0; begin < claims.Count; begin += MostTogether)
        {
            var count = Math.Min(MostTogether, claims.Count - begin);
            var first = sequence + 1;
            var length = 0;
            for (var i = 0; i < count; i++)
            {
                var order = BuildChange(orders.AsSpan(length, RequestBytes), type, flags, claims[begin + i]);
                length += NetlinkMessage.Padded(order.Length);
            }

            Exchange(orders.AsSpan(0, length), first, errors.AsSpan(begin, count));
        }

        for (var i = 0; i < errors.Length; i++)
        {
            if (errors[i] == forgiven) errors[i] = Errno.None;
        }

        return errors;
    }

    /// <summary>Sends orders and waits for the answer to each of them.</summary>
    /// <param name="requests">The orders, one behind the other.</param>
    /// <param name="first">Sequence number of the first; the others follow.</param>
    /// <param name="errors">Receives what became of each.</param>
    private void Exchange(ReadOnlySpan<byte> requests, uint first, Span<int> errors)
    {
        errors.Fill(Errno.TimedOut);
        fixed (byte* data = requests)
        {
            if (Libc.SendTo(descriptor, data, (nuint)requests.Length, 0, null, 0) < 0)
            {
                errors.Fill(Marshal.GetLastPInvokeError());
                return;
            }
        }

        for (var open = errors.Length; open > 0;)
        {
            nint length;
            fixed (byte* into = answers) length = Libc.Receive(descriptor, into, AnswerBytes, 0);
            if (length < 0)
            {
                if (Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
                return;
            }

            open -= Read(answers.AsSpan(0, (int)length), first, errors);
        }
    }

    /// <summary>Reads the answers in one datagram; how many there were.</summary>
    private static int Read(ReadOnlySpan<byte> datagram, uint first, Span<int> errors)
    {
        var count = 0;
        while (datagram.Length >= NetlinkMessage.HeaderLength)
        {
            var size = MemoryMarshal.Read<int>(datagram);
            if (size < NetlinkMessage.HeaderLength + sizeof(int) || size > datagram.Length) break;
            // An answer to a request that timed out earlier has a number of that time.
            var order = MemoryMarshal.Read<uint>(datagram[8..]) - first;
            if (MemoryMarshal.Read<ushort>(datagram[4..]) == Error && order < errors.Length)
            {
                errors[(int)order] = -MemoryMarshal.Read<int>(datagram[NetlinkMessage.HeaderLength..]);
                count++;
            }

            datagram = datagram[Math.Min(NetlinkMessage.Padded(size), datagram.Length)..];
        }

        return count;
    }
}
