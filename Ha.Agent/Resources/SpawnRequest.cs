using System.Runtime.InteropServices;
using System.Text;
using Ha.Agent.Interop;

namespace Ha.Agent.Resources;

/// <summary>
/// Starts a program by posix_spawn: own process group, default signals and ordinary scheduling whatever this process
/// has, nothing on standard input, both outputs into one pipe, no other open file, working directory /.
/// </summary>
internal static unsafe class SpawnRequest
{
    // glibc: posix_spawnattr_t is 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128.
    private const int OpaqueBytes = 512;

    /// <summary>Starts it.</summary>
    /// <param name="path">Path of the program.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    /// <param name="environment">NAME=value entries; the whole environment.</param>
    /// <param name="output">Write end of the pipe.</param>
    /// <param name="process">Its process id, which is that of its group.</param>
    /// <returns>0, or the error number.</returns>
    public static int Start(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, int output, out int process)
    {
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        process = 0;
        var errno = Libc.SpawnActionsCreate(actions);
        if (errno != Errno.None) return errno;
        errno = Libc.SpawnAttributesCreate(attributes);
        if (errno == Errno.None)
        {
            errno = Prepare(actions, attributes, output);
            if (errno == Errno.None) errno = Spawn(path, arguments, environment, actions, attributes, out process);
            _ = Libc.SpawnAttributesDestroy(attributes);
        }

        _ = Libc.SpawnActionsDestroy(actions);
        return errno;
    }

    private static int Prepare(byte* actions, byte* attributes, int output)
    {
        const short flags = Libc.SpawnSetProcessGroup | Libc.SpawnSetSignalDefaults | Libc.SpawnSetSignalMask
            | Libc.SpawnSetScheduler;
        var signals = stackalloc byte[OpaqueBytes];
        var priority = 0;
        var errno = Libc.SpawnActionsOpen(actions, 0, "/dev/null", Libc.ReadOnly, 0);
        if (errno == Errno.None) errno = Libc.SpawnActionsDuplicate(actions, output, 1);
        if (errno == Errno.None) errno = Libc.SpawnActionsDuplicate(actions, output, 2);
        if (errno == Errno.None) errno = Libc.SpawnActionsCloseFrom(actions, 3);
        if (errno == Errno.None) errno = Libc.SpawnActionsChangeDirectory(actions, "/");
        if (errno == Errno.None) errno = Libc.SpawnAttributesSetFlags(attributes, flags);
        if (errno == Errno.None) errno = Libc.SpawnAttributesSetPolicy(attributes, Libc.SchedulerOther);
        if (errno == Errno.None) errno = Libc.SpawnAttributesSetPriority(attributes, &priority);
        _ = Libc.SignalsNone(signals);
        if (errno == Errno.None) errno = Libc.SpawnAttributesSetSignalMask(attributes, signals);
        _ = Libc.SignalsAll(signals);
        if (errno == Errno.None) errno = Libc.SpawnAttributesSetSignalDefaults(attributes, signals);
        return errno;
    }

    private static int Spawn(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, byte* actions, byte* attributes,
        out int process)
    {
        var texts = new List<nint>();
        try
        {
            var argumentVector = Vector([path, .. arguments], texts);
            var environmentVector = Vector([.. environment], texts);
            fixed (nint* argv = argumentVector, envp = environmentVector)
            {
                int started;
                var errno = Libc.Spawn(&started, (byte*)argv[0], actions, attributes, (byte**)argv, (byte**)envp);
                process = errno == Errno.None ? started : 0;
                return errno;
            }
        }
        finally
        {
            foreach (var text in texts) NativeMemory.Free((void*)text);
        }
    }

    private static nint[] Vector(string[] values, List<nint> texts)
    {
        var vector = new nint[values.Length + 1];
        for (var i = 0; i < values.Length; i++)
        {
            var length = Encoding.UTF8.GetByteCount(values[i]);
            var text = (byte*)NativeMemory.Alloc((nuint)length + 1);
            Encoding.UTF8.GetBytes(values[i], new Span<byte>(text, length));
            text[length] = 0;
            texts.Add((nint)text);
            vector[i] = (nint)text;
        }

        return vector;
    }
}
