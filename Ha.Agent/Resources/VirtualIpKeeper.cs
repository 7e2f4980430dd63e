using System.Collections.Immutable;
using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>
/// Keeps the virtual IPs of this node on a thread of its own: renews their leases while this node may claim them, hears
/// at once when the kernel says that something about them or their interfaces has changed, asks for foreign holders
/// before a claim that can wait, and answers foreign claims within bounds. The kernel's tables have one lock for the
/// whole machine; waiting for it here, the heartbeat loop does not wait.
/// </summary>
internal sealed partial class VirtualIpKeeper : IDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StrayPatience = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan NoAuthorityPause = TimeSpan.FromMilliseconds(50);

    private readonly KeeperOutlets outlets;
    private readonly RouteSocket routes = new();
    private readonly FrameSocket frames = new("address probes");
    private readonly NetworkWatch network = new();
    private readonly NeighbourWatch neighbours = new();
    private readonly VirtualIpResource resource;
    private readonly ConflictProbes probes;
    private readonly InterfaceWatch interfaces;
    private readonly Complaints complaints;
    private readonly List<NetworkChange> changes = [];
    private readonly List<NeighbourClaim> claims = [];
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle wake = LoopCalls.NewEvent();
    private readonly Thread thread;
    private volatile ManagedAddress[] managed = [];
    private volatile HashSet<string> guarded = [];
    private volatile bool guardChanged;
    private volatile bool closed;

    /// <summary>Starts the thread, on the calling thread's network.</summary>
    /// <param name="announcer">Tells the neighbours.</param>
    /// <param name="mediaInterfaces">Interfaces that heartbeats go over.</param>
    /// <param name="outlets">Whom it tells.</param>
    /// <param name="prepareThread">Called on the thread first: its scheduling.</param>
    /// <exception cref="NetlinkException">The kernel refuses a socket.</exception>
    public VirtualIpKeeper(
        ArpAnnouncer announcer, IEnumerable<string> mediaInterfaces, KeeperOutlets outlets,
        Action? prepareThread = null)
    {
        this.outlets = outlets;
        resource = new VirtualIpResource(routes, announcer);
        probes = new ConflictProbes(resource, frames);
        complaints = new Complaints(outlets);
        interfaces = new InterfaceWatch(routes, mediaInterfaces, outlets);
        thread = new Thread(() =>
        {
            prepareThread?.Invoke();
            Run();
        })
        { IsBackground = true, Name = "vip keeper" };
        thread.Start();
    }

    /// <summary>Loop: these are all virtual IPs from now on.</summary>
    public void Manage(ManagedAddress[] addresses) => managed = addresses;

    /// <summary>Loop: these virtual IPs are taken away where they are found without having been claimed.</summary>
    public void Guard(ImmutableArray<string> resources)
    {
        guarded = [.. resources];
        guardChanged = true;
        Changed();
    }

    /// <summary>Loop: a virtual IP was claimed or given back.</summary>
    public void Changed() => LoopCalls.Signal(wake);

    /// <summary>Loop: asks for foreign holders, then claims.</summary>
    /// <param name="vip">The address.</param>
    /// <param name="done">Called on the keeper's thread with the end.</param>
    public void ProbeThenStart(ManagedAddress vip, Action<OperationResult> done)
    {
        probes.Begin(vip, done);
        Changed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (closed) return;
        closed = true;
        Changed();
        thread.Join();
        probes.Dispose();
        neighbours.Dispose();
        network.Dispose();
        frames.Dispose();
        routes.Dispose();
        wake.Dispose();
    }

    private void Run()
    {
        Span<PollEntry> waits = stackalloc PollEntry[4];
        while (!closed)
        {
            waits[0] = new PollEntry { Descriptor = (int)wake.DangerousGetHandle(), Events = Libc.PollIn };
            waits[1] = new PollEntry { Descriptor = network.Descriptor, Events = Libc.PollIn };
            waits[2] = new PollEntry { Descriptor = neighbours.Arp, Events = Libc.PollIn };
            waits[3] = new PollEntry { Descriptor = neighbours.Discovery, Events = Libc.PollIn };
            var now = LoopClocks.Monotonic;
            LoopCalls.Poll(waits, MonotonicTime.Min(NextDeadline(), now + LongestSleep) - now);
            if (waits[0].Returned != 0) LoopCalls.Clear(wake);
            try
            {
                Turn();
            }
            catch (NetlinkException failure)
            {
                complaints.Tell(EventKind.NetworkChanged, EventSeverity.Warning, "network",
                    $"the kernel's network tables could not be read: {failure.Message}; trying again");
            }
        }
    }

    private void Turn()
    {
        HearKernel();
        HearNeighbours();
        var now = LoopClocks.Monotonic;
        probes.Advance(now);
        var look = guardChanged;
        guardChanged = false;
        foreach (var vip in managed)
        {
            // What has come meanwhile is judged by what holds now.
            if (look && vip.StrayCheckAt == MonotonicTime.Never) vip.StrayCheckAt = now + StrayPatience;
            JudgeLink(vip, now);
            Renew(vip, now);
            if (now >= vip.StrayCheckAt) RemoveStray(vip);
            if (now >= vip.DefendAt) Defend(vip, now);
            if (now >= vip.AnnounceAt) AnnounceAfterReturn(vip, now);
            FindHolder(vip, now);
        }

        TellHolders();
        interfaces.Advance(now);
    }

    private MonotonicTime NextDeadline()
    {
        var next = MonotonicTime.Min(probes.Next, interfaces.Next);
        foreach (var vip in managed)
        {
            next = MonotonicTime.Min(next, MonotonicTime.Min(vip.NextRenewal, vip.StrayCheckAt));
            next = MonotonicTime.Min(next, MonotonicTime.Min(vip.DefendAt, vip.AnnounceAt));
            if (vip.Phase == AddressPhase.Absent) next = MonotonicTime.Min(next, vip.AskAt);
            if (vip.LinkLostAt != MonotonicTime.Never && vip.LinkTrouble is null)
                next = MonotonicTime.Min(next, vip.LinkLostAt + Debounce(vip));
        }

        return next;
    }

    private void HearKernel()
    {
        changes.Clear();
        network.Read(changes);
        foreach (var change in changes)
        {
            interfaces.Heard(change, managed);
            foreach (var vip in managed) Heard(change, vip);
        }
    }

    private void Heard(in NetworkChange change, ManagedAddress vip)
    {
        switch (change.Kind)
        {
            case NetworkChangeKind.Link when vip.Link?.Index == change.InterfaceIndex:
                NoteLink(vip, change.Link!, gone: false);
                break;
            case NetworkChangeKind.LinkGone when vip.Link?.Index == change.InterfaceIndex:
                NoteLink(vip, change.Link!, gone: true);
                break;
            case NetworkChangeKind.Address when change.Address!.Equals(vip.Settings.Address):
                if (vip.Phase == AddressPhase.Absent && vip.StrayCheckAt == MonotonicTime.Never)
                    vip.StrayCheckAt = LoopClocks.Monotonic + StrayPatience;
                break;
            case NetworkChangeKind.AddressGone when change.Address!.Equals(vip.Settings.Address):
                NoteLoss(vip, change.InterfaceIndex);
                break;
            case NetworkChangeKind.Overrun:
                NoteOverrun(vip);
                break;
            default:
                break;
        }
    }

    private void NoteOverrun(ManagedAddress vip)
    {
        var here = resource.Find(vip.Settings.Address);
        if (vip.Phase == AddressPhase.Absent && here is not null) vip.StrayCheckAt = LoopClocks.Monotonic;
        if (vip.Link is not { } link) return;
        var found = routes.FindInterface(link.Index);
        NoteLink(vip, found ?? link, gone: found is null);
        if (here is null) NoteLoss(vip, link.Index);
    }

    // The kernel itself takes it away when its lease runs out; then the renewal puts it back, if this node still may.
    private void NoteLoss(ManagedAddress vip, int interfaceIndex)
    {
        string lost;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held || vip.Lost is not null || vip.Claim!.InterfaceIndex != interfaceIndex
                || resource.Find(vip.Settings.Address) is not null) return;
            resource.Silence(vip);
            if (vip.Renewal is not null && LoopClocks.Monotonic - vip.RenewedAt >= vip.Lease) return;
            lost = vip.Lost = $"{vip.Settings.Address} was removed from {vip.Link!.Name} by somebody else.";
            vip.NextRenewal = MonotonicTime.Never;
        }

        outlets.Post(new ResourceDisturbed(vip.Resource, lost));
    }

    private static TimeSpan Debounce(ManagedAddress vip) => vip.Settings.CarrierDebounce
        ?? (vip.Link?.Kind is "bond" or "team" ? TimeSpan.FromMilliseconds(500) : TimeSpan.Zero);

    private static void NoteLink(ManagedAddress vip, NetworkInterface link, bool gone)
    {
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held) return;
            vip.Link = link;
            if (gone || !link.IsUp || !link.HasCarrier)
            {
                if (vip.LinkLostAt == MonotonicTime.Never) vip.LinkLostAt = LoopClocks.Monotonic;
                vip.AnnounceAt = MonotonicTime.Never;
                return;
            }

            if (vip.LinkLostAt == MonotonicTime.Never) return;
            vip.LinkLostAt = MonotonicTime.Never;
            vip.LinkTrouble = null;
            // A link that flaps is not answered by a storm.
            vip.AnnounceAt = MonotonicTime.Max(LoopClocks.Monotonic, vip.AnnouncedAt + TimeSpan.FromMilliseconds(500));
        }
    }

    private void JudgeLink(ManagedAddress vip, MonotonicTime now)
    {
        if (vip.LinkTrouble is not null || vip.Link is not { } link) return;
        // Claimed on an interface that does not work: the next look at it shall say so.
        if (vip.LinkLostAt == MonotonicTime.Never && vip.Phase == AddressPhase.Held && !(link.IsUp && link.HasCarrier))
            vip.LinkLostAt = now;
        if (vip.LinkLostAt == MonotonicTime.Never) return;
        if (now < vip.LinkLostAt + Debounce(vip)) return;
        string trouble;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Held)
            {
                vip.LinkLostAt = MonotonicTime.Never;
                return;
            }

            trouble = vip.LinkTrouble = $"{vip.Settings.Address} cannot be reached: interface {link.Name} "
                + (!link.IsUp ? "is switched off." : "has no carrier; check its cable and the switch.");
        }

        outlets.Post(new ResourceDisturbed(vip.Resource, trouble));
    }

    private void Renew(ManagedAddress vip, MonotonicTime now)
    {
        if (now < vip.NextRenewal) return;
        bool late;
        int errno;
        lock (vip.Gate)
        {
            if (!outlets.MayClaim())
            {
                vip.NextRenewal = now + NoAuthorityPause;
                return;
            }

            if (vip.Phase != AddressPhase.Held || vip.Renewal is null || vip.Lost is not null) return;
            late = now - vip.RenewedAt >= vip.Lease;
            errno = resource.Renew(vip);
            if (errno == Errno.None) vip.Renewed(now);
            else vip.NextRenewal = now + (vip.Lease / 8);
            if (errno == Errno.None && late) resource.AnnounceAgain(vip);
        }

        if (errno != Errno.None)
        {
            complaints.Tell(EventKind.AddressLost, EventSeverity.Error, vip.Resource,
                $"the lease of {vip.Settings.Address} cannot be renewed: {Errno.Text(errno)}; "
                + $"it ends within {vip.Lease.TotalSeconds} s");
        }
        else if (late)
        {
            complaints.Tell(EventKind.AddressRestored, EventSeverity.Warning, vip.Resource,
                $"{vip.Settings.Address} was without renewal for longer than its lease of {vip.Lease.TotalSeconds} s "
                + "(this agent did not run, or had no authority): put back");
        }
    }

    private void RemoveStray(ManagedAddress vip)
    {
        vip.StrayCheckAt = MonotonicTime.Never;
        string where;
        OperationResult result;
        lock (vip.Gate)
        {
            if (vip.Phase != AddressPhase.Absent || !guarded.Contains(vip.Resource)
                || resource.Find(vip.Settings.Address) is not { } found) return;
            where = resource.NameOf(found.InterfaceIndex);
            result = resource.Remove(vip.Settings.Address);
        }

        complaints.Tell(EventKind.AddressStray, EventSeverity.Error, vip.Resource,
            result.Outcome == OperationOutcome.Succeeded
                ? $"{vip.Settings.Address} was put on {where} by somebody else, "
                    + "while the cluster does not run it here: removed"
                : $"{vip.Settings.Address} was put on {where} by somebody else: {result.Output}");
    }

    private void AnnounceAfterReturn(ManagedAddress vip, MonotonicTime now)
    {
        vip.AnnounceAt = MonotonicTime.Never;
        lock (vip.Gate)
        {
            if (vip is not { Phase: AddressPhase.Held, Lost: null } || !outlets.MayClaim()) return;
            vip.AnnouncedAt = now;
            resource.AnnounceAgain(vip);
        }
    }
}
