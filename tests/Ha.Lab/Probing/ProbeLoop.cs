using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Net;
using System.Runtime.InteropServices;
using Ha.Lab.Interop;

namespace Ha.Lab.Probing;

/// <summary>
/// The client whose outage is measured: at a fixed pace, whatever happened before, a new TCP connection with one HTTP
/// request, all overlapping. One thread, no allocation while it runs; results go to a file shared with the lab.
/// </summary>
internal sealed unsafe class ProbeLoop : IDisposable
{
    private const int MaxInFlight = 256;
    private const long LongestWait = 5_000_000;
    private readonly byte[] _address = new byte[16];
    private readonly byte[] _buffer = new byte[4096];
    private readonly long _interval;
    private readonly long _timeout;
    private readonly long _capacity;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly ProbeHeader* _header;
    private readonly ProbeRecord* _records;
    private readonly Libc.PollFd[] _fds = GC.AllocateArray<Libc.PollFd>(MaxInFlight + 1, pinned: true);
    private readonly long[] _started = new long[MaxInFlight + 1];
    private int _inFlight;

    /// <param name="arguments">Address, port, interval in µs, timeout in ms, capacity in requests, shared file.</param>
    internal ProbeLoop(ReadOnlySpan<string> arguments)
    {
        BinaryPrimitives.WriteInt16LittleEndian(_address, Libc.AfInet);
        BinaryPrimitives.WriteUInt16BigEndian(_address.AsSpan(2), ushort.Parse(arguments[1]));
        IPAddress.Parse(arguments[0]).GetAddressBytes().CopyTo(_address, 4);
        _interval = long.Parse(arguments[2]) * 1000;
        _timeout = long.Parse(arguments[3]) * 1_000_000;
        _capacity = long.Parse(arguments[4]);
        _file = MemoryMappedFile.CreateFromFile(arguments[5], FileMode.Open);
        _view = _file.CreateViewAccessor();
        byte* memory = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
        _header = (ProbeHeader*)memory;
        _records = (ProbeRecord*)(memory + sizeof(ProbeHeader));
    }

    internal int Run()
    {
        const int StandardInput = 0;
        _ = Libc.SetPriority(0, 0, -10);
        _fds[0] = new Libc.PollFd { Fd = StandardInput, Events = Libc.PollIn };
        var next = LabClock.Now;
        // Seconds and nanoseconds: with whole milliseconds every request would leave up to one late.
        var wait = stackalloc long[2];
        while (_header->Stop == 0 && _header->Count + _inFlight < _capacity && _fds[0].Returned == 0)
        {
            var now = LabClock.Now;
            if (now >= next)
            {
                Begin(now);
                next = Math.Max(next + _interval, now - 100 * _interval);
            }
            GiveUpLate(now);
            wait[1] = Math.Clamp(next - LabClock.Now, 0, LongestWait);
            fixed (Libc.PollFd* fds = _fds)
            {
                _ = Libc.PreciselyPoll(fds, (nuint)_inFlight + 1, wait, 0);
            }
            for (var i = _inFlight; i > 0; i--)
            {
                if (_fds[i].Returned != 0)
                {
                    Advance(i);
                }
            }
        }
        return 0;
    }

    private void Begin(long now)
    {
        if (_inFlight == MaxInFlight)
        {
            Write(now, ProbeOutcome.Failed, 0);
            return;
        }
        var fd = Libc.Socket(Libc.AfInet, Libc.SockStream | Libc.SockNonblock | Libc.SockCloexec, 0);
        if (fd < 0)
        {
            throw Libc.Fail("socket");
        }
        var abort = 0x0000_0000_0000_0001UL; // SO_LINGER on, 0 s: no TIME_WAIT left behind
        _ = Libc.SetSockOpt(fd, 1, 13, &abort, sizeof(ulong));
        int connected;
        fixed (byte* address = _address)
        {
            connected = Libc.Connect(fd, address, _address.Length);
        }
        var errno = Marshal.GetLastPInvokeError();
        if (connected != 0 && errno != Libc.EInProgress)
        {
            _ = Libc.Close(fd);
            Write(now, ProbeOutcome.Failed, 0);
            return;
        }
        _inFlight++;
        _fds[_inFlight] = new Libc.PollFd { Fd = fd, Events = Libc.PollOut };
        _started[_inFlight] = now;
    }

    private void Advance(int slot)
    {
        if (_fds[slot].Events == Libc.PollOut)
        {
            nint sent;
            fixed (byte* request = "GET / HTTP/1.0\r\nHost: vip\r\n\r\n"u8)
            {
                sent = Libc.Send(_fds[slot].Fd, request, 29, 0x4000); // MSG_NOSIGNAL
            }
            if (sent == 29)
            {
                _fds[slot].Events = Libc.PollIn;
                _fds[slot].Returned = 0;
            }
            else
            {
                End(slot, ProbeOutcome.Failed, 0);
            }
            return;
        }
        nint got;
        fixed (byte* buffer = _buffer)
        {
            got = Libc.Receive(_fds[slot].Fd, buffer, (nuint)_buffer.Length, 0);
        }
        var answer = _buffer.AsSpan(0, (int)Math.Max(0, got));
        if (answer.IsEmpty)
        {
            End(slot, ProbeOutcome.Failed, 0);
            return;
        }
        var answered = answer.Length > 12 && answer[9..12].SequenceEqual("200"u8);
        End(slot, answered ? ProbeOutcome.Answered : ProbeOutcome.BadAnswer, ServedBy(answer));
    }

    /// <summary>Number of the node in <c>X-Served-By: s1</c>.</summary>
    private static byte ServedBy(ReadOnlySpan<byte> answer)
    {
        var at = answer.IndexOf("erved-"u8);
        var line = at < 0 ? default : answer[at..];
        var end = line.IndexOf((byte)'\r');
        return end < 1 || line[end - 1] is < (byte)'1' or > (byte)'9' ? (byte)0 : (byte)(line[end - 1] - '0');
    }

    private void GiveUpLate(long now)
    {
        for (var i = _inFlight; i > 0; i--)
        {
            if (now - _started[i] > _timeout)
            {
                End(i, ProbeOutcome.TimedOut, 0);
            }
        }
    }

    private void End(int slot, ProbeOutcome outcome, byte node)
    {
        _ = Libc.Close(_fds[slot].Fd);
        Write(_started[slot], outcome, node);
        _fds[slot] = _fds[_inFlight];
        _started[slot] = _started[_inFlight];
        _inFlight--;
    }

    private void Write(long start, ProbeOutcome outcome, byte node)
    {
        var now = LabClock.Now;
        _records[_header->Count] = new ProbeRecord { Start = start, End = now, Outcome = outcome, NodeNumber = node };
        if (outcome == ProbeOutcome.Answered)
        {
            _header->LastNode = node;
            Volatile.Write(ref _header->LastAnswer, now);
        }
        else
        {
            Volatile.Write(ref _header->LastFailure, now);
        }
        Volatile.Write(ref _header->Count, _header->Count + 1);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
