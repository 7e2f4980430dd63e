namespace Ha.Core.Heartbeat;

/// <summary>
/// Turns datagrams into messages, both forms of PROTOCOL.md section 2. A datagram is authenticated before any of its
/// fields is looked at: the signature is found from the end of the datagram, without believing a length, and checked in
/// constant time. Nothing is allocated, whatever comes in, but one buffer at the first authentic message in the
/// classic form. Not for use by two callers at a time.
/// </summary>
/// <remarks>
/// In the netstring form only the outer signature is checked and the inner <c>auth</c> field is ignored, as Heartbeat
/// does. In the classic form the <c>auth</c> line must be the last, where every sender puts it. Compressed
/// messages, which haresources clusters never send, are refused.
/// </remarks>
/// <param name="keys">The keys to accept.</param>
public sealed class MessageDecoder(AuthenticationKeys keys)
{
    /// <summary>Longest datagram, bytes: what UDP over IPv4 can carry.</summary>
    public const int MaxDatagramLength = 65507;

    /// <summary>How many fields a message has at most, the inner <c>auth</c> field included.</summary>
    public const int MaxFields = 128;

    // Longest datagram whose copy is recognized.
    private const int RememberedLength = 2048;

    private readonly FieldPosition[] fields = new FieldPosition[MaxFields];

    // The last netstring datagram that was accepted, whose fields are still those above: over several media each one comes in
    // as often, and what is equal to the last byte was authenticated with it.
    private readonly byte[] last = new byte[RememberedLength];
    private int lastLength;
    private int lastCount;
    private int lastText;
    private byte[] classicFields = [];

    /// <summary>Decodes a datagram.</summary>
    /// <param name="datagram">Any bytes.</param>
    /// <param name="message">The message; without fields unless the result is <see cref="DecodeResult.Ok"/>.</param>
    public DecodeResult TryDecode(ReadOnlySpan<byte> datagram, out HeartbeatMessage message)
    {
        message = default;
        if (datagram.IsEmpty) return DecodeResult.Empty;
        if (datagram.Length > MaxDatagramLength) return DecodeResult.TooLarge;
        if (datagram.StartsWith(Netstring.Start)) return DecodeNetstring(datagram, out message);
        if (datagram.StartsWith(ClassicForm.Start)) return DecodeClassic(datagram, out message);
        return DecodeResult.NotAMessage;
    }

    private DecodeResult DecodeNetstring(ReadOnlySpan<byte> datagram, out HeartbeatMessage message)
    {
        message = default;
        if (lastLength > 0 && datagram.SequenceEqual(last.AsSpan(0, lastLength)))
        {
            message = new(datagram[..lastText], fields.AsSpan(0, lastCount));
            return DecodeResult.Ok;
        }

        if (datagram[^1] != (byte)',') return DecodeResult.Malformed;
        if (!MessageSignature.TryFindLast(datagram[..^1], out var keyId, out var digest, out var at))
            return DecodeResult.Malformed;
        var length = datagram.Length - 1 - at;
        Span<byte> prefix = stackalloc byte[Netstring.MaxPrefixLength];
        prefix = prefix[..Netstring.WritePrefix(prefix, length)];
        var signed = datagram[..at];
        if (!signed.EndsWith(prefix)) return DecodeResult.Malformed;
        signed = signed[..^prefix.Length];
        if (signed.Length < Netstring.Start.Length + Netstring.End.Length || !signed.EndsWith(Netstring.End))
            return DecodeResult.Malformed;

        var result = Authenticate(signed, keyId, digest);
        if (result != DecodeResult.Ok) return result;
        var text = signed[..^Netstring.End.Length];
        var count = 0;
        lastLength = 0;
        for (at = Netstring.Start.Length; at < text.Length; count++)
        {
            if (count == MaxFields || !Netstring.TryReadField(text, ref at, out fields[count]))
                return DecodeResult.Malformed;
        }

        result = Accept(text, count, out message);
        if (result == DecodeResult.Ok && datagram.Length <= RememberedLength)
        {
            datagram.CopyTo(last);
            (lastLength, lastCount, lastText) = (datagram.Length, count, text.Length);
        }

        return result;
    }

    private DecodeResult DecodeClassic(ReadOnlySpan<byte> datagram, out HeartbeatMessage message)
    {
        message = default;
        if (datagram[^1] == 0) datagram = datagram[..^1];
        if (datagram.Length < ClassicForm.Start.Length + ClassicForm.End.Length || !datagram.EndsWith(ClassicForm.End))
            return DecodeResult.Malformed;
        var lines = datagram[ClassicForm.Start.Length..^ClassicForm.End.Length];
        if (lines.IsEmpty || lines[^1] != (byte)'\n') return DecodeResult.Malformed;
        if (!MessageSignature.TryFindLast(lines[..^1], out var keyId, out var digest, out var at))
            return DecodeResult.Malformed;
        var signed = lines[..at];
        if (!signed.EndsWith("auth="u8)) return DecodeResult.Malformed;
        signed = signed[..^"auth=".Length];
        if (!signed.IsEmpty && signed[^1] != (byte)'\n') return DecodeResult.Malformed;

        var result = Authenticate(signed, keyId, digest);
        return result == DecodeResult.Ok ? ReadLines(lines, out message) : result;
    }

    private DecodeResult ReadLines(ReadOnlySpan<byte> lines, out HeartbeatMessage message)
    {
        message = default;
        lastLength = 0;
        if (classicFields.Length == 0) classicFields = new byte[MaxDatagramLength];
        var at = 0;
        var count = 0;
        while (!lines.IsEmpty)
        {
            var length = lines.IndexOf((byte)'\n');
            var line = lines[..length].TrimStart((byte)'\r');
            lines = lines[(length + 1)..];
            if (line.IsEmpty) continue;
            if (count == MaxFields || !ClassicForm.TryReadLine(line, classicFields, ref at, 0, out fields[count++]))
                return DecodeResult.Malformed;
        }

        return Accept(classicFields, count, out message);
    }

    private DecodeResult Accept(ReadOnlySpan<byte> data, int count, out HeartbeatMessage message)
    {
        message = new(data, fields.AsSpan(0, count));
        if (!message.TryGet(FieldNames.CompressedPayload, out _)) return DecodeResult.Ok;
        message = default;
        return DecodeResult.Malformed;
    }

    private DecodeResult Authenticate(ReadOnlySpan<byte> signed, int keyId, ReadOnlySpan<byte> digest)
    {
        if (keys.Acceptable(keyId) is not { } key)
            return keys.Knows(keyId) ? DecodeResult.WeakKey : DecodeResult.UnknownKey;
        return MessageSignature.Verify(key, signed, digest) ? DecodeResult.Ok : DecodeResult.Unauthentic;
    }
}
