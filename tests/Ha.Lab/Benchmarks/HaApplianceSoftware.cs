using Ha.Core.Contracts;
using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Benchmarks;

/// <summary>This project.</summary>
internal sealed class HaApplianceSoftware : IClusterSoftware
{
    private readonly Dictionary<LabNode, HaNode> _nodes = [];

    public string Name => "HaAppliance";

    public string Process => HaNode.AgentProcess;

    public void Install(LabNode node, TimerProfile timers) => ClusterFiles.Install(node, timers);

    public void Start(LabNode node)
    {
        _nodes[node] = new HaNode(node);
        _nodes[node].StartAgent();
    }

    public void Stop(LabNode node) => _nodes[node].StopAgent();

    public bool HasStopped(LabNode node) => node.Processes(Process).Count == 0;

    public void Standby(LabNode node) => Command(node, CommandKind.Standby);

    public void Return(LabNode node) => Command(node, CommandKind.Online);

    public bool IsSettled(Laboratory lab) => lab.Nodes.All(n =>
        _nodes[n].Snapshot is { Transition: null, View: { } view } && view.Members.Length == lab.Nodes.Count);

    /// <summary>When a node decided that a peer is dead; null when it has not.</summary>
    internal long? DeathDecided(LabNode by, long after) =>
        _nodes[by].Events.Where(e => e.Kind == EventKind.NodeDead && e.Node == by.Name)
            .Select(e => (long?)(e.MonotonicMicroseconds * 1000))
            .FirstOrDefault(at => at > after);

    private static void Command(LabNode node, CommandKind kind)
    {
        var answer = ControlClient.Command(node, new OperatorCommand
        {
            Id = Guid.NewGuid().ToString("N"),
            Kind = kind,
            Node = node.Name,
            Actor = "benchmark",
            Reason = "measurement",
        });
        if (answer.Rejection is { } rejection)
        {
            throw new InvalidOperationException($"{kind} {node.Name} was refused: {rejection.Detail}");
        }
    }
}
