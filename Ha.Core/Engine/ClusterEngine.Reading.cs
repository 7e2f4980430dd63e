using Ha.Core.Contracts;
using Ha.Core.Engine.Messages;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Engine;

/// <summary>The snapshot: everything an operator may see, put together when something has changed.</summary>
public sealed partial class ClusterEngine
{
    private readonly Dictionary<string, (GroupState State, string Active, DateTimeOffset Since)> groupHistory = [];

    /// <summary>The cluster as this node sees it now.</summary>
    /// <param name="now">The driver's clocks.</param>
    public ClusterSnapshot Snapshot(ClusterTime now) => new()
    {
        Version = SnapshotVersion,
        Node = options.LocalNode,
        Generation = options.Generation,
        Cluster = options.ClusterName,
        TakenAt = now.Wall,
        View = view is null ? null : new ViewSnapshot(view.Id.ToString(), NameOf(view.Coordinator),
            [.. view.Members.Select(member => NameOf(member.Node))]),
        Promise = Promise,
        Nodes = [.. options.Nodes
            .Select((_, index) => index == localIndex ? ReadLocalNode() : ReadPeer(FindPeer(index)!))],
        Groups = [.. configuration.Groups.Select(group => ReadGroup(group, now))],
        Operations = [.. operations.Take(ClusterSnapshot.MaxOperations)],
        Transition = IsCoordinator ? transition?.Snapshot() : CoordinatorReport?.Transition,
        Warnings = [.. options.Warnings, .. ConfigurationWarnings()],
        ConfigurationVersion = configuration.Version.ToString(),
        Maintenance = intents.Maintenance,
        Checks = [.. configuration.Checks.Select(ReadCheck)],
    };

    private NodeReport? CoordinatorReport => view is null || IsCoordinator ? null : FindPeer(view.Coordinator)?.Report;

    private NodeSnapshot ReadLocalNode() => new()
    {
        Name = options.LocalNode,
        State = departing ? NodeState.Leaving : view is null ? NodeState.Joining : NodeState.Online,
        Mode = ModeOf(options.LocalNode),
        IsLocal = true,
        IsCoordinator = IsCoordinator,
        Product = NodeProduct.HaAppliance,
        HeartbeatStatus = OwnStatus.ToString().ToLowerInvariant(),
        Generation = options.Generation,
        Uuid = options.Uuid,
        DeadtimeMs = (long)options.Deadtime.TotalMilliseconds,
        LastHeardAt = null,
        Reason = view is null && !departing ? WhyNotJoined() : "",
        Links = [],
    };

    private string WhyNotJoined()
    {
        if (!local.AllProbed) return "is finding out what runs here";
        if (local.Releasing) return "is giving up its resources";
        var awaited = peers.Where(MustBeWaitedFor).Select(peer => peer.Name).ToList();
        return awaited.Count == 0 ? "is joining" : $"is waiting for {string.Join(", ", awaited)}";
    }

    private NodeMode ModeOf(string node) => intents.Standby.Contains(node) ? NodeMode.Standby : NodeMode.Active;

    private NodeSnapshot ReadPeer(Peer peer) => new()
    {
        Name = peer.Name,
        State = peer.State,
        Mode = ModeOf(peer.Name),
        IsLocal = false,
        IsCoordinator = view?.Coordinator == peer.Index,
        Product = peer.Product,
        HeartbeatStatus = (peer.Status == HeartbeatStatus.Unknown ? HeartbeatStatus.Init : peer.Status)
            .ToString().ToLowerInvariant(),
        Generation = peer.Generation,
        Uuid = peer.Uuid == Guid.Empty ? null : peer.Uuid,
        DeadtimeMs = (long)peer.Deadtime.TotalMilliseconds,
        LastHeardAt = Wall(peer.LastStatusUnixMs),
        Reason = peer.Reason,
        Links = [.. peer.Links.Select((link, medium) => (link, medium))
            .Where(one => !LeadsElsewhere(peer, one.medium)).Select(one => ReadLink(peer, one.link, one.medium))],
    };

