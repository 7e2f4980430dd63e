using System.Text;

namespace Ha.Agent.Resources;

/// <summary>Keeps the first and the last part of a program's output, however long it is.</summary>
/// <param name="kept">How many bytes at either end.</param>
internal sealed class OutputExcerpt(int kept = OutputExcerpt.ForEvents)
{
    /// <summary>Both ends together stay below 2 KiB: so much goes into an event.</summary>
    public const int ForEvents = 1000;

    private byte[] head = [];
    private byte[] tail = [];
    private int headLength;
    private long total;

    /// <summary>Takes the next piece.</summary>
    public void Add(ReadOnlySpan<byte> piece)
    {
        total += piece.Length;
        var first = piece[..Math.Min(piece.Length, kept - headLength)];
        if (head.Length < headLength + first.Length)
            Array.Resize(ref head, Math.Min(kept, Math.Max(head.Length * 2, headLength + first.Length)));
        first.CopyTo(head.AsSpan(headLength));
        headLength += first.Length;
        var rest = piece[first.Length..];
        if (rest.IsEmpty) return;
        if (tail.Length == 0) tail = new byte[kept];
        if (rest.Length >= kept)
        {
            rest[^kept..].CopyTo(tail);
            return;
        }

        tail.AsSpan(rest.Length).CopyTo(tail);
        rest.CopyTo(tail.AsSpan(kept - rest.Length));
    }

    /// <summary>The text, with a note where some was left out.</summary>
    public override string ToString()
    {
        var beyond = total - headLength;
        var last = beyond == 0 ? [] : tail.AsSpan(kept - (int)Math.Min(beyond, kept));
        var omitted = beyond - last.Length;
        var middle = omitted > 0 ? $"[{omitted} bytes left out]" : "";
        return (Encoding.UTF8.GetString(head, 0, headLength) + middle + Encoding.UTF8.GetString(last)).Trim();
    }
}
