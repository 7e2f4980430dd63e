using System.Diagnostics;
using System.Net;
using Ha.Agent.Interop;

namespace Ha.Agent.Netlink;

/// <summary>
/// Tells the network who holds an address: the first frames at once on the caller's thread, some repeats from a thread
/// of its own because a switch or neighbour may miss one. No frame leaves after <see cref="Cancel"/> has returned
/// (S17).
/// </summary>
internal sealed class ArpAnnouncer : IDisposable
{
    /// <summary>Further announcements after the first.</summary>
    public const int Repeats = 5;

    /// <summary>Time between two announcements of one address.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private const int Forever = Timeout.Infinite;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Announcement> running = [];
    private readonly AutoResetEvent changed = new(initialState: false);
    private readonly Thread repeater;
    private readonly FrameSocket socket = new("gratuitous ARP");
    private bool closed;

    /// <exception cref="NetlinkException">The kernel refuses a packet socket.</exception>
    public ArpAnnouncer()
    {
        repeater = new Thread(Repeat) { IsBackground = true, Name = "announcer" };
        repeater.Start();
    }

    /// <summary>Announces an address now, and a few times more.</summary>
    /// <param name="link">The interface that holds it. One without an Ethernet address has nobody to tell.</param>
    /// <param name="address">The address.</param>
    /// <returns>0, or the error number of the first frames; the repeats are made in any case.</returns>
    public int AnnounceNow(NetworkInterface link, IPAddress address)
    {
        if (link.HardwareAddress.IsEmpty || link.IsLoopback) return Errno.None;
        var announcement = new Announcement(link.Index, NeighbourFrames.Announcement(link.HardwareAddress.Span, address));
        int errno;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            errno = Send(announcement);
            announcement.Left = Repeats;
            announcement.Due = Stopwatch.GetTimestamp() + IntervalTicks;
            running[address] = announcement;
        }

        changed.Set();
        return errno;
    }

    /// <summary>Ends the repeats for an address.</summary>
    public void Cancel(IPAddress address)
    {
        lock (gate) running.Remove(address);
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (closed) return;
            closed = true;
            running.Clear();
        }

        changed.Set();
        repeater.Join();
        changed.Dispose();
        socket.Dispose();
    }

    private static long IntervalTicks => (long)(Interval.TotalSeconds * Stopwatch.Frequency);

    private void Repeat()
    {
        while (true)
        {
            int wait;
            lock (gate)
            {
                if (closed) return;
                wait = SendDue_NeedsLock();
            }

            changed.WaitOne(wait);
        }
    }

    /// <summary>Sends what is due; milliseconds until something is due again.</summary>
    private int SendDue_NeedsLock()
    {
        var now = Stopwatch.GetTimestamp();
        var next = long.MaxValue;
        foreach (var (address, announcement) in running)
        {
            if (announcement.Due <= now)
            {
                // A repeat that is refused is not reported: the first frames' result was.
                _ = Send(announcement);
                announcement.Due = now + IntervalTicks;
                announcement.Left--;
            }

            // Removing while walking over a dictionary is allowed.
            if (announcement.Left == 0) running.Remove(address);
            else next = Math.Min(next, announcement.Due);
        }

        return next == long.MaxValue ? Forever : (int)Stopwatch.GetElapsedTime(now, next).TotalMilliseconds + 1;
    }

    private int Send(Announcement announcement)
    {
        var result = Errno.None;
        foreach (var frame in announcement.Frames)
        {
            var errno = socket.Send(announcement.InterfaceIndex, frame);
            if (errno != Errno.None) result = errno;
        }

        return result;
    }

    private sealed class Announcement(int interfaceIndex, byte[][] frames)
    {
        public int InterfaceIndex { get; } = interfaceIndex;

        public byte[][] Frames { get; } = frames;

        public int Left { get; set; }

        public long Due { get; set; }
    }
}
