using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace Ha.Core.Heartbeat;

/// <summary>
/// Writes and signs messages: <see cref="Begin"/>, the fields in order, then <see cref="Finish"/> or
/// <see cref="FinishClassic"/> (or both). One is used for all messages of a node; it owns its buffers and allocates
/// nothing once they have grown. Not for use by two callers at a time.
/// </summary>
public sealed class MessageEncoder
{
    /// <summary>Longest datagram it writes, bytes.</summary>
    public const int MaxLength = 60_000;

    private const int FirstLength = 1024;

    // Base64 makes the lines longer than the fields they come from, by a third at most.
    private const int MaxLinesLength = 2 * MaxLength;

    private readonly AuthenticationKeys keys;
    private readonly bool innerAuth;
    private readonly FieldPosition[] fields = new FieldPosition[MessageDecoder.MaxFields];
    private byte[] buffer = new byte[FirstLength];
    private byte[] lines = new byte[FirstLength];
    private int length;
    private int fieldsEnd;
    private int fieldCount;

    private static ReadOnlySpan<byte> AuthenticationLine => "auth="u8;

    private static ReadOnlySpan<byte> AfterSignature => "\n<<<\n\0"u8;

    /// <summary>Creates the encoder of one node.</summary>
    /// <param name="keys">Its keys; the active one signs.</param>
    /// <param name="innerAuth">Whether the netstring form has the inner signature too (<c>msgfmt classic</c>).</param>
    public MessageEncoder(AuthenticationKeys keys, bool innerAuth)
    {
        this.keys = keys;
        this.innerAuth = innerAuth;
        Begin();
    }

    /// <summary>Begins a new message and forgets the last one.</summary>
    public void Begin()
    {
        Netstring.Start.CopyTo(buffer);
        fieldsEnd = length = Netstring.Start.Length;
        fieldCount = 0;
    }

