using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

/// <summary>The reference cluster as its node s1 sees it on a good day.</summary>
internal static class ExampleCluster
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static ClusterSnapshot Snapshot() => new()
    {
        Version = 7,
        Node = "s1",
        Generation = 12,
        Cluster = "linux-ha",
        TakenAt = DateTimeOffset.UtcNow,
        View = new ViewSnapshot("3.s1", "s1", ["s1", "s2"]),
        Promise = "Without fencing, both nodes serve while the network between them is cut.",
        Nodes = [Node("s1", isLocal: true), Node("s2", isLocal: false)],
        Groups = [Group()],
        Operations = [],
        Warnings = ["authkeys:2: md5 is weak"],
    };

    public static OperationSnapshot Operation(string id, OperationState state, params OperationStep[] steps) => new()
    {
        Id = id,
        Kind = CommandKind.Standby,
        Title = "standby s1 (all)",
        State = state,
        Actor = "root (cli)",
        Reason = "",
        RequestedAt = Start,
        FinishedAt = state is OperationState.Succeeded or OperationState.Failed ? Start + TimeSpan.FromSeconds(2) : null,
        Detail = state == OperationState.Failed ? "haproxy did not stop on s1" : "",
        Steps = [.. steps],
    };

    public static OperationStep Step(string title, StepState state) => new(
        title, state, Start, state is StepState.Succeeded or StepState.Failed ? Start + TimeSpan.FromSeconds(1) : null, "");

    public static JournalEntry Entry(long position, EventSeverity severity = EventSeverity.Info) => new(position,
        new ClusterEvent
        {
            Id = $"s1/12/{position}",
            Node = "s1",
            At = Start,
            MonotonicMicroseconds = position,
            Kind = EventKind.NodeHeard,
            Severity = severity,
            Subject = "s2",
            Sentence = $"sentence {position}",
        });

    private static NodeSnapshot Node(string name, bool isLocal) => new()
    {
        Name = name,
        State = NodeState.Online,
        Mode = NodeMode.Active,
        IsLocal = isLocal,
        IsCoordinator = isLocal,
        Product = NodeProduct.HaAppliance,
        HeartbeatStatus = "active",
        Generation = 12,
        DeadtimeMs = 30_000,
        LastHeardAt = isLocal ? null : DateTimeOffset.UtcNow,
        Reason = "",
        Links = isLocal ? [] :
        [
            new LinkSnapshot
            {
                Medium = "ucast eth0 192.168.1.203",
                State = LinkState.Up,
                LastHeardAt = DateTimeOffset.UtcNow,
                PacketsReceived = 100,
            },
        ],
    };

    private static GroupSnapshot Group() => new()
    {
        Id = "192.168.1.100/24/eth0:0",
        PreferredNode = "s1",
        State = GroupState.Active,
        ActiveOn = ["s1"],
        PlacedOn = "s1",
        Since = Start,
        Reason = "s1 is preferred and online",
        Resources =
        [
            new ResourceSnapshot
            {
                Id = "192.168.1.100/24/eth0:0",
                Type = "builtin:vip",
                Vip = new VipSnapshot("192.168.1.100", 24, "eth0", "eth0:0"),
                Nodes = [new("s1", ResourceState.Started, ""), new("s2", ResourceState.Stopped, "")],
            },
            new ResourceSnapshot
            {
                Id = "haproxy",
                Type = "heartbeat:haproxy",
                Nodes = [new("s1", ResourceState.Started, ""), new("s2", ResourceState.Stopped, "")],
            },
        ],
    };
}