    private LinkSnapshot ReadLink(Peer peer, Link link, int medium) => new()
    {
        Medium = options.Media[medium],
        State = peer.State == NodeState.HalfConnected && link.State is LinkState.Up or LinkState.Late
            ? LinkState.OneWay : link.State,
        LastHeardAt = Wall(link.LastHeardUnixMs),
        PacketsReceived = link.Packets,
    };

    private static DateTimeOffset? Wall(long unixMilliseconds) =>
        unixMilliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds);

    private GroupSnapshot ReadGroup(ResourceGroup group, ClusterTime now)
    {
        var placement = ReadPlacement(group.Id);
        var resources = group.Resources.Select(ReadResource).ToImmutableArray();
        ImmutableArray<string> active = [.. options.Nodes.Where(node =>
            resources.Any(one => one.Nodes.Any(on => on.Node == node && IsRunning(on.State))))];
        var state = JudgeGroup(group, resources, active, placement);
        var key = string.Join(',', active);
        if (!groupHistory.TryGetValue(group.Id, out var last) || last.State != state || last.Active != key)
            groupHistory[group.Id] = last = (state, key, now.Wall);
        return new GroupSnapshot
        {
            Id = group.Id,
            PreferredNode = group.PreferredNode,
            State = state,
            ActiveOn = active,
            PlacedOn = placement.Node,
            Since = last.Since,
            Reason = placement.Reason,
            Resources = resources,
        };
    }

    private GroupPlacement ReadPlacement(string group) => IsCoordinator
        ? placements.FirstOrDefault(one => one.Group == group)
            ?? new GroupPlacement(group, [], Blocked: false, "waiting for the reports of all members")
        : CoordinatorReport?.Placements?.FirstOrDefault(one => one.Group == group)
            ?? new GroupPlacement(group, [], Blocked: false, WhyUndecided());

    private string WhyUndecided() => view is null
        ? $"{options.LocalNode} {WhyNotJoined()}" : $"waiting for {NameOf(view.Coordinator)} to decide";

    private ResourceSnapshot ReadResource(ResourceDefinition resource) => new()
    {
        Id = resource.Id,
        Type = resource.FullType,
        Vip = resource.Vip is { } vip
            ? new VipSnapshot(vip.Address,
                vip.PrefixLength ?? (vip.Address.Contains(':', StringComparison.Ordinal) ? 128 : 32),
                vip.Interface, vip.Label)
            : null,
        Nodes = [.. options.Nodes.Select((node, index) => ReadOnNode(resource, node, index))],
        ServerIntents = resource.IsHaproxy ? intents.ServersOf(resource.Id) : null,
        ConfigurationDrift = DriftOf(resource.Id)?.Sentence,
    };

    private ResourceOnNode ReadOnNode(ResourceDefinition resource, string node, int index)
    {
        var report = ReportOf(index, resource.Id);
        return new ResourceOnNode(node, report?.State ?? ResourceState.Unknown, report?.Detail ?? "")
        {
            Configuration = ServiceConfigurationOf(index, resource.Id),
        };
    }

    private static bool IsRunning(ResourceState state) =>
        state is ResourceState.Started or ResourceState.Starting or ResourceState.Stopping or ResourceState.Failed;

    private static GroupState JudgeGroup(ResourceGroup group, ImmutableArray<ResourceSnapshot> resources,
        ImmutableArray<string> active, GroupPlacement placement)
    {
        var states = resources.SelectMany(one => one.Nodes).Select(on => on.State).ToList();
        if (states.Any(state => state is ResourceState.Starting or ResourceState.Stopping)) return GroupState.Moving;
        if (active.Length > 1 && !group.IsClone) return GroupState.Conflict;
        if (states.Contains(ResourceState.Failed)) return placement.Blocked ? GroupState.Blocked : GroupState.Failed;
        if (active.Length == 0)
        {
            if (states.TrueForAll(state => state == ResourceState.Unknown)) return GroupState.Unknown;
            return placement.Node is null ? GroupState.Stopped : GroupState.Moving;
        }

        // A clone is whole when it runs wherever it belongs, anything else when all of it runs where it is.
        var where = group.IsClone ? [.. active.Union(placement.Nodes)] : active;
        var complete = where.All(node => resources
            .All(one => one.Nodes.Any(on => on.Node == node && on.State == ResourceState.Started)));
        return complete ? GroupState.Active : GroupState.Partial;
    }
}
