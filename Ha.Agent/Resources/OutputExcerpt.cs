using System.Text;

namespace Ha.Agent.Resources;

/// <summary>Keeps the first and the last KiB of a program's output, however long it is.</summary>
internal sealed class OutputExcerpt
{
    private const int Kept = 1000;

    private readonly byte[] head = new byte[Kept];
    private readonly byte[] tail = new byte[Kept];
    private int headLength;
    private long total;

    /// <summary>Takes the next piece.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        total += piece.Length;
        var first = piece[..Math.Min(piece.Length, Kept - headLength)];
        first.CopyTo(head.AsSpan(headLength));
        headLength += first.Length;
        var rest = piece[first.Length..];
        if (rest.Length >= Kept)
        {
            rest[^Kept..].CopyTo(tail);
            return;
        }

        tail.AsSpan(rest.Length).CopyTo(tail);
        rest.CopyTo(tail.AsSpan(Kept - rest.Length));
    }

    /// <summary>The text, with a note where some was left out.</summary>
    public override string ToString()
    {
        var beyond = total - headLength;
        var last = tail.AsSpan(Kept - (int)Math.Min(beyond, Kept));
        var omitted = beyond - last.Length;
        var middle = omitted > 0 ? $"[{omitted} bytes left out]" : "";
        return (Encoding.UTF8.GetString(head, 0, headLength) + middle + Encoding.UTF8.GetString(last)).Trim();
    }
}
