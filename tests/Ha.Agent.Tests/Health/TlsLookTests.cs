using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ha.Agent.Health;
using Ha.Agent.Tests.Resources;
using Ha.Core.Health;
using static Ha.Agent.Tests.Health.Looking;

namespace Ha.Agent.Tests.Health;

/// <summary>https: certificates that are good, old, of others, or not trusted; and the process that looks.</summary>
public sealed class TlsLookTests : IDisposable
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly ScriptFolder folder = new();
    private readonly RSA authorityKey = RSA.Create(2048);
    private readonly X509Certificate2 authority;
    private readonly string authorityFile;

    public TlsLookTests()
    {
        var request = new CertificateRequest("CN=Test Authority", authorityKey, HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authority = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(2));
        authorityFile = folder.File("ca.pem");
        File.WriteAllText(authorityFile, authority.ExportCertificatePem());
    }

    public void Dispose()
    {
        authority.Dispose();
        authorityKey.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void CertificateOfATrustedAuthority_IsGood_ForItsNameOnly()
    {
        using var certificate = Certificate("www.example.org", Now.AddDays(30));
        using var server = new HttpServer(Answer, certificate);

        Good("HTTP 200 OK", Look(server, "www.example.org", ("ca", authorityFile)));
        Bad("its certificate is for another name: CN=www.example.org",
            Look(server, "www.example.com", ("ca", authorityFile)));
        Bad("its certificate is not trusted: CN=www.example.org, issued by CN=Test Authority",
            Look(server, "www.example.org"));
        Good("HTTP 200 OK", Look(server, "www.example.com", ("verify", "false")));
    }

    [Fact]
    public void CertificateThatHasEnded_OrEndsSoon_IsBad_AndSaysWhen()
    {
        using var old = Certificate("a", Now.AddDays(-1));
        using var soon = Certificate("a", Now.AddDays(5));
        using var oldServer = new HttpServer(Answer, old);
        using var soonServer = new HttpServer(Answer, soon);
        var ended = $"its certificate ended on {Now.AddDays(-1):yyyy-MM-dd}";

        Bad(ended, Look(oldServer, "a", ("ca", authorityFile)));
        Bad(ended, Look(oldServer, "a", ("verify", "false"), ("days", "0")));
        Good("HTTP 200 OK", Look(oldServer, "a", ("verify", "false")));
        Bad($"its certificate ends on {Now.AddDays(5):yyyy-MM-dd}",
            Look(soonServer, "a", ("verify", "false"), ("days", "6")));
        Good("HTTP 200 OK", Look(soonServer, "a", ("ca", authorityFile), ("days", "4")));
    }

    [Fact]
    public void WhatIsNoTls_IsToldSo()
    {
        using var server = new HttpServer(Answer);

        var url = server.Url.Replace("http:", "https:", StringComparison.Ordinal);

        Bad("TLS", new TlsLook(At(CheckKind.Http, ("url", url)), Now).Look());
    }

    [Fact]
    public void AuthorityFileThatIsNone_IsToldSo()
    {
        using var certificate = Certificate("a", Now.AddDays(5));
        using var server = new HttpServer(Answer, certificate);
        var file = folder.File("empty.pem");
        File.WriteAllText(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        Bad($"{file} cannot be used", Look(server, "a", ("ca", file)));
    }

    [Fact]
    public void TheAgentItselfLooksInAnotherProcess_WithTheSameAnswers()
    {
        using var certificate = Certificate("www.example.org", Now.AddDays(30));
        using var server = new HttpServer(Answer, certificate);
        var check = new HttpCheck(folder.Environment, folder.Programs, AgentProgram.Path);
        var url = $"https://www.example.org:{server.Port}/";

        Good("HTTP 200 OK",
            Once(check, At(CheckKind.Http, ("url", url), ("address", "127.0.0.1"), ("ca", authorityFile))));
        Bad("its certificate is not trusted",
            Once(check, At(CheckKind.Http, ("url", url), ("address", "127.0.0.1"))));
    }

    [Fact]
    public void ServerThatNeverShakesHands_IsLate_AndTheProcessIsGone()
    {
        using var release = new ManualResetEventSlim();
        // Without a certificate it waits for a request, takes the greeting for one, and says nothing.
        using var server = new HttpServer(_ => release.Wait(Patience));
        var check = new HttpCheck(folder.Environment, folder.Programs, AgentProgram.Path);
        var url = server.Url.Replace("http:", "https:", StringComparison.Ordinal);

        Bad("no answer within 1s",
            Once(check, At(CheckKind.Http, TimeSpan.FromSeconds(1), ("url", url), ("verify", "false"))));
        release.Set();
    }

    private static CheckFinding Look(HttpServer server, string name, params (string, string)[] more) =>
        new TlsLook(At(CheckKind.Http, [("url", $"https://{name}:{server.Port}/"), ("address", "127.0.0.1"), .. more]),
            Now).Look();

    private X509Certificate2 Certificate(string name, DateTimeOffset end)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, Now.AddYears(-1), end, RandomNumberGenerator.GetBytes(8));
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
    }
}
