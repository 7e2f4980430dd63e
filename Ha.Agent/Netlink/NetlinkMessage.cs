using System.Runtime.InteropServices;

namespace Ha.Agent.Netlink;

/// <summary>Writes one netlink request: header, fixed part, attributes padded to four bytes.</summary>
internal ref struct NetlinkMessage
{
    public const int HeaderLength = 16;
    public const int AttributeHeaderLength = 4;

    private readonly Span<byte> buffer;
    private int length;

    /// <param name="buffer">Large enough for the whole request.</param>
    /// <param name="type">RTM_… number.</param>
    /// <param name="flags">NLM_F_… flags.</param>
    /// <param name="sequence">Comes back in the answers.</param>
    /// <param name="fixedPart">The family's own header (ifaddrmsg, ifinfomsg, rtmsg).</param>
    public NetlinkMessage(
        Span<byte> buffer, ushort type, ushort flags, uint sequence, scoped ReadOnlySpan<byte> fixedPart)
    {
        this.buffer = buffer;
        buffer.Clear();
        MemoryMarshal.Write(buffer[4..], type);
        MemoryMarshal.Write(buffer[6..], flags);
        MemoryMarshal.Write(buffer[8..], sequence);
        fixedPart.CopyTo(buffer[HeaderLength..]);
        length = HeaderLength + Padded(fixedPart.Length);
    }

    /// <summary>Appends an attribute.</summary>
    public void Add(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var attribute = buffer[length..];
        MemoryMarshal.Write(attribute, (ushort)(AttributeHeaderLength + value.Length));
        MemoryMarshal.Write(attribute[2..], type);
        value.CopyTo(attribute[AttributeHeaderLength..]);
        length += AttributeHeaderLength + Padded(value.Length);
    }

    /// <summary>The finished request.</summary>
    public readonly ReadOnlySpan<byte> Finish()
    {
        MemoryMarshal.Write(buffer, (uint)length);
        return buffer[..length];
    }

    /// <summary>Rounded up to netlink's alignment.</summary>
    public static int Padded(int bytes) => (bytes + 3) & ~3;

    /// <summary>The value of an attribute; empty when it is not there.</summary>
    /// <param name="attributes">The attributes, after the fixed part of a message.</param>
    /// <param name="wanted">Attribute number.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, ushort wanted)
    {
        while (attributes.Length >= AttributeHeaderLength)
        {
            var size = MemoryMarshal.Read<ushort>(attributes);
            if (size < AttributeHeaderLength || size > attributes.Length) return default;
            if (MemoryMarshal.Read<ushort>(attributes[2..]) == wanted) return attributes[AttributeHeaderLength..size];
            attributes = attributes[Math.Min(Padded(size), attributes.Length)..];
        }

        return default;
    }
}
