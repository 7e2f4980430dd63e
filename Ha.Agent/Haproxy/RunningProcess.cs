using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Ha.Agent.Interop;

namespace Ha.Agent.Haproxy;

/// <summary>
/// One process of an HAProxy, held by a descriptor: its number may be used again, the descriptor means this one.
/// </summary>
internal sealed unsafe class RunningProcess : IDisposable
{
    private const int ReadAtOnce = 16 * 1024;

    private RunningProcess(int id, int descriptor, int parent)
    {
        Id = id;
        Descriptor = descriptor;
        Parent = parent;
    }

    /// <summary>Process id.</summary>
    public int Id { get; }

    /// <summary>Process id of its parent when it was found.</summary>
    public int Parent { get; }

    /// <summary>Becomes readable when it ends.</summary>
    public int Descriptor { get; }

    /// <summary>Whether it has ended, collected by its parent or not.</summary>
    public bool HasEnded => EndsWithin(TimeSpan.Zero);

    /// <summary>Whether it is stopped (SIGSTOP) or traced.</summary>
    public bool IsStopped => Stat(Id) is { } stat && stat[0] is "T" or "t" && !HasEnded;

    /// <summary>Holds a process when it belongs to the HAProxy of a socket.</summary>
    public static RunningProcess? Open(int id, string socket)
    {
        var descriptor = Libc.OpenProcess(id);
        if (descriptor < 0) return null;
        // Only what is read after the descriptor was made is about the process that it means.
        if (Belongs(CommandLine(id), socket) && Stat(id) is { } stat)
            return new(id, descriptor, int.Parse(stat[1], CultureInfo.InvariantCulture));
        _ = Libc.Close(descriptor);
        return null;
    }

    /// <summary>Whether a command line names this master socket.</summary>
    public static bool Belongs(string[] arguments, string socket)
    {
        for (var i = 0; i + 1 < arguments.Length; i++)
        {
            if (arguments[i] == "-S" && (arguments[i + 1] == socket
                || arguments[i + 1].StartsWith(socket + ",", StringComparison.Ordinal))) return true;
        }

        return false;
    }

    /// <summary>Program name and arguments of a process; empty when it has ended or is one of the kernel.</summary>
    public static string[] CommandLine(int id)
    {
        Span<byte> buffer = stackalloc byte[ReadAtOnce];
        var length = Read($"/proc/{id}/cmdline", buffer);
        return length <= 0 ? [] : Encoding.UTF8.GetString(buffer[..length]).TrimEnd('\0').Split('\0');
    }

    /// <summary>Waits for its end.</summary>
    public bool EndsWithin(TimeSpan limit)
    {
        var entry = new PollEntry { Descriptor = Descriptor, Events = Libc.PollIn };
        return Libc.Poll(&entry, 1, (int)Math.Clamp(limit.TotalMilliseconds, 0, int.MaxValue)) > 0;
    }

    /// <summary>Sends a signal; nothing happens when it has ended.</summary>
    public void Signal(int signal) => _ = Libc.SendSignal(Descriptor, signal);

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);

    /// <summary>State and parent; null when there is no such process.</summary>
    private static string[]? Stat(int id)
    {
        Span<byte> buffer = stackalloc byte[ReadAtOnce / 16];
        var length = Read($"/proc/{id}/stat", buffer);
        if (length <= 0) return null;
        // Fields are counted after the name, which may hold blanks and brackets itself.
        var text = Encoding.ASCII.GetString(buffer[..length]);
        return text[(text.LastIndexOf(')') + 2)..].Split(' ', 3)[..2];
    }

    // Some hundred files for each search: without the ways of .NET, which cost more than the kernel's.
    private static int Read(string path, Span<byte> buffer)
    {
        var file = Libc.Open(path, Libc.ReadOnly | Libc.CloseOnExec);
        if (file < 0) return -1;
        nint length;
        fixed (byte* into = buffer) length = Libc.Read(file, into, (nuint)buffer.Length);
        _ = Libc.Close(file);
        return (int)length;
    }
}
