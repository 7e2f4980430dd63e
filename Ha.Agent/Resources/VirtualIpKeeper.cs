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
}
