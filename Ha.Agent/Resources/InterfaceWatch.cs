using System.Net;
using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Agent.Resources;

/// <summary>
/// Tells when an interface that the cluster uses - for heartbeats or for a virtual IP - comes and goes, and its own
/// addresses and default routes. All other interfaces do not matter. One that flaps is told of as such, once, and again
/// when it has come to rest.
/// </summary>
internal sealed class InterfaceWatch
{
    /// <summary>Changes of one interface that are told one by one within <see cref="Calm"/>.</summary>
    public const int MostChanges = 4;

    /// <summary>So long without a change is rest.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> media;
    private readonly KeeperOutlets outlets;
    private readonly Complaints complaints;
    private readonly Dictionary<int, Interface> known = [];
    private readonly HashSet<(int Interface, IPAddress Address)> addresses = [];

    /// <param name="routes">The kernel's tables, as they are now.</param>
    /// <param name="media">Interfaces that heartbeats go over.</param>
    /// <param name="outlets">Whom it tells.</param>
    public InterfaceWatch(RouteSocket routes, IEnumerable<string> media, KeeperOutlets outlets)
    {
        this.media = [.. media];
        this.outlets = outlets;
        complaints = new Complaints(outlets);
        foreach (var name in this.media)
            if (routes.FindInterface(name) is { } link) known[link.Index] = new Interface(link);
        foreach (var address in routes.ListAddresses()) addresses.Add((address.InterfaceIndex, address.Address));
    }

    /// <summary>When a flapping interface is judged again.</summary>
    public MonotonicTime Next
    {
        get
        {
            var next = MonotonicTime.Never;
            foreach (var one in known.Values)
                if (one.Flapping) next = MonotonicTime.Min(next, one.ChangedAt + Calm);
            return next;
        }
    }

    /// <summary>The kernel said something.</summary>
    public void Heard(in NetworkChange change, ManagedAddress[] managed)
    {
        switch (change.Kind)
        {
            case NetworkChangeKind.Link or NetworkChangeKind.LinkGone:
                HeardLink(change.Link!, change.Kind == NetworkChangeKind.LinkGone, managed);
                break;
            case NetworkChangeKind.Address or NetworkChangeKind.AddressGone:
                HeardAddress(change, managed);
                break;
            case NetworkChangeKind.DefaultRoute or NetworkChangeKind.DefaultRouteGone:
                if (!known.TryGetValue(change.InterfaceIndex, out var on)) return;
                var way = change.Address is null ? on.Name : $"{change.Address} on {on.Name}";
                var state = change.Kind == NetworkChangeKind.DefaultRoute ? "is there" : "is gone";
                complaints.Tell(
                    EventKind.NetworkChanged, EventSeverity.Info, on.Name, $"default route by {way} {state}");
                break;
            case NetworkChangeKind.Overrun:
                break;
        }
    }

    /// <summary>Tells of interfaces that have come to rest.</summary>
    public void Advance(MonotonicTime now)
    {
        foreach (var one in known.Values)
        {
            if (!one.Flapping || now < one.ChangedAt + Calm) continue;
            one.Flapping = false;
            one.Changes = 0;
            Tell(one);
        }
    }

    private void HeardLink(NetworkInterface link, bool gone, ManagedAddress[] managed)
    {
        if (!media.Contains(link.Name) && !Array.Exists(managed, vip => vip.Link?.Index == link.Index)) return;
        var works = !gone && link is { IsUp: true, HasCarrier: true };
        if (!known.TryGetValue(link.Index, out var one)) known[link.Index] = one = new Interface(link) { Works = true };
        one.Trouble = gone ? "is gone" : link.IsUp ? "has lost its carrier" : "was switched off";
        if (one.Works == works) return;
        one.Works = works;
        one.Serves = managed.Count(vip => vip.Phase == AddressPhase.Held && vip.Link?.Index == link.Index);
        var now = LoopClocks.Monotonic;
        if (now - one.ChangedAt > Calm) one.Changes = 0;
        one.ChangedAt = now;
        if (one.Flapping) return;
        if (++one.Changes <= MostChanges)
        {
            Tell(one);
            return;
        }

        one.Flapping = true;
        outlets.Report(EventKind.InterfaceFlapping, EventSeverity.Error, one.Name,
            $"interface {one.Name} comes and goes: {one.Changes} changes within {Calm.TotalSeconds:0} s; "
            + "the next report follows when it has been at rest for as long");
    }

    private void Tell(Interface one)
    {
        if (one.Works)
        {
            outlets.Report(EventKind.InterfaceRecovered, EventSeverity.Info, one.Name, $"interface {one.Name} works");
            return;
        }

        var use = one.Serves > 0 ? $"; {one.Serves} virtual IP{(one.Serves == 1 ? " is" : "s are")} on it" : "";
        outlets.Report(EventKind.InterfaceLost, one.Serves > 0 ? EventSeverity.Error : EventSeverity.Warning, one.Name,
            $"interface {one.Name} {one.Trouble}{use}");
    }

    private void HeardAddress(in NetworkChange change, ManagedAddress[] managed)
    {
        var address = change.Address!;
        var there = change.Kind == NetworkChangeKind.Address;
        var key = (change.InterfaceIndex, address);
        if (there ? !addresses.Add(key) : !addresses.Remove(key)) return;
        if (!known.TryGetValue(change.InterfaceIndex, out var on)
            || Array.Exists(managed, vip => vip.Settings.Address.Equals(address))) return;
        complaints.Tell(EventKind.NetworkChanged, there ? EventSeverity.Info : EventSeverity.Warning, on.Name,
            $"address {address}/{change.PrefixLength} {(there ? "is on" : "is gone from")} {on.Name}");
    }

    private sealed class Interface(NetworkInterface link)
    {
        public string Name { get; } = link.Name;

        public bool Works { get; set; } = link is { IsUp: true, HasCarrier: true };

        public string Trouble { get; set; } = "";

        public int Serves { get; set; }

        public int Changes { get; set; }

        public MonotonicTime ChangedAt { get; set; } = LoopClocks.Monotonic;

        public bool Flapping { get; set; }
    }
}
