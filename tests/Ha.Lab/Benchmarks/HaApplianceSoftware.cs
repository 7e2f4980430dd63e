using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Benchmarks;

/// <summary>This project.</summary>
/// <param name="haproxy">What HAProxy is.</param>
internal sealed class HaApplianceSoftware(ReferenceHaproxy haproxy = ReferenceHaproxy.Script) : IClusterSoftware
{
    private readonly Dictionary<LabNode, HaNode> _nodes = [];

    public string Name => haproxy switch
    {
        ReferenceHaproxy.Script => "HaAppliance",
        ReferenceHaproxy.Cold => "HaAppliance, cold",
        ReferenceHaproxy.Warm => "HaAppliance, warm",
    };

    public string Process => HaNode.AgentProcess;

    public void Install(LabNode node, TimerProfile timers)
    {
        ClusterFiles.Install(node, timers);
        ClusterFiles.UseExample(node, haproxy);
    }

    public void Start(LabNode node)
    {
        _nodes[node] = new HaNode(node);
        _nodes[node].StartAgent();
    }

    public void Stop(LabNode node) => _nodes[node].StopAgent();

    public bool HasStopped(LabNode node) => node.Processes(Process).Count == 0;

    public void Standby(LabNode node) => Command(node, CommandKind.Standby);

    public void Return(LabNode node) => Command(node, CommandKind.Online);

    /// <summary>Forgets failures, or the third one would ban the node.</summary>
    internal static void ForgetFailures(LabNode node) => Command(node, CommandKind.Cleanup);

    /// <summary>What moves when the service moves: of the warm example the address alone.</summary>
    internal string Group => haproxy switch
    {
        ReferenceHaproxy.Script => "s1",
        ReferenceHaproxy.Cold => "web",
        ReferenceHaproxy.Warm => "address",
    };

    /// <summary>Moves a group to a node.</summary>
    internal static void Move(string group, LabNode to) => Command(to, CommandKind.Move, group, to.Name);

    public bool IsSettled(Laboratory lab) => lab.Nodes.All(n =>
        _nodes[n].Snapshot is { Transition: null, View: { } view } && view.Members.Length == lab.Nodes.Count);

    /// <summary>When a node decided that a peer is dead; null when it has not.</summary>
    internal long? DeathDecided(LabNode by, long after) =>
        _nodes[by].Events.Where(e => e.Kind == EventKind.NodeDead && e.Node == by.Name)
            .Select(e => (long?)(e.MonotonicMicroseconds * 1000))
            .FirstOrDefault(at => at > after);

    private static void Command(LabNode node, CommandKind kind, string? group = null, string? to = null)
    {
        var answer = ControlClient.Command(node, new OperatorCommand
        {
            Id = Guid.NewGuid().ToString("N"),
            Kind = kind,
            Node = node.Name,
            Group = group,
            To = to,
            Actor = "benchmark",
            Reason = "measurement",
        });
        if (answer.Rejection is { } rejection)
        {
            throw new InvalidOperationException($"{kind} {node.Name} was refused: {rejection.Detail}");
        }
    }
}
