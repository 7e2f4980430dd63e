namespace Ha.Core.Heartbeat;

/// <summary>How a field's value is to be read (PROTOCOL.md 2.1). The numbers are those on the wire.</summary>
public enum FieldType
{
    /// <summary>Text without NUL.</summary>
    Text = 0,

    /// <summary>Any bytes.</summary>
    Binary = 1,

    /// <summary>A message in netstring form without its signature: <c>###</c> LF, fields, <c>%%%</c> LF.</summary>
    Nested = 2,

    /// <summary>A list of strings, each written <c>LENGTH:TEXT,</c>.</summary>
    List = 3,

    /// <summary>Compressed bytes. Carried as they are; nothing here compresses or expands.</summary>
    Compressed = 4,
}

/// <summary>One field of a received message. The spans point into the datagram or into the decoder's buffer.</summary>
public readonly ref struct HeartbeatField
{
    /// <summary>How the value is to be read.</summary>
    public required FieldType Type { get; init; }

    /// <summary>Name, never empty.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    /// <summary>Value as in the netstring form; may be empty.</summary>
    public required ReadOnlySpan<byte> Value { get; init; }
}

/// <summary>Where a field lies in the bytes that hold its message.</summary>
/// <param name="Type">How the value is to be read.</param>
/// <param name="NameAt">Offset of the name.</param>
/// <param name="NameLength">Length of the name; one byte <c>=</c> follows it.</param>
/// <param name="ValueLength">Length of the value after the <c>=</c>.</param>
internal readonly record struct FieldPosition(FieldType Type, int NameAt, int NameLength, int ValueLength)
{
    public int ValueAt => NameAt + NameLength + 1;

    public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> data) => data.Slice(NameAt, NameLength);

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> data) => data.Slice(ValueAt, ValueLength);
}
