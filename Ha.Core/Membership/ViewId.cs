using System.Buffers.Text;

namespace Ha.Core.Membership;

/// <summary>
/// Identity of a membership view. Ids grow: a later agreement has a greater epoch, and of two proposals of one epoch
/// the one of the later node wins. Part of the fencing token that every order carries (RELIABILITY.md S7).
/// </summary>
/// <param name="Epoch">Counts agreements; 0 means no view.</param>
/// <param name="Proposer">Index of the proposing node in the order of ha.cf.</param>
public readonly record struct ViewId(ulong Epoch, int Proposer) : IComparable<ViewId>
{
    /// <summary>No view.</summary>
    public static readonly ViewId None;

    /// <summary>True for a real view.</summary>
    public bool Exists => Epoch > 0;

    /// <inheritdoc/>
    public int CompareTo(ViewId other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Proposer.CompareTo(other.Proposer);

    /// <summary>Whether <paramref name="a"/> is older than <paramref name="b"/>.</summary>
    public static bool operator <(ViewId a, ViewId b) => a.CompareTo(b) < 0;

    /// <summary>Whether <paramref name="a"/> is newer than <paramref name="b"/>.</summary>
    public static bool operator >(ViewId a, ViewId b) => a.CompareTo(b) > 0;

    /// <summary>Whether <paramref name="a"/> is not newer than <paramref name="b"/>.</summary>
    public static bool operator <=(ViewId a, ViewId b) => a.CompareTo(b) <= 0;

    /// <summary>Whether <paramref name="a"/> is not older than <paramref name="b"/>.</summary>
    public static bool operator >=(ViewId a, ViewId b) => a.CompareTo(b) >= 0;

    /// <summary><c>epoch.proposer</c> in decimal.</summary>
    public override string ToString() => $"{Epoch}.{Proposer}";

    /// <summary>Writes <c>epoch.proposer</c> into a buffer without allocating.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Format(Span<byte> destination)
    {
        Utf8Formatter.TryFormat(Epoch, destination, out var written);
        destination[written++] = (byte)'.';
        Utf8Formatter.TryFormat(Proposer, destination[written..], out var more);
        return written + more;
    }

    /// <summary>Reads <c>epoch.proposer</c>.</summary>
    /// <param name="text">The text, whole.</param>
    /// <param name="id">The id; <see cref="None"/> on failure.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out ViewId id)
    {
        id = None;
        if (!Utf8Parser.TryParse(text, out ulong epoch, out var used) || used >= text.Length || text[used] != '.')
            return false;
        var rest = text[(used + 1)..];
        if (!Utf8Parser.TryParse(rest, out int proposer, out var last) || last != rest.Length || proposer < 0)
            return false;
        id = new ViewId(epoch, proposer);
        return true;
    }
}