    /// <summary>Adds text. An empty value becomes one blank, as Heartbeat does: the wire has no empty text.</summary>
    /// <exception cref="ArgumentException">The name is none, or the value contains NUL.</exception>
    /// <exception cref="InvalidOperationException">The message is full (also for the methods below).</exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) value = " "u8;
        if (value.Contains((byte)0))
            throw new ArgumentException($"the text of field {Text(name)} contains NUL", nameof(value));
        value.CopyTo(AddField(FieldType.Text, name, value.Length));
    }

    /// <summary>Adds text as UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length == 0) value = " ";
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"the text of field {Text(name)} contains NUL", nameof(value));
        Encoding.UTF8.GetBytes(value, AddField(FieldType.Text, name, Encoding.UTF8.GetByteCount(value)));
    }

    /// <summary>Adds a number in lower-case hexadecimal without leading zeros.</summary>
    public void AddHex(ReadOnlySpan<byte> name, ulong value)
    {
        var digits = Math.Max(1, 16 - (BitOperations.LeadingZeroCount(value) / 4));
        var field = AddField(FieldType.Text, name, digits);
        for (var at = digits - 1; at >= 0; at--, value >>= 4) field[at] = "0123456789abcdef"u8[(int)(value & 15)];
    }

    /// <summary>Adds a decimal number.</summary>
    public void AddDecimal(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, text, out var written);
        Add(name, text[..written]);
    }

    /// <summary>Adds a UUID as 16 bytes, most significant first.</summary>
    public void AddUuid(ReadOnlySpan<byte> name, Guid value) =>
        value.TryWriteBytes(AddField(FieldType.Binary, name, 16), bigEndian: true, out _);

    /// <summary>Adds bytes.</summary>
    public void AddBinary(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        value.CopyTo(AddField(FieldType.Binary, name, value.Length));

    /// <summary>Adds a list of strings.</summary>
    /// <exception cref="ArgumentException">An item is too long, or contains a line end or NUL.</exception>
    public void AddList(ReadOnlySpan<byte> name, IEnumerable<string> items)
    {
        var packed = new List<byte>();
        Span<byte> prefix = stackalloc byte[Netstring.MaxPrefixLength];
        foreach (var item in items)
        {
            if (item.AsSpan().ContainsAny('\n', '\0') || item.Length > MaxLength)
                throw new ArgumentException($"an item of list {Text(name)} cannot be written", nameof(items));
            var text = Encoding.UTF8.GetBytes(item);
            packed.AddRange(prefix[..Netstring.WritePrefix(prefix, text.Length)]);
            packed.AddRange(text);
            packed.Add((byte)',');
        }

        packed.ToArray().CopyTo(AddField(FieldType.List, name, packed.Count));
    }

    /// <summary>Adds a message within the message.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="message">What another encoder's <see cref="FinishUnsigned"/> returned.</param>
    public void AddNested(ReadOnlySpan<byte> name, ReadOnlySpan<byte> message) =>
        message.CopyTo(AddField(FieldType.Nested, name, message.Length));

    /// <summary>Ends the message in the netstring form, signed.</summary>
    /// <returns>The datagram; valid until the next <see cref="Begin"/>.</returns>
    public ReadOnlySpan<byte> Finish()
    {
        length = fieldsEnd;
        Span<byte> signature = stackalloc byte[MessageSignature.MaxLength];
        if (innerAuth)
        {
            var end = WriteLines();
            var signed = lines.AsSpan(ClassicForm.Start.Length, end - ClassicForm.Start.Length);
            var inner = signature[..MessageSignature.Write(keys.Active, signed, signature)];
            inner.CopyTo(AppendField(FieldType.Text, FieldNames.Authentication, inner.Length));
        }

        Append(Netstring.End);
        var outer = signature[..MessageSignature.Write(keys.Active, buffer.AsSpan(0, length), signature)];
        length += Netstring.WritePrefix(Reserve(Netstring.MaxPrefixLength), outer.Length);
        Append(outer);
        Append(","u8);
        return buffer.AsSpan(0, length);
    }

    /// <summary>Ends the message in the classic form, signed, with the NUL that Heartbeat sends after it.</summary>
    /// <returns>The datagram; valid until the next <see cref="Begin"/>.</returns>
    public ReadOnlySpan<byte> FinishClassic()
    {
        var end = WriteLines();
        Span<byte> signature = stackalloc byte[MessageSignature.MaxLength];
        var signed = lines.AsSpan(ClassicForm.Start.Length, end - ClassicForm.Start.Length);
        signature = signature[..MessageSignature.Write(keys.Active, signed, signature)];
        var needed = end + AuthenticationLine.Length + signature.Length + AfterSignature.Length;
        if (needed > MaxLength) throw TooLong();
        if (needed > lines.Length) Grow(ref lines, needed, MaxLinesLength);
        AuthenticationLine.CopyTo(lines.AsSpan(end));
        signature.CopyTo(lines.AsSpan(end + AuthenticationLine.Length));
        AfterSignature.CopyTo(lines.AsSpan(needed - AfterSignature.Length));
        return lines.AsSpan(0, needed);
    }

    /// <summary>Ends the message unsigned, to be put into another one by <see cref="AddNested"/>.</summary>
    /// <returns>The message; valid until the next <see cref="Begin"/>.</returns>
    public ReadOnlySpan<byte> FinishUnsigned()
    {
        length = fieldsEnd;
        Append(Netstring.End);
        return buffer.AsSpan(0, length);
    }

    /// <summary>Adds a field as it was received.</summary>
    internal void Add(HeartbeatField field) =>
        field.Value.CopyTo(AddField(field.Type, field.Name, field.Value.Length));

    private Span<byte> AddField(FieldType type, ReadOnlySpan<byte> name, int valueLength)
    {
        if (!Netstring.IsName(name))
            throw new ArgumentException($"a field cannot be named '{Text(name)}'", nameof(name));
        if (name.SequenceEqual(FieldNames.Authentication))
            throw new ArgumentException("the field auth is added by Finish", nameof(name));
        if (fieldCount == fields.Length - 1) throw TooLong();
        length = fieldsEnd;
        var value = AppendField(type, name, valueLength);
        fieldsEnd = length;
        fields[fieldCount++] = new(type, length - 1 - valueLength - 1 - name.Length, name.Length, valueLength);
        return value;
    }

    private Span<byte> AppendField(FieldType type, ReadOnlySpan<byte> name, int valueLength)
    {
        var contentLength = Netstring.TypeLength + name.Length + 1 + valueLength;
        var output = Reserve(Netstring.MaxPrefixLength + contentLength + 1);
        var at = Netstring.WritePrefix(output, contentLength);
        at += Netstring.WriteFieldStart(output[at..], type, name);
        var value = output.Slice(at, valueLength);
        at += valueLength;
        output[at++] = (byte)',';
        length += at;
        return value;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        length += bytes.Length;
    }

    // Room after what is written; a failure leaves the message as it was.
    private Span<byte> Reserve(int count)
    {
        if (buffer.Length - length < count) Grow(ref buffer, length + count, MaxLength);
        return buffer.AsSpan(length);
    }

    // The fields in the classic form after its start mark; where they end.
    private int WriteLines()
    {
        var at = 0;
        while (!TryWriteLines(out at)) Grow(ref lines, lines.Length + 1, MaxLinesLength);
        return at;
    }

    private bool TryWriteLines(out int at)
    {
        ClassicForm.Start.CopyTo(lines);
        at = ClassicForm.Start.Length;
        foreach (var position in fields.AsSpan(0, fieldCount))
        {
            var field = new HeartbeatField
            {
                Type = position.Type, Name = position.Name(buffer), Value = position.Value(buffer),
            };
            if (!ClassicForm.TryWriteLine(lines, ref at, field, depth: 0)) return false;
        }

        return true;
    }

    private void Grow(ref byte[] array, int needed, int limit)
    {
        if (needed > limit) throw TooLong();
        Array.Resize(ref array, Math.Min(limit, Math.Max(needed, 2 * array.Length)));
    }

    private InvalidOperationException TooLong() =>
        new($"a message that begins {Text(buffer.AsSpan(0, Math.Min(fieldsEnd, 60)))} cannot be written: " +
            $"more than {MaxLength} bytes or {MessageDecoder.MaxFields} fields, or a nested message that is none");

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
