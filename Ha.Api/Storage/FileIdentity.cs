using System.Runtime.InteropServices;

namespace Ha.Api.Storage;

/// <summary>
/// Which file a path leads to: SQLite goes on writing to a file that was removed, and nobody would notice.
/// </summary>
/// <param name="Device">Device number.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="BornAt">Birth time in ns, where the file system has one: inode numbers are used again at once.</param>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode, long BornAt)
{
    private const int AtCurrentDirectory = -100; // AT_FDCWD
    private const uint WantInodeAndBirth = 0x100 | 0x800; // STATX_INO | STATX_BTIME
    private const int NoSuchFile = 2; // ENOENT

    /// <summary>The file's identity; null when there is no such file.</summary>
    public static FileIdentity? Of(string path)
    {
        var result = StatX(AtCurrentDirectory, path, 0, WantInodeAndBirth, out var facts);
        var error = Marshal.GetLastPInvokeError();
        if (result == 0)
            return new(((ulong)facts.DeviceMajor << 32) | facts.DeviceMinor, facts.Inode,
                facts.BirthSeconds * 1_000_000_000 + facts.BirthNanoseconds);
        return error == NoSuchFile ? null : throw new IOException($"Cannot look at {path}: error {error} (errno).");
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int directory, string path, int flags, uint mask, out Facts facts);

    // struct statx, linux/stat.h: the same layout on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Facts
    {
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(80)] public long BirthSeconds;
        [FieldOffset(88)] public uint BirthNanoseconds;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
