using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Ha.Lab.Hosts;
using Ha.Lab.Running;

namespace Ha.Lab.Clusters;

/// <summary>An answer of the REST API.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">Body as text.</param>
/// <param name="Location">Location header; null when none.</param>
public sealed record RestAnswer(HttpStatusCode Status, string Body, string? Location)
{
    /// <summary>The body as a contract.</summary>
    public T As<T>(JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Body, type)
        ?? throw new InvalidDataException("the body is null");
}

/// <summary>Asks a node's ha-api over HTTPS, from the lab's client.</summary>
public sealed class RestClient : IDisposable
{
    private readonly HttpClient _http;
    private string? _pinned;

    /// <summary>A client of one node's API.</summary>
    public RestClient(LabNode node, string token)
    {
        var api = new IPEndPoint(IPAddress.Parse(node.Address), HaNode.ApiPort);
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) => new NetworkStream(
                await PortForward.ConnectAsync(node.Lab.Client.Namespace, api, cancellation), ownsSocket: true),
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => IsSameAsFirst(certificate) },
        })
        {
            BaseAddress = new Uri($"https://{node.Address}:{HaNode.ApiPort}"),
            Timeout = TimeSpan.FromSeconds(60),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>GET; null when the API does not answer.</summary>
    public RestAnswer? TryGet(string path)
    {
        try
        {
            return Send(HttpMethod.Get, path, null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null; // being started or killed: asked again by whoever waits
        }
    }

    /// <summary>POST with a JSON body.</summary>
    public RestAnswer Post(string path, string json) => Send(HttpMethod.Post, path, json);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>The certificate is self-signed: the one first seen is trusted, and no other.</summary>
    private bool IsSameAsFirst(X509Certificate? certificate)
    {
        _pinned ??= certificate?.GetCertHashString();
        return _pinned is not null && _pinned == certificate?.GetCertHashString();
    }

    private RestAnswer Send(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }
        using var answer = _http.Send(request);
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        return new RestAnswer(answer.StatusCode, reader.ReadToEnd(), answer.Headers.Location?.ToString());
    }
}
