using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ha.Agent.Tests.Health;

/// <summary>A server that reads one request of each connection and then does what a test wants.</summary>
internal sealed class HttpServer : IDisposable
{
    private readonly TcpListener listener;
    private readonly Thread thread;
    private readonly Action<Stream> answer;
    private readonly X509Certificate2? certificate;

    public HttpServer(Action<Stream> answer, X509Certificate2? certificate = null, IPAddress? address = null)
    {
        this.answer = answer;
        this.certificate = certificate;
        listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        listener.Start();
        thread = new Thread(Serve) { IsBackground = true };
        thread.Start();
    }

    public HttpServer(string answer, X509Certificate2? certificate = null, IPAddress? address = null)
        : this(stream => stream.Write(Encoding.Latin1.GetBytes(answer)), certificate, address)
    {
    }

    public ConcurrentQueue<string> Requests { get; } = [];

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public string Url => $"http{(certificate is null ? "" : "s")}://127.0.0.1:{PortText}/health?x=1";

    private string PortText => Port.ToString(CultureInfo.InvariantCulture);

    public void Dispose()
    {
        listener.Stop();
        thread.Join(TimeSpan.FromSeconds(30));
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                using var client = listener.AcceptTcpClient();
                using Stream stream = certificate is null ? client.GetStream() : Wrap(client);
                var buffer = new byte[8192];
                var length = stream.Read(buffer);
                Requests.Enqueue(Encoding.ASCII.GetString(buffer, 0, length));
                answer(stream);
            }
            catch (Exception e) when (e is IOException
                or System.Security.Authentication.AuthenticationException)
            {
                // The client has gone before the end, as it should.
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException)
            {
                // The listener was stopped.
                return;
            }
        }
    }

    private SslStream Wrap(TcpClient client)
    {
        var stream = new SslStream(client.GetStream());
        stream.AuthenticateAsServer(certificate!);
        return stream;
    }
}
