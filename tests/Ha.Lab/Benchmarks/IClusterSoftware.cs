using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Benchmarks;

/// <summary>Cluster software on the two nodes of a lab, as the benchmark drives it.</summary>
internal interface IClusterSoftware
{
    /// <summary>What the tables call it.</summary>
    string Name { get; }

    /// <summary>Names of its processes, for memory and CPU.</summary>
    string Process { get; }

    /// <summary>Writes its files onto a node.</summary>
    void Install(LabNode node, TimerProfile timers);

    /// <summary>Starts it on a node.</summary>
    void Start(LabNode node);

    /// <summary>Asks it to stop gracefully; may return before it has stopped.</summary>
    void Stop(LabNode node);

    /// <summary>True when it has ended on the node.</summary>
    bool HasStopped(LabNode node);

    /// <summary>Asks a node to hand everything over.</summary>
    void Standby(LabNode node);

    /// <summary>After <see cref="Standby"/>: the node takes its own resources back.</summary>
    void Return(LabNode node);

    /// <summary>True when every node knows the other and no move is under way.</summary>
    bool IsSettled(Laboratory lab);
}
