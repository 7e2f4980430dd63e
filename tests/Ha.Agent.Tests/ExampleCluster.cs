using System.Text.Json;
using Ha.Agent.Loop;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Agent.Tests;

/// <summary>The reference cluster as its node s1 sees it on a good day.</summary>
internal static class ExampleCluster
{
    private const string Vip = "192.168.1.100/24/eth0:0";

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

    /// <summary>The same cluster as decisions are made from.</summary>
    public static ClusterState State() => new()
    {
        Nodes =
        [
            Situation("s1", ResourceState.Started, OperationOutcome.Succeeded),
            Situation("s2", ResourceState.Stopped, OperationOutcome.NotRunning),
        ],
        HaveQuorum = true,
        Intents = ClusterIntents.None,
        At = Start,
    };

    public static ClusterSituation Situation(PublishedState published)
    {
        var group = new ResourceGroup
        {
            Id = Vip,
            PreferredNode = "s1",
            Resources =
            [
                new ResourceDefinition
                {
                    Id = Vip, Class = "builtin", Type = "vip",
                    Vip = new VirtualIp("192.168.1.100", 24, "eth0", "eth0:0", null),
                },
                new ResourceDefinition { Id = "haproxy", Class = "heartbeat", Type = "haproxy" },
            ],
        };
        var document = HaresourcesImport.Import([group], ["s1", "s2"], AutoFailback.On);
        using var json = JsonDocument.Parse(ConfigurationText.Write(document));
        return new ClusterSituation
        {
            Node = "s1", Coordinator = published.Snapshot.View?.Coordinator, KeepaliveMs = 2000, DeadtimeMs = 30_000,
            State = published.State, Configuration = json.RootElement.Clone(),
        };
    }

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

    private static NodeSituation Situation(string node, ResourceState state, OperationOutcome found) => new()
    {
        Name = node,
        Presence = NodePresence.Member,
        IsCoordinator = node == "s1",
        Resources =
        [
            .. new[] { Vip, "haproxy" }.Select(id => new ResourceReport
            {
                Id = id, State = state,
                History = [new OperationReport(OperationKind.Probe, 0, found, 60_000, "", IsLastFailure: false)],
            }),
        ],
    };

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
