using System.Net;
using System.Net.Sockets;

namespace Ha.Lab.Probing;

/// <summary>The web server behind HAProxy, on the gateway: says hello to whoever asks.</summary>
internal static class HelloServer
{
    /// <summary>Enough that a few clients that died half way do not keep the others waiting.</summary>
    private const int Threads = 64;

    /// <summary>On a busy machine HAProxy may come to send its request long after it has connected.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private static readonly byte[] s_answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"u8.ToArray();

    internal static int Run()
    {
        using var listener = new TcpListener(IPAddress.Any, 80);
        listener.Start(1024);
        for (var i = 0; i < Threads; i++)
        {
            new Thread(() => Answer(listener)) { IsBackground = true, Name = "hello " + i }.Start();
        }
        Console.WriteLine("ready");
        while (Console.In.Read() >= 0)
        {
        }
        return 0;
    }

    private static void Answer(TcpListener listener)
    {
        var buffer = new byte[4096];
        while (true)
        {
            using var socket = listener.AcceptSocket();
            socket.ReceiveTimeout = (int)s_limit.TotalMilliseconds;
            try
            {
                var got = 0;
                int more;
                do
                {
                    more = socket.Receive(buffer, got, buffer.Length - got, SocketFlags.None);
                    got += more;
                }
                while (more > 0 && got < buffer.Length && buffer.AsSpan(0, got).IndexOf("\r\n\r\n"u8) < 0);
                socket.Send(s_answer);
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine("a client went away: " + e.Message);
            }
        }
    }
}
