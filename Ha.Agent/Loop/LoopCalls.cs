using System.Runtime.InteropServices;
using Ha.Agent.Interop;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Loop;

/// <summary>The system calls of the heartbeat loop. None of them allocates.</summary>
internal static partial class LoopCalls
{
    private const string Library = "libc.so.6";
    private const int OpenReadWriteCreateCloexec = 2 | 0x40 | 0x80000;
    private const uint OwnerReadsAndWritesGroupReads = 0b110_100_000;
    private const int EfdCloexecNonblock = 0x80000 | 0x800;
    private const int ClockBoottime = 7;
    private const int ClockMonotonic = 1;
    private const int LockExclusiveNonblocking = 2 | 4;

    /// <summary>
    /// Waits until one of the descriptors is readable or the time is over; a signal ends the wait early.
    /// </summary>
    public static unsafe void Poll(Span<PollEntry> descriptors, TimeSpan timeout)
    {
        var limit = Timespec.From(timeout);
        int count, error;
        fixed (PollEntry* first = descriptors)
        {
            count = ppoll(first, (nuint)descriptors.Length, &limit, null);
            error = Marshal.GetLastPInvokeError();
        }

        if (count >= 0) return;
        foreach (ref var descriptor in descriptors) descriptor.Returned = 0;
        if (error != Errno.Interrupted) throw Failed("ppoll", error);
    }

    /// <summary>A new eventfd: a counter that a poll can wait for.</summary>
    public static SafeFileHandle NewEvent()
    {
        var descriptor = eventfd(0, EfdCloexecNonblock);
        var error = Marshal.GetLastPInvokeError();
        if (descriptor < 0) throw Failed("eventfd", error);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Makes the eventfd readable.</summary>
    public static unsafe void Signal(SafeFileHandle eventDescriptor)
    {
        ulong one = 1;
        var written = write(eventDescriptor, &one, sizeof(ulong));
        var error = Marshal.GetLastPInvokeError();
        // EAGAIN: the counter is full, so the event is readable anyway.
        if (written < 0 && error != Errno.TryAgain) throw Failed("write to an eventfd", error);
    }

    /// <summary>Makes the eventfd unreadable again.</summary>
    public static unsafe void Clear(SafeFileHandle eventDescriptor)
    {
        ulong count;
        var got = read(eventDescriptor, &count, sizeof(ulong));
        var error = Marshal.GetLastPInvokeError();
        if (got < 0 && error != Errno.TryAgain) throw Failed("read of an eventfd", error);
    }

    /// <summary>
    /// CLOCK_BOOTTIME minus CLOCK_MONOTONIC in microseconds: how long the machine was suspended since boot.
    /// </summary>
    public static unsafe long SuspendedMicroseconds()
    {
        Timespec boot, monotonic;
        if (clock_gettime(ClockMonotonic, &monotonic) != 0 || clock_gettime(ClockBoottime, &boot) != 0) return 0;
        return boot.Microseconds - monotonic.Microseconds;
    }

    /// <summary>
    /// Opens a lock file, creating it when missing. Not by .NET: its own opening takes a lock of that file already, and
    /// then nobody could read who holds it.
    /// </summary>
    public static SafeFileHandle OpenLockFile(string path)
    {
        var descriptor = open(path, OpenReadWriteCreateCloexec, OwnerReadsAndWritesGroupReads);
        var error = Marshal.GetLastPInvokeError();
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"cannot open {path}: {Errno.Text(error)}");
    }

    /// <summary>Takes the advisory lock of an open file; false when another process holds it.</summary>
    public static bool TryLock(SafeFileHandle file)
    {
        var result = flock(file, LockExclusiveNonblocking);
        var error = Marshal.GetLastPInvokeError();
        if (result == 0) return true;
        if (error == Errno.TryAgain) return false;
        throw Failed("flock", error);
    }

    private static IOException Failed(string call, int error) => new($"{call}: {Errno.Text(error)}");

    [LibraryImport(Library, SetLastError = true)]
    private static unsafe partial int ppoll(PollEntry* descriptors, nuint count, Timespec* timeout, void* signals);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static unsafe partial nint write(SafeFileHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    private static unsafe partial nint read(SafeFileHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Library)]
    private static unsafe partial int clock_gettime(int clock, Timespec* time);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;

        public readonly long Microseconds => (Seconds * 1_000_000L) + (Nanoseconds / 1000);

        public static Timespec From(TimeSpan duration) => duration <= TimeSpan.Zero
            ? default
            : new Timespec
            {
                Seconds = (nint)(duration.Ticks / TimeSpan.TicksPerSecond),
                Nanoseconds = (nint)(duration.Ticks % TimeSpan.TicksPerSecond * 100),
            };
    }
}
