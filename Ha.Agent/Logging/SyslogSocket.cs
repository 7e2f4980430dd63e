using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Ha.Agent.Logging;

/// <summary>
/// The local syslog daemon's datagram socket. Connected when needed, again after the daemon was restarted.
/// </summary>
/// <param name="path">Usually <c>/dev/log</c>.</param>
internal sealed class SyslogSocket(string path) : IDisposable
{
    private Socket? socket;

    /// <summary>Sends one message; null when it was taken, else why not.</summary>
    /// <param name="message">The message, with its priority.</param>
    /// <param name="patience">How long a full queue is waited for: the kernel holds ten messages or so.</param>
    public string? Send(string message, TimeSpan patience)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var attempt = 1; ;)
        {
            try
            {
                socket ??= Connect();
                socket.Send(Encoding.UTF8.GetBytes(message));
                return null;
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                var left = patience - Stopwatch.GetElapsedTime(begin);
                if (left <= TimeSpan.Zero) return "its queue is full";
                socket!.Poll(left, SelectMode.SelectWrite);
            }
            catch (SocketException failure)
            {
                socket?.Dispose();
                socket = null;

                // A restarted daemon has a new socket: the second attempt connects to that.
                if (++attempt > 2) return failure.Message;
            }
        }
    }

    public void Dispose() => socket?.Dispose();

    private Socket Connect()
    {
        var opened = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            opened.Connect(new UnixDomainSocketEndPoint(path));
            return opened;
        }
        catch (SocketException)
        {
            opened.Dispose();
            throw;
        }
    }
}
