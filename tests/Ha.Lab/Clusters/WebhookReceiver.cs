using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Ha.Lab.Hosts;
using Ha.Lab.Interop;

namespace Ha.Lab.Clusters;

/// <summary>One message that a webhook brought.</summary>
/// <param name="Headers">Headers, names in lower case.</param>
/// <param name="Body">Body.</param>
public sealed record WebhookMessage(IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>True when the signature is that of this secret (Standard Webhooks, v1).</summary>
    public bool IsSignedWith(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var signed = $"{Headers["webhook-id"]}.{Headers["webhook-timestamp"]}.{Body}";
        var signature = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)));
        return Headers["webhook-signature"].Split(' ').Contains(signature);
    }
}

/// <summary>A receiver of webhooks on the lab's client: answers each with 204 and keeps it.</summary>
public sealed class WebhookReceiver : IDisposable
{
    private const int Port = 9000;
    private readonly Socket _listener;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly List<WebhookMessage> _messages = [];
    private volatile bool _stop;

    /// <summary>Begins to listen.</summary>
    public WebhookReceiver(Laboratory lab)
    {
        Url = $"http://{lab.Client.Address}:{Port}/hook";
        _listener = NetworkNamespace.Run(lab.Client.Namespace,
            () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        _listener.Bind(new IPEndPoint(IPAddress.Parse(lab.Client.Address), Port));
        _listener.Listen(16);
        _thread = new Thread(Serve) { IsBackground = true, Name = "webhook receiver" };
        _thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>What has come so far.</summary>
    public IReadOnlyList<WebhookMessage> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop = true;
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        while (!_stop)
        {
            try
            {
                using var socket = _listener.Accept();
                socket.ReceiveTimeout = 10_000;
                using var stream = new NetworkStream(socket);
                Keep(Read(stream));
                stream.Write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8);
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
                if (!_stop)
                {
                    Console.Error.WriteLine("a webhook broke off: " + e.Message);
                }
            }
        }
    }

    private void Keep(WebhookMessage message)
    {
        lock (_lock)
        {
            _messages.Add(message);
        }
    }

    private static WebhookMessage Read(NetworkStream stream)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        ReadLine(stream); // the request line
        for (var line = ReadLine(stream); line.Length > 0; line = ReadLine(stream))
        {
            var colon = line.IndexOf(':');
            headers[line[..colon].ToLowerInvariant()] = line[(colon + 1)..].Trim();
        }
        var body = new byte[headers.TryGetValue("content-length", out var length) ? int.Parse(length) : 0];
        stream.ReadExactly(body);
        return new WebhookMessage(headers, Encoding.UTF8.GetString(body));
    }

    private static string ReadLine(NetworkStream stream)
    {
        var line = new StringBuilder();
        for (var next = stream.ReadByte(); next >= 0 && next != '\n'; next = stream.ReadByte())
        {
            line.Append((char)next);
        }
        return line.ToString().TrimEnd('\r');
    }
}
