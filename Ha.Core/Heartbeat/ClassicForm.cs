using System.Buffers;
using System.Buffers.Text;

namespace Ha.Core.Heartbeat;

/// <summary>
/// The classic form (PROTOCOL.md 2.2): one line <c>[(TYPE)]NAME=VALUE</c> per field between <c>&gt;&gt;&gt;</c> and
/// <c>&lt;&lt;&lt;</c>. It goes over serial lines, and the inner signature covers its lines without the markers.
/// </summary>
internal static class ClassicForm
{
    /// <summary>How deep messages may lie in messages: Heartbeat has 16 stand-ins for nested line ends.</summary>
    public const int MaxDepth = 16;

    private const byte LineEnd = (byte)'\n';
    private const byte TextLineEnd = 0x13;

    public static ReadOnlySpan<byte> Start => ">>>\n"u8;

    public static ReadOnlySpan<byte> End => "<<<\n"u8;

    // What ends the lines of a message nested that many levels deep.
    private static ReadOnlySpan<byte> NestedLineEnds =>
        [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 15, 16, 17, 18];

    /// <summary>Writes one field as a line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="at">Where the line begins; on success where the next begins.</param>
    /// <param name="field">The field; a nested value is in netstring form.</param>
    /// <param name="depth">0 for the fields of a message, 1 for those of a message in it, and so on.</param>
    /// <returns>False when the room does not suffice or a nested message is not well formed.</returns>
    public static bool TryWriteLine(Span<byte> output, ref int at, HeartbeatField field, int depth)
    {
        var start = field.Type == FieldType.Text ? 0 : Netstring.TypeLength;
        if (output.Length - at < start + field.Name.Length + 2) return false;
        if (start > 0)
        {
            at += Netstring.WriteFieldStart(output[at..], field.Type, field.Name);
        }
        else
        {
            field.Name.CopyTo(output[at..]);
            at += field.Name.Length;
            output[at++] = (byte)'=';
        }

        if (!TryWriteValue(output, ref at, field, depth) || at == output.Length) return false;
        output[at++] = depth == 0 ? LineEnd : NestedLineEnds[depth - 1];
        return true;
    }

    /// <summary>
    /// Reads one line and writes the field as a netstring's content, <c>(TYPE)NAME=VALUE</c>, with its value as it
    /// is in that form.
    /// </summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="output">Where to.</param>
    /// <param name="at">Where the content begins; on success where it ends.</param>
    /// <param name="depth">As for <see cref="TryWriteLine"/>.</param>
    /// <param name="field">Where name and value lie in <paramref name="output"/>.</param>
    /// <returns>False when the line is not a field or the room does not suffice.</returns>
    public static bool TryReadLine(
        ReadOnlySpan<byte> line, Span<byte> output, ref int at, int depth, out FieldPosition field)
    {
        field = default;
        var type = FieldType.Text;
        if (line.Length > Netstring.TypeLength && line[0] == (byte)'(' && line[2] == (byte)')')
        {
            type = (FieldType)(line[1] - '0');
            if (type is < FieldType.Text or > FieldType.Compressed) return false;
            line = line[Netstring.TypeLength..];
        }

        var nameLength = line.IndexOf((byte)'=');
        if (nameLength <= 0 || !Netstring.IsName(line[..nameLength])) return false;
        if (output.Length - at < Netstring.TypeLength + nameLength + 1) return false;
        var nameAt = at + Netstring.TypeLength;
        at += Netstring.WriteFieldStart(output[at..], type, line[..nameLength]);
        var valueAt = at;
        if (!TryReadValue(line[(nameLength + 1)..], type, output, ref at, depth)) return false;
        field = new(type, nameAt, nameLength, at - valueAt);
        return true;
    }

