using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Ha.Api.Webhooks;

/// <summary>
/// One attempt: signs as Standard Webhooks prescribes, sends, and reads nothing of the answer but its status.
/// </summary>
internal sealed class WebhookRequest : IDisposable
{
    private const string EncodedSecretPrefix = "whsec_";
    private readonly HttpClient client;
    private readonly TimeProvider clock;

    public WebhookRequest(TargetGuard guard, TimeProvider clock)
    {
        this.clock = clock;
        client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = guard.ConnectAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the caller bounds each attempt
        };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("ha-api", "1"));
    }

    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<HttpStatusCode> SendAsync(
        WebhookRow webhook, string messageId, string body, CancellationToken cancel)
    {
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("webhook-id", messageId);
        request.Headers.Add("webhook-timestamp", timestamp.ToString());
        request.Headers.Add("webhook-signature", Sign(webhook.Secret, messageId, timestamp, body));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return response.StatusCode;
    }

    /// <summary><c>v1,base64(HMAC-SHA256(secret, id.timestamp.body))</c></summary>
    internal static string Sign(string secret, string messageId, long timestamp, string body) =>
        "v1," + Convert.ToBase64String(
            HMACSHA256.HashData(KeyOf(secret), Encoding.UTF8.GetBytes($"{messageId}.{timestamp}.{body}")));

    private static byte[] KeyOf(string secret) => secret.StartsWith(EncodedSecretPrefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[EncodedSecretPrefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    public static string NewSecret() =>
        EncodedSecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is wrong with a secret; null when nothing.</summary>
    public static string? CheckSecret(string secret)
    {
        if (secret.Length is < 16 or > 256 || !secret.All(c => c is > ' ' and <= '~'))
            return "16 to 256 visible ASCII characters.";
        var buffer = new byte[secret.Length];
        return secret.StartsWith(EncodedSecretPrefix, StringComparison.Ordinal)
            && !(Convert.TryFromBase64String(secret[EncodedSecretPrefix.Length..], buffer, out var length)
                && length >= 16)
            ? "After whsec_ come at least 16 bytes in base64." : null;
    }

    public void Dispose() => client.Dispose();
}
