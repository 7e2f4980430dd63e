namespace Ha.Api.Tests;

/// <summary>The reference cluster as an agent would show it.</summary>
internal static class Sample
{
    public const string Group = "192.168.1.100/24/eth0:0";
    public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static ClusterSnapshot Cluster(
        long version = 1, long generation = 5, string active = "s1", string node = "s1") => new()
    {
        Version = version,
        Node = node,
        Generation = generation,
        Cluster = "reference",
        TakenAt = Noon,
        View = new ViewSnapshot("1.s1", "s1", ["s1", "s2"]),
        Promise = "Without fencing two owners are possible while the nodes cannot hear each other.",
        Nodes = [Node("s1", node), Node("s2", node)],
        Groups = [VipAndHaproxy(active)],
        Operations = [],
        Warnings = ["authkeys uses md5."],
    };

    private static GroupSnapshot VipAndHaproxy(string active) => new()
    {
        Id = Group,
        PreferredNode = "s1",
        State = GroupState.Active,
        ActiveOn = [active],
        PlacedOn = active,
        Since = Noon,
        Reason = "s1 is preferred and online.",
        Resources =
        [
            new ResourceSnapshot
            {
                Id = Group,
                Type = "builtin:vip",
                Vip = new VipSnapshot("192.168.1.100", 24, "eth0", "eth0:0"),
                Nodes = [On("s1", active), On("s2", active)],
            },
            new ResourceSnapshot
            {
                Id = "haproxy",
                Type = "heartbeat:haproxy",
                Nodes = [On("s1", active), On("s2", active)],
            },
        ],
    };

    private static NodeSnapshot Node(string name, string local) => new()
    {
        Name = name,
        State = NodeState.Online,
        Mode = NodeMode.Active,
        IsLocal = name == local,
        IsCoordinator = name == "s1",
        Product = NodeProduct.HaAppliance,
        HeartbeatStatus = "active",
        Generation = 5,
        DeadtimeMs = 30_000,
        Reason = "",
        Links = name == local ? [] : [Link()],
    };

    private static LinkSnapshot Link() => new()
    {
        Medium = "ucast eth0 192.168.1.203",
        State = LinkState.Up,
        LastHeardAt = Noon,
        PacketsReceived = 7,
    };

    private static ResourceOnNode On(string node, string active) =>
        new(node, node == active ? ResourceState.Started : ResourceState.Stopped, "");

    public static OperationSnapshot Operation(
        string id, OperationState state = OperationState.Running, int minute = 0) => new()
    {
        Id = id,
        Kind = CommandKind.Move,
        Title = $"move {Group} to s2",
        State = state,
        Actor = "operator",
        Reason = "patching",
        RequestedAt = Noon.AddMinutes(minute),
        FinishedAt = state is OperationState.Succeeded ? Noon.AddMinutes(minute + 1) : null,
        Detail = "",
        Steps = [new OperationStep("stop haproxy on s1", StepState.Succeeded, Noon, Noon, "")],
    };

    public static ClusterEvent Event(
        int number, EventKind kind = EventKind.NodeHeard, string node = "s1",
        EventSeverity severity = EventSeverity.Info, string subject = "s2", string? sentence = null) => new()
    {
        Id = $"{node}/5/{number}",
        Node = node,
        At = Noon.AddSeconds(number),
        MonotonicMicroseconds = number * 1_000_000L,
        Kind = kind,
        Severity = severity,
        Subject = subject,
        Sentence = sentence ?? $"Event number {number}.",
        Data = ImmutableSortedDictionary<string, string>.Empty.Add("number", $"{number}"),
    };
}
