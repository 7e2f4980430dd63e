namespace Ha.Web.Tests;

/// <summary>The reference cluster as its nodes would describe it.</summary>
internal static class SampleCluster
{
    public static readonly DateTimeOffset Then = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static ClusterSnapshot AtRest(string writtenBy = "s1", DateTimeOffset? takenAt = null)
    {
        var now = takenAt ?? Then;
        return new ClusterSnapshot
        {
            Version = 42,
            Node = writtenBy,
            Generation = 7,
            Cluster = "web-cluster",
            TakenAt = now,
            View = new ViewSnapshot("3.s1", "s1", ["s1", "s2"]),
            Promise = "Without fencing, one owner is promised while at least one link between the nodes works. "
                + "If every link is cut at once, both nodes may hold the address until a link is back; "
                + "then one gives it up within 3 s.",
            Nodes = [Node("s1", writtenBy, now), Node("s2", writtenBy, now)],
            Groups = [Group("s1", now)],
            Operations = [],
            Warnings = ["authkeys: md5 with a short key can be guessed; use 'sha256' with 32 characters or more."],
        };
    }

    public static NodeSnapshot Node(string name, string writtenBy, DateTimeOffset now)
    {
        var isLocal = name == writtenBy;
        return new NodeSnapshot
        {
            Name = name,
            State = NodeState.Online,
            Mode = NodeMode.Active,
            IsLocal = isLocal,
            IsCoordinator = name == "s1",
            Product = NodeProduct.HaAppliance,
            HeartbeatStatus = "active",
            Generation = 7,
            DeadtimeMs = 30_000,
            LastHeardAt = isLocal ? null : now.AddSeconds(-1),
            Reason = "",
            Links = isLocal ? [] : [Link($"ucast eth0 192.168.1.{(name == "s1" ? 202 : 203)}", LinkState.Up, now)],
        };
    }

    public static LinkSnapshot Link(string medium, LinkState state, DateTimeOffset now) =>
        new() { Medium = medium, State = state, LastHeardAt = now.AddSeconds(-1), PacketsReceived = 1234 };

    public static GroupSnapshot Group(string holder, DateTimeOffset now) => new()
    {
        Id = "192.168.1.100/24/eth0:0",
        PreferredNode = "s1",
        State = GroupState.Active,
        ActiveOn = [holder],
        PlacedOn = holder,
        Since = now.AddHours(-76),
        Reason = holder == "s1"
            ? "s1 is the preferred node and online."
            : "s1 is in standby; s2 is the only other node that can run it.",
        Resources =
        [
            new ResourceSnapshot
            {
                Id = "192.168.1.100/24/eth0:0",
                Type = "builtin:vip",
                Vip = new VipSnapshot("192.168.1.100", 24, "eth0", "eth0:0"),
                Nodes = On(holder),
            },
            new ResourceSnapshot { Id = "haproxy", Type = "heartbeat:haproxy", Nodes = On(holder) },
        ],
    };

    /// <summary>Everything at once: a one-way peer, two owners, an operation and a transition under way.</summary>
    public static ClusterSnapshot Troubled(DateTimeOffset now)
    {
        var cluster = AtRest("s1", now);
        var peer = cluster.Nodes[1] with
        {
            State = NodeState.HalfConnected,
            Reason = "s2 does not hear us on ucast eth0.",
            Links =
            [
                Link("ucast eth0 192.168.1.203", LinkState.OneWay, now),
                Link("bcast eth1", LinkState.Dead, now),
            ],
        };
        var conflict = cluster.Groups[0] with
        {
            State = GroupState.Conflict, ActiveOn = ["s1", "s2"], Reason = "The network was split.",
        };
        return cluster with
        {
            Nodes = [cluster.Nodes[0], peer],
            Groups = [conflict],
            Operations = [Operation("op-9", OperationState.Running, now)],
            Transition = new TransitionSnapshot(
                "3.s1/13", "Two owners.", [new("s2", "haproxy", OperationKind.Stop, StepState.Running)]),
        };
    }

