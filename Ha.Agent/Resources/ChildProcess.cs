using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Ha.Agent.Interop;

namespace Ha.Agent.Resources;

/// <summary>How a program ended.</summary>
/// <param name="End">Which way.</param>
/// <param name="Code">Exit code, or signal number.</param>
/// <param name="Output">Excerpt of what it printed.</param>
/// <param name="HeldOpen">Whether something that it has left running still has its output open.</param>
internal readonly record struct ChildExit(ChildEnd End, int Code, string Output, bool HeldOpen = false);

/// <summary>Which way a program ended.</summary>
internal enum ChildEnd
{
    /// <summary>It exited by itself.</summary>
    Exited = 0,

    /// <summary>A signal ended it.</summary>
    Killed = 1,

    /// <summary>It did not end in time; all that it had started was killed.</summary>
    TimedOut = 2,

    /// <summary>Its exit code is lost: somebody else collected it.</summary>
    Lost = 3,
}

/// <summary>
/// One running program in a process group of its own. <see cref="Wait"/> is called once, by one thread.
/// </summary>
internal sealed unsafe class ChildProcess : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int BusyTries = 100;

    private static readonly TimeSpan BusyWait = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// How long output is still read after the program itself has ended: a daemon may hold the pipe for ever.
    /// </summary>
    private static readonly TimeSpan AfterExit = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a killed program may take to vanish; one that hangs in the kernel does not at all.</summary>
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly OutputExcerpt excerpt;
    private readonly int exitDescriptor;
    private readonly int process;
    private readonly OperationScope? scope;
    private int pipe;
    private bool collected;

    private ChildProcess(int process, int exitDescriptor, int pipe, OperationScope? scope, OutputExcerpt excerpt)
    {
        this.excerpt = excerpt;
        this.process = process;
        this.exitDescriptor = exitDescriptor;
        this.pipe = pipe;
        this.scope = scope;
    }

    /// <summary>Its process number, and that of its group.</summary>
    public int Id => process;

    /// <summary>Starts a program.</summary>
    /// <param name="path">Path of the program.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    /// <param name="environment">NAME=value entries; the whole environment.</param>
    /// <param name="child">The running program; null when it could not be started.</param>
    /// <param name="scope">What is killed with it after the limit; null: its process group only.</param>
    /// <param name="excerpt">Takes its output; null: as much of it as an event holds.</param>
    /// <returns>0, or the error number.</returns>
    public static int Start(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, out ChildProcess? child,
        OperationScope? scope = null, OutputExcerpt? excerpt = null)
    {
        child = null;
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.CloseOnExec) != 0) return Marshal.GetLastPInvokeError();
        var errno = SpawnWhenWritten(path, arguments, environment, ends[1], out var process);
        _ = Libc.Close(ends[1]);
        var exit = -1;
        if (errno == Errno.None)
        {
            RealTime.RemoveShield(process);
            scope?.Enter(process);
            exit = Libc.OpenProcess(process);
            if (exit < 0)
            {
                errno = Marshal.GetLastPInvokeError();
                _ = Libc.Kill(-process, Libc.SignalKill);
                _ = Libc.WaitProcess(process, null, 0);
            }
        }

        if (errno != Errno.None) _ = Libc.Close(ends[0]);
        else child = new ChildProcess(process, exit, ends[0], scope, excerpt ?? new OutputExcerpt());
        return errno;
    }

    /// <summary>
    /// A program that somebody writes at this very moment (an upgrade, or a process that was forked meanwhile and has
    /// the writer's file open until its exec) cannot be executed just now, but in a moment.
    /// </summary>
    private static int SpawnWhenWritten(
        string path, IEnumerable<string> arguments, IEnumerable<string> environment, int output, out int process)
    {
        for (var left = BusyTries; ; left--)
        {
            var errno = SpawnRequest.Start(path, arguments, environment, output, out process);
            if (errno != Errno.TextFileBusy || left == 0) return errno;
            Thread.Sleep(BusyWait);
        }
    }

    /// <summary>
    /// Waits for the end, reading all output meanwhile; after the limit kills the process group and the whole scope.
    /// </summary>
    public ChildExit Wait(TimeSpan limit)
    {
        // Many monitors run each second: what each leaves to the garbage collector delays heartbeats.
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            return Wait(limit, buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Kills the process group, from any thread. Nothing happens once the program has ended.</summary>
    public void Kill()
    {
        lock (gate)
        {
            if (!collected) _ = Libc.Kill(-process, Libc.SignalKill);
        }
    }

    public void Dispose()
    {
        ClosePipe();
        _ = Libc.Close(exitDescriptor);
    }

    private ChildExit Wait(TimeSpan limit, byte[] buffer)
    {
        if (!UntilExit(limit, buffer))
        {
            Kill();
            scope?.Kill();
            UntilExit(AfterKill, buffer);
            _ = Collect();
            return new(ChildEnd.TimedOut, 0, excerpt.ToString());
        }

        var (end, code) = Collect();
        Drain(buffer);
        return new(end, code, excerpt.ToString(), HeldOpen: pipe >= 0);
    }

    private void ClosePipe()
    {
        if (pipe >= 0) _ = Libc.Close(pipe);
        pipe = -1;
    }

    private bool UntilExit(TimeSpan limit, byte[] buffer)
    {
        var start = Stopwatch.GetTimestamp();
        var entries = stackalloc PollEntry[2];
        while (true)
        {
            var left = limit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return false;
            entries[0] = new PollEntry { Descriptor = exitDescriptor, Events = Libc.PollIn };
            entries[1] = new PollEntry { Descriptor = pipe, Events = Libc.PollIn };
            var ready = Libc.Poll(entries, 2, (int)Math.Min(left.TotalMilliseconds + 1, int.MaxValue));
            if (ready <= 0) continue;
            if (entries[0].Returned != 0) return true;
            if (entries[1].Returned != 0) ReadSome(buffer);
        }
    }

    /// <summary>Reads what is left in the pipe, until its end or until the time for it is over.</summary>
    private void Drain(byte[] buffer)
    {
        var start = Stopwatch.GetTimestamp();
        while (pipe >= 0)
        {
            var left = AfterExit - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) return;
            var entry = new PollEntry { Descriptor = pipe, Events = Libc.PollIn };
            if (Libc.Poll(&entry, 1, (int)left.TotalMilliseconds + 1) > 0) ReadSome(buffer);
        }
    }

    private void ReadSome(byte[] buffer)
    {
        nint length;
        int errno;
        fixed (byte* into = buffer)
        {
            length = Libc.Read(pipe, into, (nuint)buffer.Length);
            errno = length < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
        }

        if (length > 0) excerpt.Add(buffer.AsSpan(0, (int)length));
        else if (errno != Errno.Interrupted) ClosePipe();
    }

    /// <summary>Takes the exit code; from then on the process id may belong to somebody else.</summary>
    private (ChildEnd End, int Code) Collect()
    {
        lock (gate)
        {
            int status;
            var answer = Libc.WaitProcess(process, &status, Libc.WaitNoHang);
            collected = true;
            if (answer != process) return (ChildEnd.Lost, 0);
            var signal = status & 0x7F;
            return signal == 0 ? (ChildEnd.Exited, (status >> 8) & 0xFF) : (ChildEnd.Killed, signal);
        }
    }
}
