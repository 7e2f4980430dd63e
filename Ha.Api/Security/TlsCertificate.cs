using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ha.Api.Storage;

namespace Ha.Api.Security;

/// <summary>
/// The self-signed certificate, made at first start. An own one goes into Kestrel:Certificates:Default.
/// </summary>
internal static class TlsCertificate
{
    private const int Years = 10;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>
    /// Every https address without a certificate of its own uses the self-signed one, loaded when first needed.
    /// </summary>
    public static void AddTo(WebApplicationBuilder builder, ApiOptions options)
    {
        if (builder.Configuration.GetSection("Kestrel:Certificates:Default").Exists()) return;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var parts = kestrel.ApplicationServices;
            var log = parts.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TlsCertificate).FullName!);
            var certificate = new Lazy<X509Certificate2>(
                () => LoadOrMake(options, parts.GetRequiredService<TimeProvider>(), log));
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate.Value);
        });
    }

    public static X509Certificate2 LoadOrMake(ApiOptions options, TimeProvider clock, ILogger log)
    {
        var path = options.OwnFile("tls.pfx");
        var certificate = File.Exists(path) ? LoadUsable(path, clock, log) : null;
        certificate ??= Make(path, clock);
        log.CertificateLoaded(path, FingerprintOf(certificate));
        return certificate;
    }

    public static string FingerprintOf(X509Certificate2 certificate) =>
        string.Join(':', certificate.GetCertHash(HashAlgorithmName.SHA256).Select(b => b.ToString("X2")));

    private static X509Certificate2? LoadUsable(string path, TimeProvider clock, ILogger log)
    {
        try
        {
            var loaded = X509CertificateLoader.LoadPkcs12FromFile(path, password: null);
            if (loaded.HasPrivateKey && loaded.NotAfter.ToUniversalTime() > clock.GetUtcNow().UtcDateTime)
                return loaded;
            log.CertificateRenewed(path, $"it ended on {loaded.NotAfter:yyyy-MM-dd}");
            loaded.Dispose();
        }
        catch (CryptographicException error)
        {
            log.CertificateRenewed(path, error.Message);
        }
        return null;
    }

    private static X509Certificate2 Make(string path, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var host = Environment.MachineName;
        var request = new CertificateRequest($"CN={host}, O=HaAppliance", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        if (Uri.CheckHostName(host) == UriHostNameType.Dns && host != "localhost") names.AddDnsName(host);
        foreach (var address in LocalAddresses()) names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        var now = clock.GetUtcNow();
        // A day earlier: the clocks of browser and node need not agree.
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        OwnerOnly.WriteFile(path, made.Export(X509ContentType.Pkcs12));
        return X509CertificateLoader.LoadPkcs12FromFile(path, password: null);
    }

    private static IEnumerable<IPAddress> LocalAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !address.IsIPv6LinkLocal)
        .Append(IPAddress.Loopback)
        .Append(IPAddress.IPv6Loopback)
        .Distinct();
}