    private static ImmutableArray<ResourceOnNode> On(string holder) =>
    [
        .. new[] { "s1", "s2" }.Select(node =>
            new ResourceOnNode(node, node == holder ? ResourceState.Started : ResourceState.Stopped, "")),
    ];

    /// <summary>The picture after <paramref name="node"/> went to standby.</summary>
    public static ClusterSnapshot WithStandby(this ClusterSnapshot cluster, string node, string takenOverBy) =>
        cluster with
    {
        Version = cluster.Version + 10,
        Nodes = [.. cluster.Nodes.Select(one => one.Name == node ? one with { Mode = NodeMode.Standby } : one)],
        Groups = [Group(takenOverBy, cluster.TakenAt) with { Since = cluster.TakenAt }],
    };

    public static OperationSnapshot Operation(
        string id, OperationState state, DateTimeOffset now, string title = "standby s1 (all)",
        string reason = "patching") => new()
    {
        Id = id,
        Kind = CommandKind.Standby,
        Title = title,
        State = state,
        Actor = "operator",
        Reason = reason,
        RequestedAt = now,
        FinishedAt = state is OperationState.Succeeded or OperationState.Failed ? now.AddMilliseconds(120) : null,
        Detail = state == OperationState.Failed ? "haproxy on s2 could not be started: exit code 1" : "",
        Steps =
        [
            new OperationStep("stop haproxy on s1", StepState.Succeeded, now, now.AddMilliseconds(40), ""),
            new OperationStep("stop 192.168.1.100 on s1", StepState.Running, now.AddMilliseconds(40), null, ""),
            new OperationStep("start 192.168.1.100 on s2", StepState.Pending, now, null, ""),
        ],
    };

    public static ClusterEvent Event(
        int number, string sentence, EventSeverity severity = EventSeverity.Info, DateTimeOffset? at = null,
        EventKind kind = EventKind.GroupActive, string node = "s1", string subject = "192.168.1.100/24/eth0:0") => new()
    {
        Id = $"{node}/7/{number}",
        Node = node,
        At = at ?? Then.AddSeconds(number),
        MonotonicMicroseconds = number,
        Kind = kind,
        Severity = severity,
        Subject = subject,
        Sentence = sentence,
    };

    public static ImmutableArray<ClusterEvent> Story(DateTimeOffset now) =>
    [
        Event(9, "192.168.1.100 and haproxy run on s1 now; the move took 112 ms.", EventSeverity.Info,
            now.AddMinutes(-2)),
        Event(8, "Transition 3.s1/12 began: s1 came back and is the preferred node (auto_failback on).",
            EventSeverity.Info,
            now.AddMinutes(-2).AddMilliseconds(-120), EventKind.TransitionStarted),
        Event(7, "s1 is heard again after 74 s; it had been restarted (generation 6 to 7).", EventSeverity.Info,
            now.AddMinutes(-3), EventKind.NodeRestarted, "s2", "s1"),
        Event(6, "192.168.1.100 and haproxy run on s2 now; 31 ms after s1 was declared dead.", EventSeverity.Warning,
            now.AddMinutes(-4), EventKind.GroupActive, "s2"),
        Event(5, "s1 is dead: silent on ucast eth0 for 30.0 s (dead time 30 s).", EventSeverity.Error,
            now.AddMinutes(-4).AddMilliseconds(-40), EventKind.NodeDead, "s2", "s1"),
        Event(4, "s1 is late: last heard 10.1 s ago on ucast eth0 (warntime 10 s).", EventSeverity.Warning,
            now.AddMinutes(-5), EventKind.NodeLate, "s2", "s1"),
        Event(3, "View 3.s1 agreed: members s1, s2; coordinator s1.", EventSeverity.Info, now.AddHours(-3),
            EventKind.ViewInstalled),
        Event(2, "ha-agent 0.1.0 started on s1, generation 7.", EventSeverity.Info, now.AddHours(-3),
            EventKind.AgentStarted, "s1", "s1"),
    ];
}
