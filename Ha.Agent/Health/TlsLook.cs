using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>
/// A look at a URL that may be https: with the server's name, its certificate verified or at least read. In a process
/// of its own only (<see cref="HttpCheck"/>).
/// </summary>
/// <param name="look">The look.</param>
/// <param name="now">Judges the certificate.</param>
internal sealed class TlsLook(CheckLook look, DateTimeOffset now)
{
    private string problem = "";

    /// <summary>Looks.</summary>
    public CheckFinding Look()
    {
        var url = new Uri(look.Parameter(CheckParameters.Url));
        try
        {
            return HttpCheck.Look(look, url, socket => url.Scheme == Uri.UriSchemeHttps
                ? Wrap(socket, url.IdnHost) : new HttpPipe(socket.Send, socket.Receive));
        }
        catch (AuthenticationException e)
        {
            return CheckFinding.Bad(problem.Length > 0 ? problem : $"TLS: {(e.InnerException ?? e).Message}");
        }
        catch (CryptographicException e)
        {
            return CheckFinding.Bad($"{look.Parameter(CheckParameters.Authority)} cannot be used: {e.Message}");
        }
    }

    private HttpPipe Wrap(CheckSocket socket, string name)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => Judge(certificate, errors),
        };
        if (look.Parameter(CheckParameters.Verify, "true") == "true") options.CertificateChainPolicy = Policy();
        var tls = new SslStream(new SocketStream(socket));
        try
        {
            tls.AuthenticateAsClient(options);
        }
        catch (AuthenticationException)
        {
            tls.Dispose();
            throw;
        }

        return new HttpPipe(tls.Write, tls.Read) { Around = tls };
    }

    private X509ChainPolicy Policy()
    {
        // Asking authorities for revoked certificates may hang, and is not what is looked at.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (look.Parameter(CheckParameters.Authority) is not { Length: > 0 } authority) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.ImportFromPemFile(authority);
        return policy;
    }

    private bool Judge(X509Certificate? certificate, SslPolicyErrors errors)
    {
        problem = certificate is null ? "the server has no certificate"
            : Judge(new X509Certificate2(certificate), errors);
        return problem.Length == 0;
    }

    private string Judge(X509Certificate2 certificate, SslPolicyErrors errors)
    {
        var verifies = look.Parameter(CheckParameters.Verify, "true") == "true";
        var end = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var until = end.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var days = look.Parameter(CheckParameters.Days);
        if (end <= now && (verifies || days.Length > 0)) return $"its certificate ended on {until} UTC";
        if (days.Length > 0 && end - now < TimeSpan.FromDays(int.Parse(days, CultureInfo.InvariantCulture)))
            return $"its certificate ends on {until} UTC, in less than {days} days";
        if (!verifies || errors == SslPolicyErrors.None) return "";
        return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != SslPolicyErrors.None
            ? $"its certificate is for another name: {certificate.Subject}"
            : $"its certificate is not trusted: {certificate.Subject}, issued by {certificate.Issuer}";
    }

    /// <summary>A connection as TLS wants it.</summary>
    private sealed class SocketStream(CheckSocket socket) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => socket.Receive(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => socket.Send(buffer);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
