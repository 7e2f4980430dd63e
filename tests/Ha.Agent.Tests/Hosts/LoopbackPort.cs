using System.Net;
using System.Net.Sockets;

namespace Ha.Agent.Tests.Hosts;

/// <summary>
/// UDP ports of the loopback interface for tests: below those that the kernel gives away by itself, so that nothing
/// takes one between the look at it and its use.
/// </summary>
internal static class LoopbackPort
{
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int next = Random.Shared.Next(Count);

    public static int Free()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref next) % Count);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's: the next one.
            }
        }
    }
}
