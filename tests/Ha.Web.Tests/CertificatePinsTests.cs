using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ha.Web.Client;

namespace Ha.Web.Tests;

public sealed class CertificatePinsTests : IDisposable
{
    private static readonly Uri Api = new("https://s1:8443");
    private readonly string _folder = Directory.CreateTempSubdirectory("ha-web-pins-").FullName;

    [Fact]
    public void FirstSelfSignedCertificate_IsKeptAcrossRestartsAndAnotherIsRefused()
    {
        using var first = NewCertificate();
        using var second = NewCertificate();

        Assert.Null(Load().Refusal(Api, first, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Null(Load().Refusal(Api, first, SslPolicyErrors.RemoteCertificateChainErrors));
        var refusal = Load().Refusal(Api, second, SslPolicyErrors.RemoteCertificateChainErrors);

        Assert.Contains("changed", refusal, StringComparison.Ordinal);
        Assert.Contains(CertificatePins.FileName, refusal, StringComparison.Ordinal);
        Assert.Contains(second.GetCertHashString(HashAlgorithmName.SHA256), refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void EachAddress_HasItsOwnCertificate()
    {
        using var first = NewCertificate();
        using var second = NewCertificate();
        var pins = Load();

        Assert.Null(pins.Refusal(Api, first, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Null(pins.Refusal(new Uri("https://s2:8443"), second, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public void CertificateThatTheSystemTrusts_IsAccepted()
    {
        using var any = NewCertificate();
        using var renewed = NewCertificate();

        Assert.Null(Load().Refusal(Api, any, SslPolicyErrors.None));
        Assert.Null(Load().Refusal(Api, renewed, SslPolicyErrors.None));
    }

    [Fact]
    public void GivenFingerprints_AreTheOnlyOnesAccepted()
    {
        using var named = NewCertificate();
        using var other = NewCertificate();
        var pins = Load(named.GetCertHashString(HashAlgorithmName.SHA256));

        Assert.Null(pins.Refusal(Api, named, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.Contains("--api-fingerprint", pins.Refusal(Api, other, SslPolicyErrors.None), StringComparison.Ordinal);
    }

    [Fact]
    public void NoCertificate_IsRefused() =>
        Assert.NotNull(Load().Refusal(Api, null, SslPolicyErrors.RemoteCertificateNotAvailable));

    [Fact]
    public void DamagedFile_StopsTheStartAndSaysWhatToDo()
    {
        File.WriteAllText(Path.Combine(_folder, CertificatePins.FileName), "{ broken");

        var error = Assert.Throws<InvalidDataException>(() => Load());
        Assert.Contains("delete it", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CertificatePins Load(params ImmutableArray<string> fingerprints) =>
        CertificatePins.Load(_folder, fingerprints);

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
