using Ha.Agent.Interop;

namespace Ha.Agent.State;

/// <summary>
/// Small files that are either the old or the new one after a crash or power cut, never something between.
/// </summary>
internal static class DurableFile
{
    /// <summary>Replaces a file: temporary file, fsync, rename, fsync of the directory.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="mode">Permissions.</param>
    /// <exception cref="StateException">It could not be made durable; the old content stands.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = path + ".new";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0,
            };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException($"{path} cannot be written: {failure.Message}; free space on its file system, or "
                + "make the directory writable for this agent, then start it again", failure);
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var errno = Libc.SyncDirectory(directory);
        if (errno != Errno.None)
        {
            throw new StateException(
                $"{directory} cannot be written to disk: {Errno.Text(errno)}; check the disk (dmesg)");
        }
    }

    /// <summary>The content of a file; null when there is none.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limit">Bytes read at most: a state file larger than that is not ours.</param>
    /// <exception cref="StateException">It is there and cannot be read.</exception>
    public static byte[]? Read(string path, int limit)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var buffer = new byte[limit + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return buffer[..length];
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StateException(
                $"{path} cannot be read: {failure.Message}; check the disk and the file's permissions", failure);
        }
    }
}
