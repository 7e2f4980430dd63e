using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ha.Web.Client;

/// <summary>
/// One node's API as this dashboard reaches it: address, connections, and the judgement of its certificate.
/// </summary>
internal sealed class ApiEndpoint : IDisposable
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    private readonly SocketsHttpHandler _handler;

    public ApiEndpoint(Uri address, CertificatePins pins)
    {
        Address = address;
        _handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    CertificateRefusal = pins.Refusal(address, certificate as X509Certificate2, errors);
                    return CertificateRefusal is null;
                },
            },
        };
        WebSockets = new HttpMessageInvoker(_handler, disposeHandler: false);
        Http = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = address,
            Timeout = RequestTimeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    public Uri Address { get; }

    /// <summary>Host and port, as operators know it.</summary>
    public string Name => Address.Authority;

    public HttpClient Http { get; }

    public HttpMessageInvoker WebSockets { get; }

    /// <summary>Why the last certificate seen was refused; null when it was accepted.</summary>
    public string? CertificateRefusal { get; private set; }

    public void Dispose()
    {
        Http.Dispose();
        WebSockets.Dispose();
        _handler.Dispose();
    }
}
