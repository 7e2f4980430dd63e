using System.Runtime.InteropServices;

namespace Ha.Agent.Interop;

/// <summary>
/// Calls into the C library that .NET does not offer. After a call that sets errno read
/// <see cref="Marshal.GetLastPInvokeError"/> in the very next statement: formatting a string makes calls of its own.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc.so.6";

    public const int ReadOnly = 0;
    public const int CloseOnExec = 0x80000;

    public const short PollIn = 1;

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int descriptor);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, byte* argument);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, byte* status);

    /// <summary>
    /// Whether there is a regular file: opening a pipe would wait for its other end, and a socket cannot be opened.
    /// </summary>
    public static bool IsRegularFile(string path)
    {
        // struct statx is 256 bytes; stx_mode is at 28.
        const int currentDirectory = -100, typeAndMode = 3, modeAt = 28, typeMask = 0xF000, regular = 0x8000;
        var status = stackalloc byte[256];
        return Status(currentDirectory, path, 0, typeAndMode, status) == 0
            && (*(ushort*)(status + modeAt) & typeMask) == regular;
    }

    /// <summary>Writes a directory's entries to disk: without it a rename may be lost by a power cut.</summary>
    /// <returns>0, or the error number.</returns>
    public static int SyncDirectory(string path)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec);
        if (descriptor < 0) return Marshal.GetLastPInvokeError();
        var errno = Sync(descriptor) == 0 ? Errno.None : Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        return errno;
    }
}

/// <summary><c>struct pollfd</c>. A negative descriptor is skipped by the kernel.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short Returned;
}
