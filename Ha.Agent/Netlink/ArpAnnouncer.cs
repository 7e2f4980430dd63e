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
    private const int Forever = Timeout.Infinite;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Announcement> running = [];
    private readonly AutoResetEvent changed = new(initialState: false);
    private readonly Thread repeater;
    private readonly FrameSocket socket = new("gratuitous ARP");
    private bool closed;

    private readonly Func<bool> mayRepeat;

    /// <param name="mayRepeat">Asked before each repeat: whether this node may still claim addresses. Null:
    /// always.</param>
    /// <exception cref="NetlinkException">The kernel refuses a packet socket.</exception>
    public ArpAnnouncer(Func<bool>? mayRepeat = null)
    {
        this.mayRepeat = mayRepeat ?? (static () => true);
        repeater = new Thread(Repeat) { IsBackground = true, Name = "announcer" };
        repeater.Start();
    }

    /// <summary>Announces an address now, a few times more, and from time to time after that.</summary>
    /// <param name="link">The interface that holds it. One without an Ethernet address has nobody to tell.</param>
    /// <param name="address">The address.</param>
    /// <param name="rhythm">How often.</param>
    /// <returns>0, or the error number of the first frames; the repeats are made in any case.</returns>
    public int AnnounceNow(NetworkInterface link, IPAddress address, AnnouncementRhythm rhythm)
    {
        if (link.HardwareAddress.IsEmpty || link.IsLoopback) return Errno.None;
        var frames = NeighbourFrames.Announcement(link.HardwareAddress.Span, address);
        var announcement = new Announcement(link.Index, frames, rhythm);
        int errno;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            errno = Send(announcement);
            announcement.Left = rhythm.Count - 1;
            running[address] = announcement;
            Plan(address, announcement, Stopwatch.GetTimestamp());
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

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    // Removing while walking over a dictionary is allowed.
    private void Plan(IPAddress address, Announcement announcement, long now)
    {
        var pause = announcement.Left > 0 ? announcement.Rhythm.Interval : announcement.Rhythm.Refresh;
        if (pause == TimeSpan.Zero) running.Remove(address);
        else announcement.Due = now + Ticks(pause);
    }

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
                if (mayRepeat()) _ = Send(announcement);
                if (announcement.Left > 0) announcement.Left--;
                Plan(address, announcement, now);
            }

            if (running.ContainsKey(address)) next = Math.Min(next, announcement.Due);
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

    private sealed class Announcement(int interfaceIndex, byte[][] frames, AnnouncementRhythm rhythm)
    {
        public AnnouncementRhythm Rhythm { get; } = rhythm;

        public int InterfaceIndex { get; } = interfaceIndex;

        public byte[][] Frames { get; } = frames;

        public int Left { get; set; }

        public long Due { get; set; }
    }
}

/// <summary>How often an address is announced.</summary>
/// <param name="Count">Announcements of a claim, the first included.</param>
/// <param name="Interval">Time between two of them.</param>
/// <param name="Refresh">Time between two afterwards; zero: none.</param>
internal sealed record AnnouncementRhythm(int Count, TimeSpan Interval, TimeSpan Refresh);
