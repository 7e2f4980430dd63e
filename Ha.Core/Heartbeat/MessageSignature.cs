using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Ha.Core.Heartbeat;

/// <summary>
/// The text <c>KEYID DIGEST</c> that signs bytes, outside a datagram and in its inner <c>auth</c> field
/// (PROTOCOL.md section 3). Digests are lower-case hexadecimal.
/// </summary>
internal static class MessageSignature
{
    /// <summary>Longest text: two digits of key id, a blank, 64 digits of HMAC-SHA256.</summary>
    public const int MaxLength = 2 + 1 + MaxDigestLength;

    private const int MaxDigestLength = 64;
    private const int MaxKeyIdLength = 2;

    /// <summary>Writes the signature of some bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="data">What is signed.</param>
    /// <param name="text">Receives the text; at least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(AuthenticationKey key, ReadOnlySpan<byte> data, Span<byte> text)
    {
        Utf8Formatter.TryFormat(key.Id, text, out var length);
        text[length++] = (byte)' ';
        return length + WriteDigest(key, data, text[length..]);
    }

    /// <summary>Whether a digest is that of some bytes. Takes the same time wherever the two differ.</summary>
    public static bool Verify(AuthenticationKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> digest)
    {
        Span<byte> expected = stackalloc byte[MaxDigestLength];
        return CryptographicOperations.FixedTimeEquals(expected[..WriteDigest(key, data, expected)], digest);
    }

    /// <summary>
    /// Finds the signature that ends a text: <c>KEYID SP DIGEST</c>, read backwards, so that nothing in front of it
    /// has to be understood or believed.
    /// </summary>
    /// <param name="text">Bytes that end with the last digit of the digest.</param>
    /// <param name="keyId">The key id, 0 to 99.</param>
    /// <param name="digest">The digest, 1 to 64 lower-case digits; comparing shows whether it is long enough.</param>
    /// <param name="start">Where the key id begins.</param>
    /// <returns>False when the text does not end so.</returns>
    public static bool TryFindLast(
        ReadOnlySpan<byte> text, out int keyId, out ReadOnlySpan<byte> digest, out int start)
    {
        keyId = 0;
        digest = default;
        start = 0;
        var at = text.Length;
        while (at > 0 && text.Length - at < MaxDigestLength && IsDigit(text[at - 1], hexadecimal: true)) at--;
        digest = text[at..];
        if (digest.IsEmpty || at == 0 || text[at - 1] != (byte)' ') return false;

        var blank = at - 1;
        at = blank;
        for (var scale = 1; at > 0 && blank - at < MaxKeyIdLength; scale = 10)
        {
            if (!IsDigit(text[at - 1], hexadecimal: false)) break;
            keyId += scale * (text[--at] - '0');
        }

        start = at;
        return at < blank;
    }

    private static bool IsDigit(byte value, bool hexadecimal) =>
        value is >= (byte)'0' and <= (byte)'9' || (hexadecimal && value is >= (byte)'a' and <= (byte)'f');

    [SuppressMessage("Security", "CA5350", Justification = "Heartbeat's wire format")]
    [SuppressMessage("Security", "CA5351", Justification = "Heartbeat's wire format")]
    private static int WriteDigest(AuthenticationKey key, ReadOnlySpan<byte> data, Span<byte> hex)
    {
        Span<byte> digest = stackalloc byte[MaxDigestLength / 2];
        var secret = key.Secret.Span;
        var length = key.Method switch
        {
            AuthenticationMethod.Crc => 0,
            AuthenticationMethod.Md5 => HMACMD5.HashData(secret, data, digest),
            AuthenticationMethod.Sha1 => HMACSHA1.HashData(secret, data, digest),
            AuthenticationMethod.Sha256 => HMACSHA256.HashData(secret, data, digest),
        };
        if (key.Method == AuthenticationMethod.Crc)
        {
            // The one digest that Heartbeat prints as a number: without leading zeros.
            Utf8Formatter.TryFormat(Crc32.Of(data), hex, out length, 'x');
            return length;
        }

        Convert.TryToHexStringLower(digest[..length], hex, out length);
        return length;
    }
}