    private static bool TryWriteValue(Span<byte> output, ref int at, HeartbeatField field, int depth)
    {
        if (field.Type == FieldType.Nested) return TryWriteNested(output, ref at, field.Value, depth);
        if (field.Type is FieldType.Binary or FieldType.Compressed)
        {
            var status = Base64.EncodeToUtf8(field.Value, output[at..], out _, out var written);
            at += written;
            return status == OperationStatus.Done;
        }

        if (!field.Value.TryCopyTo(output[at..])) return false;
        output.Slice(at, field.Value.Length).Replace(LineEnd, TextLineEnd);
        at += field.Value.Length;
        return true;
    }

    private static bool TryWriteNested(Span<byte> output, ref int at, ReadOnlySpan<byte> message, int depth)
    {
        if (depth == MaxDepth || message.Length < Netstring.Start.Length + Netstring.End.Length) return false;
        if (!message.StartsWith(Netstring.Start) || !message.EndsWith(Netstring.End)) return false;
        if (!TryWriteMarker(output, ref at, Start, depth)) return false;

        var fields = message[..^Netstring.End.Length];
        for (var from = Netstring.Start.Length; from < fields.Length;)
        {
            if (!Netstring.TryReadField(fields, ref from, out var position)) return false;
            var field = new HeartbeatField
            {
                Type = position.Type, Name = position.Name(fields), Value = position.Value(fields),
            };
            if (!TryWriteLine(output, ref at, field, depth + 1)) return false;
        }

        return TryWriteMarker(output, ref at, End, depth);
    }

    private static bool TryWriteMarker(Span<byte> output, ref int at, ReadOnlySpan<byte> marker, int depth)
    {
        if (!marker.TryCopyTo(output[at..])) return false;
        at += marker.Length;
        output[at - 1] = NestedLineEnds[depth];
        return true;
    }

    private static bool TryReadValue(
        ReadOnlySpan<byte> text, FieldType type, Span<byte> output, ref int at, int depth)
    {
        if (type == FieldType.Nested) return TryReadNested(text, output, ref at, depth);
        if (type is FieldType.Binary or FieldType.Compressed)
        {
            var status = Base64.DecodeFromUtf8(text, output[at..], out _, out var written);
            at += written;
            return status == OperationStatus.Done;
        }

        if (text.Contains((byte)0) || !text.TryCopyTo(output[at..])) return false;
        output.Slice(at, text.Length).Replace(TextLineEnd, LineEnd);
        at += text.Length;
        return true;
    }

    private static bool TryReadNested(ReadOnlySpan<byte> text, Span<byte> output, ref int at, int depth)
    {
        if (depth == MaxDepth || text.Length < Start.Length + End.Length) return false;
        var lineEnd = NestedLineEnds[depth];
        if (!text.StartsWith(Start[..^1]) || text[Start.Length - 1] != lineEnd) return false;
        if (!text[..^1].EndsWith(End[..^1]) || text[^1] != lineEnd) return false;
        if (!Netstring.Start.TryCopyTo(output[at..])) return false;
        at += Netstring.Start.Length;

        var lines = text[Start.Length..^End.Length];
        while (!lines.IsEmpty)
        {
            var length = lines.IndexOf(lineEnd);
            if (length < 0 || !TryReadNestedLine(lines[..length], output, ref at, depth + 1)) return false;
            lines = lines[(length + 1)..];
        }

        if (!Netstring.End.TryCopyTo(output[at..])) return false;
        at += Netstring.End.Length;
        return true;
    }

    // The length stands in front of what it counts: the content is written further on, then moved up to its prefix.
    private static bool TryReadNestedLine(ReadOnlySpan<byte> line, Span<byte> output, ref int at, int depth)
    {
        var contentAt = at + Netstring.MaxPrefixLength;
        if (contentAt > output.Length) return false;
        var end = contentAt;
        if (!TryReadLine(line, output, ref end, depth, out _)) return false;
        at += Netstring.WritePrefix(output[at..], end - contentAt);
        output[contentAt..end].CopyTo(output[at..]);
        at += end - contentAt;
        if (at == output.Length) return false;
        output[at++] = (byte)',';
        return true;
    }
}
