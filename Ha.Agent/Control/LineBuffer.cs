using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>
/// Cuts what a socket delivers into lines. It grows with what really came, up to the longest line of the protocol.
/// </summary>
internal sealed class LineBuffer
{
    private byte[] bytes = new byte[4096];
    private int start;
    private int end;
    private int scanned;

    /// <summary>True when the line under way is longer than the protocol allows.</summary>
    public bool IsTooLong => end - start > ControlProtocol.MaxLineBytes;

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (start > 0)
            {
                bytes.AsSpan(start, end - start).CopyTo(bytes);
                (start, end, scanned) = (0, end - start, scanned - start);
            }

            if (end == bytes.Length) Array.Resize(ref bytes, bytes.Length * 2);
            return bytes.AsMemory(end);
        }
    }

    /// <summary>So many bytes were written to <see cref="Free"/>.</summary>
    public void Added(int count) => end += count;

    /// <summary>The next whole line without its line end; valid until <see cref="Free"/> is read.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        var found = bytes.AsSpan(scanned, end - scanned).IndexOf((byte)'\n');
        if (found < 0)
        {
            scanned = end;
            line = default;
            return false;
        }

        line = bytes.AsMemory(start, scanned + found - start);
        start = scanned = scanned + found + 1;
        return true;
    }
}
