using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Ha.Api.Tests;

public sealed class SecurityTests(SharedApi shared) : IClassFixture<SharedApi>
{
    private const string Cluster = "/api/v1/cluster";

    [Fact]
    public async Task FirstStart_PrintsTheTokenOnceAndKeepsOnlyItsHash()
    {
        await using var api = await ApiApplication.StartAsync();
        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();

        Assert.Matches("^first start: API token ha_[A-Za-z0-9_-]{43} ", api.Output.ToString());
        Assert.Single(api.Output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(Cluster)).StatusCode);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(api.StateFile("token.json")));
        foreach (var file in Directory.GetFiles(api.StateDirectory, "*", SearchOption.AllDirectories))
        {
            // A database at work makes files and removes them again.
            if (ReadIfThere(file) is { } content)
                Assert.DoesNotContain(api.Token, Encoding.Latin1.GetString(content), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(api.Logged, line => line.Contains(api.Token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", Cluster)]
    [InlineData("GET", "/api/v1/events")]
    [InlineData("POST", "/api/v1/takeovers")]
    [InlineData("PUT", "/api/v1/nodes/s1/mode")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("GET", "/nothing")]
    [InlineData("DELETE", Cluster)]
    [InlineData("GET", "/hubs/cluster")]
    public async Task WithoutAToken_NothingIsAnswered(string method, string path)
    {
        var api = shared.Api;
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await api.Anonymous.SendAsync(request);

        await ApiApplication.ProblemAsync(response, HttpStatusCode.Unauthorized, "unauthorized");
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Empty(api.Agent.Commands);
    }

    [Fact]
    public async Task ManyWrongTokens_AreSlowedDownButTheRightOneIsLetIn()
    {
        await using var api = await ApiApplication.StartAsync();
        using var guessing = api.NewClient("ha_wrong");

        var answers = new List<HttpStatusCode>();
        while (answers.Count < 15 || (answers[^1] != HttpStatusCode.TooManyRequests && answers.Count < 200))
        {
            using var response = await guessing.GetAsync(Cluster);
            answers.Add(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) Assert.NotNull(response.Headers.RetryAfter);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, answers[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(Cluster)).StatusCode);
        var told = api.Logged.Count(line => line.Contains("no valid token", StringComparison.Ordinal));
        Assert.InRange(told, 1, answers.Count - 1);
    }

    [Fact]
    public async Task RequestsBeyondTheRate_AreTurnedAway()
    {
        await using var api = await ApiApplication.StartAsync(["--Api:RequestBurst=20", "--Api:RequestsPerSecond=1"]);

        HttpResponseMessage response;
        var requests = 0;
        do response = await api.Client.GetAsync(Cluster); while (response.IsSuccessStatusCode && ++requests < 100);

        await ApiApplication.ProblemAsync(response, HttpStatusCode.TooManyRequests, "too-many-requests");
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.InRange(requests, 20, 60);
    }

    [Fact]
    public async Task NewToken_ReplacesTheOldOneWhileRunning()
    {
        await using var api = await ApiApplication.StartAsync();
        await using var hub = await HubClient.ConnectAsync(api);
        await hub.SnapshotAsync();
        using var output = new StringWriter();

        Assert.Equal(0, await Startup.RunAsync(CommandLine.Parse(["token", "--new", "--state-dir", api.StateDirectory]),
            output, output));

        using var client = api.NewClient(output.ToString().Trim());
        await Until.TrueAsync(async () =>
            (await client.GetAsync(Cluster)).IsSuccessStatusCode, "the new token is accepted");
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Client.GetAsync(Cluster)).StatusCode);
        await Until.TrueAsync(() => hub.IsClosed, "the connection that the old token opened is closed");
    }

    [Fact]
    public async Task TokenFile_IsUsedInsteadAndReadAgainWhenItChanges()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "shared-token-of-both-nodes\n");
        await using var api = await ApiApplication.StartAsync(["--token-file", file]);
        using var client = api.NewClient("shared-token-of-both-nodes");

        Assert.Equal("", api.Output.ToString());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Cluster)).StatusCode);
        await File.WriteAllTextAsync(file, "another-token-of-both-nodes");
        using var other = api.NewClient("another-token-of-both-nodes");
        await Until.TrueAsync(async () =>
            (await other.GetAsync(Cluster)).IsSuccessStatusCode, "the changed file is read");
        File.Delete(file);
    }

    [Theory]
    [InlineData("short", UnixFileMode.UserRead)]
    [InlineData("long enough but with spaces in it", UnixFileMode.UserRead)]
    [InlineData("a-token-that-everybody-can-read", UnixFileMode.UserRead | UnixFileMode.OtherRead)]
    public async Task UnusableTokenFile_StopsTheStartWithAReason(string content, UnixFileMode mode)
    {
        var directory = Directory.CreateTempSubdirectory("ha-api-");
        var file = Path.Combine(directory.FullName, "token");
        await File.WriteAllTextAsync(file, content);
        File.SetUnixFileMode(file, mode);
        using var errors = new StringWriter();

        var exit = await Startup.RunAsync(CommandLine.Parse(
            ["--urls", "http://127.0.0.1:0", "--state-dir", directory.FullName, "--runtime-dir", directory.FullName,
                "--token-file", file]), errors, errors);

        Assert.Equal(6, exit);
        Assert.Contains(file, errors.ToString(), StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task SelfSignedCertificate_IsMadeOnceWithTheNodesNames()
    {
        await using var api = await ApiApplication.StartAsync(["--urls=https://127.0.0.1:0"]);
        var first = await CertificateAsync(api);
        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();
        var second = await CertificateAsync(api);

        var fingerprint = first.GetCertHashString(HashAlgorithmName.SHA256);
        Assert.Equal(fingerprint, second.GetCertHashString(HashAlgorithmName.SHA256));
        Assert.Contains(api.Logged, line =>
            line.Replace(":", "", StringComparison.Ordinal).Contains(fingerprint, StringComparison.Ordinal));
        Assert.True(first.MatchesHostname("localhost"));
        Assert.True(first.MatchesHostname("127.0.0.1"));
        Assert.InRange(first.NotAfter, DateTime.Now.AddYears(9), DateTime.Now.AddYears(11));
        Assert.NotNull(first.GetECDsaPublicKey());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(api.StateFile("tls.pfx")));
        await using var hub = await HubClient.ConnectAsync(api);
        Assert.Equal("s1", (await hub.SnapshotAsync()).Node);
    }

    [Fact]
    public async Task DamagedCertificate_IsMadeAnew()
    {
        await using var api = await ApiApplication.StartAsync(["--urls=https://127.0.0.1:0"]);
        var first = await CertificateAsync(api);
        await File.WriteAllTextAsync(api.StateFile("tls.pfx"), "garbage");
        await api.RestartProgramAsync();

        Assert.NotEqual(first.GetCertHashString(), (await CertificateAsync(api)).GetCertHashString());
    }

    [Fact]
    public async Task OwnCertificate_IsConfiguredTheKestrelWay()
    {
        var directory = Directory.CreateTempSubdirectory("ha-api-");
        var path = Path.Combine(directory.FullName, "own.pfx");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var own = new CertificateRequest("CN=own", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllBytesAsync(path, own.Export(X509ContentType.Pkcs12));

        await using var api = await ApiApplication.StartAsync(
            ["--urls=https://127.0.0.1:0", $"--Kestrel:Certificates:Default:Path={path}"]);

        Assert.Equal("CN=own", (await CertificateAsync(api)).Subject);
        Assert.False(File.Exists(api.StateFile("tls.pfx")));
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task EveryAnswer_CarriesSecurityHeadersAndNoServerName()
    {
        var api = shared.Api;
        using var request = new HttpRequestMessage(HttpMethod.Delete, Cluster);

        HttpResponseMessage[] responses =
        [
            await api.Client.GetAsync(Cluster),
            await api.Anonymous.GetAsync(Cluster),
            await api.Client.SendAsync(request),
        ];
        foreach (var response in responses)
        {
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("frame-ancestors 'none'",
                response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
            Assert.True(response.Headers.Contains("X-Served-By"));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task ErrorsOfTheFramework_AreProblemsToo()
    {
        var api = shared.Api;

        using var delete = new HttpRequestMessage(HttpMethod.Delete, Cluster);
        await ApiApplication.ProblemAsync(await api.Client.SendAsync(delete), HttpStatusCode.MethodNotAllowed,
            "method-not-allowed");
        await ApiApplication.ProblemAsync(await api.Client.PostAsync("/api/v1/takeovers", new StringContent("to=s2")),
            HttpStatusCode.UnsupportedMediaType, "unsupported-media-type");
        using var large = new HttpRequestMessage(HttpMethod.Post, "/api/v1/takeovers")
        {
            Content = CommandTests.Json($$"""{"reason":"{{new string('x', 1024 * 1024)}}"}"""),
        };
        large.Headers.ExpectContinue = true; // or the answer races with the body that nobody reads
        await ApiApplication.ProblemAsync(await api.Client.SendAsync(large),
            HttpStatusCode.RequestEntityTooLarge, "too-large");
        await ApiApplication.ProblemAsync(await api.Client.PostAsync("/api/v1/takeovers", CommandTests.Json("")),
            HttpStatusCode.BadRequest, "malformed-request");
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/cluster?verbose=1"),
            HttpStatusCode.BadRequest, "malformed-request");
        Assert.Empty(api.Agent.Commands);
    }

    private static byte[]? ReadIfThere(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static async Task<X509Certificate2> CertificateAsync(ApiApplication api)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(api.Address.Host, api.Address.Port);
        await using var tls =
            new SslStream(socket.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await tls.AuthenticateAsClientAsync("localhost");
        return new X509Certificate2(tls.RemoteCertificate!);
    }
}
