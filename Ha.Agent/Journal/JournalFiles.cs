using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using Ha.Agent.Interop;
using Ha.Agent.State;
using Ha.Core.Contracts;

namespace Ha.Agent.Journal;

/// <summary>
/// The journal on disk: one JSON line an entry, in files named after the first position they hold. Written by one
/// thread; read by any.
/// </summary>
internal sealed class JournalFiles : IDisposable
{
    private const string Pattern = "events-*.jsonl";
    private const int MaxLineBytes = 1024 * 1024;
    private const byte LineEnd = (byte)'\n';

    private readonly JournalOptions options;
    private readonly ArrayBufferWriter<byte> lines = new();
    private FileStream? current;
    private long goodLength;

    public JournalFiles(JournalOptions options) => this.options = options;

    /// <summary>
    /// Finds the last position used, and cuts off a line that a crash left unfinished.
    /// </summary>
    /// <exception cref="StateException">The directory cannot be used at all.</exception>
    public long Recover()
    {
        try
        {
            Directory.CreateDirectory(options.Directory);
            var last = 0L;
            foreach (var path in Paths())
            {
                last = Math.Max(last, FirstPosition(path) - 1);
                if (path == Paths()[^1]) last = Math.Max(last, Mend(path));
            }

            return last;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"the journal in {options.Directory} cannot be used: {failure.Message}; make the "
                + "directory readable and writable for this agent, then start it again", failure);
        }
    }

    /// <summary>Appends entries.</summary>
    /// <param name="entries">At least one, in order.</param>
    /// <param name="sync">Whether they must be on disk when this returns.</param>
    /// <exception cref="IOException">They were not written; none of them, as far as the disk allows.</exception>
    public void Append(List<JournalEntry> entries, bool sync)
    {
        lines.ResetWrittenCount();
        foreach (var entry in entries)
        {
            lines.Write(JsonSerializer.SerializeToUtf8Bytes(entry, HaJson.Default.JournalEntry));
            lines.Write([LineEnd]);
        }

        if (current is null || goodLength + lines.WrittenCount > options.MaxFileBytes) BeginFile(entries[0].Position);
        try
        {
            current!.Write(lines.WrittenSpan);
            current.Flush(sync);
            goodLength += lines.WrittenCount;
        }
        catch (IOException)
        {
            CutBack();
            throw;
        }
    }

    /// <summary>
    /// Entries after a position and before another, oldest first. Lines that cannot be read are left out.
    /// </summary>
    /// <exception cref="StateException">A file is there and cannot be read.</exception>
    public List<JournalEntry> Read(long after, long before, int limit)
    {
        var found = new List<JournalEntry>();
        try
        {
            var paths = Paths();
            for (var i = 0; i < paths.Length && found.Count < limit; i++)
            {
                if (i + 1 < paths.Length && FirstPosition(paths[i + 1]) <= after + 1) continue;
                if (FirstPosition(paths[i]) >= before) break;
                ReadFile(paths[i], after, before, limit, found);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"the journal in {options.Directory} cannot be read: {failure.Message}", failure);
        }

        return found;
    }

    public void Dispose() => current?.Dispose();

    private static long FirstPosition(string path) =>
        long.TryParse(
            Path.GetFileNameWithoutExtension(path).AsSpan("events-".Length), NumberStyles.None,
            CultureInfo.InvariantCulture, out var position)
            ? position
            : long.MaxValue;

    private string[] Paths() =>
        [.. Directory.GetFiles(options.Directory, Pattern)
            .Where(path => FirstPosition(path) != long.MaxValue)
            .OrderBy(FirstPosition)];

    /// <summary>Cuts the unfinished last line off; the highest position in the file.</summary>
    private long Mend(string path)
    {
        var last = 0L;
        var whole = 0L;
        foreach (var (line, end) in Lines(path))
        {
            whole = end;
            if (PositionOf(line.Span) is { } position) last = Math.Max(last, position);
        }

        current = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        if (current.Length > whole) current.SetLength(whole);
        current.Seek(whole, SeekOrigin.Begin);
        goodLength = whole;
        return last;
    }

    private void BeginFile(long firstPosition)
    {
        var stale = current;
        current = null;
        stale?.Dispose();
        var path = Path.Combine(options.Directory, $"events-{firstPosition:D19}.jsonl");
        var streamOptions = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        };
        current = new FileStream(path, streamOptions);
        goodLength = 0;
        var errno = Libc.SyncDirectory(options.Directory);
        if (errno != Errno.None) throw new IOException($"{options.Directory}: {Errno.Text(errno)}");
        var paths = Paths();
        foreach (var old in paths.Take(Math.Max(0, paths.Length - options.MaxFiles))) File.Delete(old);
    }

    /// <summary>
    /// Removes what a failed write left of a line; where even that fails the next write begins a new file.
    /// </summary>
    private void CutBack()
    {
        try
        {
            current!.SetLength(goodLength);
            current.Seek(goodLength, SeekOrigin.Begin);
        }
        catch (IOException)
        {
            current!.Dispose();
            current = null;
        }
    }

    private static void ReadFile(string path, long after, long before, int limit, List<JournalEntry> found)
    {
        foreach (var (line, _) in Lines(path))
        {
            if (found.Count >= limit) return;
            if (PositionOf(line.Span) is not { } position || position <= after) continue;
            if (position >= before) return;
            if (Parse(line.Span) is { } entry) found.Add(entry);
        }
    }

    /// <summary>
    /// The finished lines of a file, each with the offset of its end. A line is valid until the next is asked for.
    /// </summary>
    private static IEnumerable<(ReadOnlyMemory<byte> Line, long End)> Lines(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            int filled = 0, read;
            var offset = 0L;
            while ((read = stream.Read(buffer, filled, buffer.Length - filled)) > 0)
            {
                filled += read;
                int start = 0, length;
                while ((length = buffer.AsSpan(start, filled - start).IndexOf(LineEnd)) >= 0)
                {
                    offset += length + 1;
                    yield return (buffer.AsMemory(start, length), offset);
                    start += length + 1;
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
                if (filled < buffer.Length) continue;
                if (filled >= MaxLineBytes)
                    throw new IOException($"{path} holds a line longer than {MaxLineBytes} bytes");
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long? PositionOf(ReadOnlySpan<byte> line)
    {
        var prefix = "{\"position\":"u8;
        return line.StartsWith(prefix) && Utf8Parser.TryParse(line[prefix.Length..], out long position, out _)
            ? position
            : null;
    }

    private static JournalEntry? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, HaJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            // A line damaged on disk: the others are worth reading.
            return null;
        }
    }
}
