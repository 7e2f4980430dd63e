using System.Buffers.Text;

namespace Ha.Core.Heartbeat;

/// <summary>
/// An authenticated message: views into the datagram it came in, or into the decoder's buffer when that was in the
/// classic form. Valid until the decoder's next call. Of fields with equal names the first counts.
/// </summary>
public readonly ref struct HeartbeatMessage
{
    private const int MaxHexDigits = 16;
    private const int UuidLength = 16;

    private readonly ReadOnlySpan<byte> data;
    private readonly ReadOnlySpan<FieldPosition> fields;

    internal HeartbeatMessage(ReadOnlySpan<byte> data, ReadOnlySpan<FieldPosition> fields)
    {
        this.data = data;
        this.fields = fields;
    }

    /// <summary>How many fields there are, the inner <c>auth</c> field included.</summary>
    public int FieldCount => fields.Length;

    /// <summary>The value of <c>t</c>; empty when there is none.</summary>
    public ReadOnlySpan<byte> Type => TryGet(FieldNames.Type, out var type) ? type : default;

    /// <summary>A field, in the order of the message.</summary>
    /// <param name="index">0 up to <see cref="FieldCount"/> - 1.</param>
    public HeartbeatField this[int index] => new()
    {
        Type = fields[index].Type, Name = fields[index].Name(data), Value = fields[index].Value(data),
    };

    /// <summary>The value of a field of any type, as it is in the netstring form.</summary>
    /// <param name="name">Name of the field.</param>
    /// <param name="value">Its value; empty when there is no such field.</param>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        value = index < 0 ? default : fields[index].Value(data);
        return index >= 0;
    }

    /// <summary>The value of a text field of 1 to 16 hexadecimal digits.</summary>
    public bool TryGetHex(ReadOnlySpan<byte> name, out ulong value)
    {
        value = 0;
        if (!TryGetText(name, out var text) || text.IsEmpty || text.Length > MaxHexDigits) return false;
        return Utf8Parser.TryParse(text, out value, out int used, 'x') && used == text.Length;
    }

    /// <summary>The value of a text field that is a decimal number, with or without a minus sign.</summary>
    public bool TryGetDecimal(ReadOnlySpan<byte> name, out long value)
    {
        value = 0;
        if (!TryGetText(name, out var text) || text.IsEmpty || text[0] == (byte)'+') return false;
        return Utf8Parser.TryParse(text, out value, out int used) && used == text.Length;
    }

    /// <summary>The value of a binary field of 16 bytes.</summary>
    public bool TryGetUuid(ReadOnlySpan<byte> name, out Guid value)
    {
        value = default;
        var index = IndexOf(name);
        if (index < 0 || fields[index] is not { Type: FieldType.Binary, ValueLength: UuidLength }) return false;
        value = new Guid(fields[index].Value(data), bigEndian: true);
        return true;
    }

    /// <summary>The fields in order: <c>foreach (var field in message)</c>.</summary>
    public Enumerator GetEnumerator() => new(this);

    private bool TryGetText(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var index = IndexOf(name);
        var found = index >= 0 && fields[index].Type == FieldType.Text;
        value = found ? fields[index].Value(data) : default;
        return found;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        // A step looks for twenty names: most fields are told apart by length and first letter.
        if (name.IsEmpty) return -1;
        var first = name[0];
        for (var index = 0; index < fields.Length; index++)
        {
            ref readonly var field = ref fields[index];
            if (field.NameLength == name.Length && data[field.NameAt] == first
                && field.Name(data).SequenceEqual(name)) return index;
        }

        return -1;
    }

    /// <summary>Walks over the fields of a message.</summary>
    public ref struct Enumerator
    {
        private readonly HeartbeatMessage message;
        private int index;

        internal Enumerator(HeartbeatMessage message)
        {
            this.message = message;
            index = -1;
        }

        /// <summary>The field the walk has come to.</summary>
        public readonly HeartbeatField Current => message[index];

        /// <summary>Goes on to the next field.</summary>
        public bool MoveNext() => ++index < message.FieldCount;
    }
}
