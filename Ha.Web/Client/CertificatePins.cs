using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Ha.Web.Client;

/// <summary>
/// Which API certificates are accepted. Given fingerprints: only those. Otherwise a certificate that the system trusts,
/// or the one that was first seen at that address (trust on first use, as ssh does), kept in a file.
/// </summary>
internal sealed class CertificatePins
{
    public const string FileName = "api-certificates.json";

    private readonly Lock _lock = new();
    private readonly ImmutableArray<string> _fixed;
    private readonly string _file;
    private ImmutableSortedDictionary<string, string> _known;

    private CertificatePins(
        ImmutableArray<string> fingerprints, string file, ImmutableSortedDictionary<string, string> known)
    {
        _fixed = fingerprints;
        _file = file;
        _known = known;
    }

    /// <summary>Reads what is known already.</summary>
    /// <exception cref="InvalidDataException">The file cannot be understood; the message says what to do.</exception>
    public static CertificatePins Load(string stateDirectory, ImmutableArray<string> fingerprints)
    {
        var file = Path.Combine(stateDirectory, FileName);
        if (!File.Exists(file))
        {
            return new CertificatePins(fingerprints, file, ImmutableSortedDictionary<string, string>.Empty);
        }

        try
        {
            var known = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(file));
            return new CertificatePins(fingerprints, file, (known ?? []).ToImmutableSortedDictionary());
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{file}: not readable ({error.Message}). It maps each API address to a certificate fingerprint. "
                + "Repair it, or delete it to trust the certificates that are seen next.", error);
        }
    }

    /// <summary>Judges a certificate. Null: accepted. Otherwise why not, and what to do.</summary>
    public string? Refusal(Uri api, X509Certificate2? certificate, SslPolicyErrors errors)
    {
        if (certificate is null)
        {
            return $"{api.Authority} presented no certificate.";
        }

        var presented = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (_fixed.Length > 0)
        {
            return _fixed.Contains(presented)
                ? null
                : $"The certificate of {api.Authority} has fingerprint {presented}, "
                    + "which --api-fingerprint does not name.";
        }

        return errors == SslPolicyErrors.None ? null : RefusalOfSelfSigned(api, presented);
    }

    private string? RefusalOfSelfSigned(Uri api, string presented)
    {
        lock (_lock)
        {
            if (!_known.TryGetValue(api.Authority, out var known))
            {
                var updated = _known.Add(api.Authority, presented);
                Write(updated);
                _known = updated;
                return null;
            }

            return known == presented
                ? null
                : $"The certificate of {api.Authority} changed: known is {known}, presented was {presented}. "
                    + "Somebody may be listening in. If it was renewed on purpose, "
                    + $"remove {api.Authority} from {_file} and restart ha-web.";
        }
    }

    private void Write(ImmutableSortedDictionary<string, string> known)
    {
        var temporary = _file + ".new";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(known));
        File.Move(temporary, _file, overwrite: true);
    }
}
