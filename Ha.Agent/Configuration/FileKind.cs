using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Configuration;

/// <summary>What kind of file a path is, links followed; asked of the kernel without opening it.</summary>
internal static partial class FileKind
{
    public const int Missing = 0;
    public const int CharacterDevice = 0x2000;
    public const int Regular = 0x8000;

    private const int KindMask = 0xF000;
    private const int PermissionMask = 0xFFF;
    private const int ExecuteMask = 0b001_001_001;

    private const int CurrentDirectory = -100;
    private const int OfHandle = 0x1000; // AT_EMPTY_PATH
    private const uint WantKindAndMode = 3;
    private const int ModeOffset = 28;
    private const int StatxBytes = 256;

    /// <summary>The kind; <see cref="Missing"/> when it cannot be asked.</summary>
    public static int Of(string path) => Mode(path) & KindMask;

    /// <summary>Whether it is a regular file with an execute bit.</summary>
    public static bool IsExecutable(string path) =>
        Mode(path) is var mode && (mode & KindMask) == Regular && (mode & ExecuteMask) != 0;

    /// <summary>Permission bits of an open file.</summary>
    /// <exception cref="IOException">The kernel does not tell.</exception>
    public static int Permissions(SafeFileHandle file)
    {
        Span<byte> buffer = stackalloc byte[StatxBytes];
        if (StatxHandle(file, "", OfHandle, WantKindAndMode, ref buffer[0]) != 0)
            throw new IOException("its permissions cannot be read");
        return BinaryPrimitives.ReadUInt16LittleEndian(buffer[ModeOffset..]) & PermissionMask;
    }

    // statx has the same layout on every architecture, stat has not.
    private static int Mode(string path)
    {
        Span<byte> buffer = stackalloc byte[StatxBytes];
        return Statx(CurrentDirectory, path, 0, WantKindAndMode, ref buffer[0]) == 0
            ? BinaryPrimitives.ReadUInt16LittleEndian(buffer[ModeOffset..])
            : Missing;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxHandle(SafeFileHandle file, string path, int flags, uint mask, ref byte buffer);
}
