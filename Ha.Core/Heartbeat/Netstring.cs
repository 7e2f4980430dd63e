using System.Buffers.Text;

namespace Ha.Core.Heartbeat;

/// <summary>
/// The pieces of the netstring form (PROTOCOL.md 2.1): <c>LENGTH:CONTENT,</c> and, as a field's content,
/// <c>(TYPE)NAME=VALUE</c>. Values hold any byte, so everything is found by its length and nothing by searching; and a
/// length is believed only as far as there are bytes.
/// </summary>
internal static class Netstring
{
    /// <summary>Bytes of the longest prefix: five digits and a colon.</summary>
    public const int MaxPrefixLength = MaxLengthDigits + 1;

    /// <summary>Bytes of <c>(TYPE)</c>.</summary>
    public const int TypeLength = 3;

    private const int MaxLengthDigits = 5;
    private const byte FirstPrintable = (byte)' ';

    public static ReadOnlySpan<byte> Start => "###\n"u8;

    public static ReadOnlySpan<byte> End => "%%%\n"u8;

    /// <summary>Reads one netstring and moves past it.</summary>
    /// <param name="data">All bytes.</param>
    /// <param name="at">Where it begins; on success where the next begins.</param>
    /// <param name="contentAt">Where its content begins.</param>
    /// <param name="contentLength">How long its content is.</param>
    /// <returns>False when there is no complete, canonical netstring.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, ref int at, out int contentAt, out int contentLength)
    {
        contentLength = 0;
        contentAt = at;
        while (contentAt < data.Length && data[contentAt] is >= (byte)'0' and <= (byte)'9')
        {
            if (contentAt - at == MaxLengthDigits) return false;
            contentLength = (contentLength * 10) + (data[contentAt++] - '0');
        }

        var digits = contentAt - at;
        if (digits == 0 || (digits > 1 && data[at] == (byte)'0')) return false;
        if (contentAt == data.Length || data[contentAt++] != (byte)':') return false;
        if (contentLength >= data.Length - contentAt || data[contentAt + contentLength] != (byte)',') return false;
        at = contentAt + contentLength + 1;
        return true;
    }

    /// <summary>Reads one netstring that holds a field and moves past it.</summary>
    public static bool TryReadField(ReadOnlySpan<byte> data, ref int at, out FieldPosition field)
    {
        field = default;
        if (!TryRead(data, ref at, out var contentAt, out var length)) return false;
        var content = data.Slice(contentAt, length);
        if (length <= TypeLength || content[0] != (byte)'(' || content[2] != (byte)')') return false;
        var type = (FieldType)(content[1] - '0');
        if (type is < FieldType.Text or > FieldType.Compressed) return false;

        var nameLength = content[TypeLength..].IndexOf((byte)'=');
        if (nameLength <= 0 || !IsName(content.Slice(TypeLength, nameLength))) return false;
        field = new(type, contentAt + TypeLength, nameLength, length - TypeLength - nameLength - 1);
        return type != FieldType.Text || !field.Value(data).Contains((byte)0);
    }

    /// <summary>Whether a field may bear this name: not empty, no <c>=</c>, no control character.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var value in name)
            if (value is < FirstPrintable or (byte)'=') return false;
        return !name.IsEmpty;
    }

    /// <summary>Writes the prefix <c>LENGTH:</c>.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int WritePrefix(Span<byte> output, int contentLength)
    {
        Utf8Formatter.TryFormat(contentLength, output, out var written);
        output[written] = (byte)':';
        return written + 1;
    }

    /// <summary>Writes <c>(TYPE)NAME=</c>.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int WriteFieldStart(Span<byte> output, FieldType type, ReadOnlySpan<byte> name)
    {
        output[0] = (byte)'(';
        output[1] = (byte)('0' + type);
        output[2] = (byte)')';
        name.CopyTo(output[TypeLength..]);
        output[TypeLength + name.Length] = (byte)'=';
        return TypeLength + name.Length + 1;
    }
}
