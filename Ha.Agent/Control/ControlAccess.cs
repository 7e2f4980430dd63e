using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Control;

/// <summary>Who is at the other end of a control connection, as the kernel says it.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Primary group id.</param>
/// <param name="Name">User name, or the number when it has none.</param>
internal sealed record ControlPeer(uint Uid, uint Gid, string Name);

/// <summary>
/// Who may use the control socket: root, the user that the agent runs as, and members of the group
/// <see cref="GroupName"/>. The file mode says the same; the check holds also where the mode was changed.
/// </summary>
/// <param name="ownUid">User id of the agent.</param>
/// <param name="groupId">Id of the group <see cref="GroupName"/>; null when there is none on this machine.</param>
internal sealed partial class ControlAccess(uint ownUid, uint? groupId)
{
    /// <summary>The group whose members may use the control socket.</summary>
    public const string GroupName = "ha";

    private const string Library = "libc.so.6";
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;
    private const int SoPeerGroups = 59;
    private static readonly Lock NameLock = new();

    /// <summary>The rule of this machine at this moment.</summary>
    public static ControlAccess OfThisMachine() => new(geteuid(), GroupIdOf(GroupName));

    /// <summary>The user at the other end.</summary>
    public static ControlPeer PeerOf(Socket connection)
    {
        // struct ucred: pid, uid, gid.
        Span<byte> credentials = stackalloc byte[12];
        connection.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var uid = MemoryMarshal.Read<uint>(credentials[4..]);
        return new ControlPeer(uid, MemoryMarshal.Read<uint>(credentials[8..]), UserName(uid));
    }

    /// <summary>Whether this peer may use the connection.</summary>
    public bool Allows(Socket connection, ControlPeer peer) =>
        peer.Uid == 0 || peer.Uid == ownUid ||
        (groupId is { } group && (peer.Gid == group || SupplementaryGroups(connection).Contains(group)));

    /// <summary>Gives a file or directory to the group, when there is one, with the mode that fits.</summary>
    public void Protect(string path, UnixFileMode withGroup, UnixFileMode withoutGroup)
    {
        // A start as an ordinary user (a trial on a desk) cannot give files away: then only that user may ask.
        if (groupId is { } group && ownUid == 0)
        {
            if (chown(path, 0, group) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                throw new IOException($"cannot give {path} to group {GroupName}: {Errno.Text(error)}");
            }

            File.SetUnixFileMode(path, withGroup);
            return;
        }

        File.SetUnixFileMode(path, withoutGroup);
    }

    /// <summary>The name of a user, or its number when it has none.</summary>
    internal static string UserName(uint uid)
    {
        lock (NameLock)
        {
            var entry = getpwuid(uid);
            // struct passwd begins with the name.
            return entry == 0 ? $"uid {uid}" : Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry)) ?? $"uid {uid}";
        }
    }

    private static uint[] SupplementaryGroups(Socket connection)
    {
        // NGROUPS_MAX is 65,536.
        var buffer = new byte[65_536 * sizeof(uint)];
        var length = connection.GetRawSocketOption(SolSocket, SoPeerGroups, buffer);
        return MemoryMarshal.Cast<byte, uint>(buffer.AsSpan(0, length)).ToArray();
    }

    private static uint? GroupIdOf(string name)
    {
        lock (NameLock)
        {
            var entry = getgrnam(name);
            // struct group: name, password, id.
            return entry == 0 ? null : (uint)Marshal.ReadInt32(entry, 2 * nint.Size);
        }
    }

    [LibraryImport(Library)]
    private static partial uint geteuid();

    [LibraryImport(Library)]
    private static partial nint getpwuid(uint uid);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getgrnam(string name);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint owner, uint group);
}
