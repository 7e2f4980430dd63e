using System.Net.Sockets;
using System.Text;

namespace Ha.Agent.Loop;

/// <summary>Tells systemd how far this process is: one datagram to <c>$NOTIFY_SOCKET</c> (sd_notify).</summary>
internal static class SystemdNotice
{
    /// <summary>
    /// Sends for example <c>READY=1</c>; null when there is nobody to tell or it was told, else why not.
    /// </summary>
    public static string? Send(string state)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path) return null;
        // A leading @ stands for the zero byte of an abstract address.
        if (path[0] == '@') path = $"\0{path[1..]}";
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException e)
        {
            return $"systemd could not be told '{state}' at NOTIFY_SOCKET: {e.Message}";
        }
    }
}
