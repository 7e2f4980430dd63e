using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>
/// What the coordinator does: it waits for the reports of all members, asks the policy engine where everything belongs,
/// and has the transition engine walk there, one order at a time. Whatever matters makes it think again.
/// </summary>
public sealed partial class ClusterEngine
{
    private const string AtStart = "start";

    private bool coordinationDue;
    private bool intentsGathered;
    private string trigger = AtStart;
    private ImmutableArray<GroupPlacement> placements = [];

    /// <summary>What this configuration keeps and what it does not (RELIABILITY.md 1.2 to 1.5).</summary>
    private string Promise => SafetyPromise.Of(
        options.Nodes, Safety, configuration.Model.Options.NoQuorumPolicy, options.Deadtime).ToString();

    /// <summary>What decisions are made from, as this node knows it: complete only on the coordinator.</summary>
    /// <param name="at">The driver's clocks.</param>
    public ClusterState State(ClusterTime at) => new()
    {
        Nodes = [.. options.Nodes.Select((name, index) => DescribeNode(name, index, at.Monotonic))],
        HaveQuorum = quorum.HaveQuorum,
        Intents = WithoutRefusing(intents),
        At = at.Wall,
    };

    private void BeginCoordination()
    {
        EndCoordination();
        intentsGathered = false;
        coordinationDue = true;
        configurationDue = true;
    }

    private void EndCoordination()
    {
        if (transition is not null) AbortTransition("the members of the cluster changed");
        placements = [];
        recalled = 0;
        nextOrder = MonotonicTime.Never;
        nextRecheck = MonotonicTime.Never;
    }

    private void Coordinate()
    {
        // A finished step can make the next one possible at once; each round issues orders or ends something.
        for (var round = 0; coordinationDue && round < 8; round++)
        {
            coordinationDue = false;
            if (!IsCoordinator || !HaveAllReports() || !GatherIntents()) return;
            if ((FindUndecided() is { } undecided ? WhyUndecided(undecided)
                : FindUnheardSincePause() is { } unheard ? WhyUnheard(unheard) : WhyNothingMayStart()) is { } reason)
            {
                Hold(reason);
                return;
            }

            if (IsConfigurationOpen()) return;

            if (!RecallIsAnswered()) return;
            DropObsoletePins();
            DropObsoleteServers();
            Walk(Decide());
        }
    }

    private bool HaveAllReports()
    {
        var id = view!.Id.ToString();
        foreach (var peer in peers)
        {
            if (view.Contains(peer.Member) && peer.Report?.View != id) return false;
        }

        return true;
    }

    // What operators want outlives a coordinator: the newest that any member knows holds.
    private bool GatherIntents()
    {
        if (intentsGathered) return true;
        intentsGathered = true;
        ImmutableArray<ClusterIntents> known = [intents, .. peers
            .Where(peer => view!.Contains(peer.Member) && peer.Report is not null)
            .Select(peer => peer.Report!.Intents)];
        // Two sides of a split may both have changed them, to the same version: issued anew, one of them holds for all.
        var newest = known.MaxBy(one => one.Version)!;
        if (known.Any(one => !one.SameAs(newest)))
            ChangeIntents(newest with { Version = known.Max(one => one.Version) });
        TakeOverOperations();
        ScheduleIntentEnd();
        return true;
    }

    // A node that is heard but not a member may run anything: nothing is decided before it joins or falls silent.
    private Peer? FindUndecided()
    {
        foreach (var peer in peers)
        {
            if (peer.IsAlive && !view!.Contains(peer.Member)) return peer;
        }

        return null;
    }

    private static string WhyUndecided(Peer undecided) =>
        undecided.Protection?.Refusal is { } refusal ? $"{undecided.Name} may not join: {refusal}"
            : undecided.Product == NodeProduct.Heartbeat
            ? $"{undecided.Name} is a real Heartbeat: resources are not shared with it yet, "
                + "so nothing is started here while it lives"
            : undecided.State == NodeState.HalfConnected
                ? $"{undecided.Name} is heard but does not hear us: "
                    + "nothing is started until the network works both ways"
                : $"waiting for {undecided.Name} to join";

    private void Hold(string reason)
    {
        if (placements.FirstOrDefault()?.Reason != reason) SnapshotVersion++;
        placements = [.. configuration.Groups.Select(group => new GroupPlacement(group.Id, [], Blocked: true, reason))];
    }

    private void DropObsoletePins()
    {
        var obsolete = intents.Pins
            .Where(pin => !MayRunOn(options.Nodes.IndexOf(pin.Value))
                || configuration.Groups.All(group => group.Id != pin.Key))
            .Select(pin => pin.Key)
            .ToList();
        if (obsolete.Count == 0) return;
        ChangeIntents(intents with { Pins = intents.Pins.RemoveRange(obsolete) });
    }

    private void ChangeIntents(ClusterIntents wanted)
    {
        var next = wanted with { Version = Math.Max(wanted.Version, intents.Version) + 1 };
        AdoptIntents(next);
        coordinationDue = true;
    }

    private bool MayRunOn(int node) =>
        node >= 0 && view!.Contains(node) && !intents.Standby.Contains(NameOf(node)) && !IsLeaving(node)
        && !Refuses(node);

    private bool IsLeaving(int node) =>
        node == localIndex ? departing : FindPeer(node) is { State: NodeState.Leaving } or { Report.Leaving: true };

    private NodeSituation DescribeNode(string name, int index, MonotonicTime at)
    {
        var member = view?.Contains(index) == true;
        if (index == localIndex)
        {
            return new NodeSituation
            {
                Name = name, Presence = member ? NodePresence.Member : NodePresence.Off, WhyAbsent = WhyNot(index),
                Leaving = departing, IsCoordinator = IsCoordinator,
                Resources = [.. local.All.Select(resource => resource.Report(at))],
                Checks = ReportChecks(),
            };
        }

        var peer = FindPeer(index)!;
        return new NodeSituation
        {
            Name = name,
            Presence = member ? NodePresence.Member
                : fencer.IsConfirmed(name, peer.Generation) ? NodePresence.Off : peer.State switch
            {
                NodeState.Left => NodePresence.Off,
                NodeState.Unknown => NodePresence.NeverSeen,
                NodeState.Joining or NodeState.Online or NodeState.Dead or NodeState.Leaving
                    or NodeState.HalfConnected => peer.Generation == 0 ? NodePresence.NeverSeen : NodePresence.Lost,
            },
            WhyAbsent = WhyNot(index),
            Leaving = IsLeaving(index),
            IsCoordinator = view?.Coordinator == index,
            Resources = ResourcesOf(peer),
            Checks = peer.Report?.Checks ?? [],
            ReportAgeMs = (long)(at - peer.ReportedAt).TotalMilliseconds,
        };
    }

    private string WhyNot(int node)
    {
        if (intents.Standby.Contains(NameOf(node))) return "is in standby";
        var state = FindPeer(node)?.State;
        if (state == NodeState.Dead) return "is dead";
        if (state == NodeState.Left) return "has left";
        if (IsLeaving(node)) return "is leaving";
        if (Refuses(node)) return $"cannot run version {configuration.Version} of the cluster configuration";
        return view?.Contains(node) == true ? "" : "is not a member";
    }

    private ResourceReport? ReportOf(int node, string resource)
    {
        if (node == localIndex) return local.Find(resource)?.Report(now.Monotonic);
        return FindPeer(node)?.Report?.Resources.FirstOrDefault(one => one.Id == resource);
    }
}
