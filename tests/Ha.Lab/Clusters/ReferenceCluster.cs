using Ha.Lab.Hosts;
using Ha.Lab.Probing;

namespace Ha.Lab.Clusters;

/// <summary>
/// The reference cluster in a lab: s1 and s2 (or more) with this product, HAProxy and the probe that asks for the
/// service.
/// </summary>
public sealed class ReferenceCluster : IDisposable
{
    private Probe? _probe;

    /// <summary>Builds the network and boots the nodes, with files installed and nothing started.</summary>
    /// <param name="timers">Times for ha.cf; null leaves the seed files as they are.</param>
    /// <param name="nodes">How many nodes; beyond two, each further one is like s2.</param>
    /// <param name="haproxy">What HAProxy is.</param>
    public ReferenceCluster(
        TimerProfile? timers, int nodes = 2, ReferenceHaproxy haproxy = ReferenceHaproxy.Script)
    {
        Timers = timers ?? TimerProfile.Seed;
        Lab = new Laboratory(Programs.Published, nodes);
        foreach (var node in Lab.Nodes)
        {
            node.Boot();
            ClusterFiles.Install(node, timers);
            ClusterFiles.UseExample(node, haproxy);
        }
        Nodes = [.. Lab.Nodes.Select(node => new HaNode(node))];
    }

    /// <summary>The lab.</summary>
    public Laboratory Lab { get; }

    /// <summary>The times in ha.cf.</summary>
    public TimerProfile Timers { get; }

    /// <summary>The preferred node.</summary>
    public HaNode S1 => Nodes[0];

    /// <summary>The second node.</summary>
    public HaNode S2 => Nodes[1];

    /// <summary>All nodes.</summary>
    public IReadOnlyList<HaNode> Nodes { get; }

    /// <summary>The probe; starts when first used.</summary>
    public Probe Probe => _probe ??= new Probe(Lab);

    /// <summary>Starts all agents at the same moment.</summary>
    public void StartAgents()
    {
        foreach (var node in Nodes) node.StartAgent();
    }

    /// <summary>Starts all agents and waits until s1 serves.</summary>
    public void StartAndServe()
    {
        StartAgents();
        Probe.WaitUntilServedBy(Lab.S1, TimeSpan.FromSeconds(60));
    }

    /// <summary>What the nodes tell, for the message of a failed test.</summary>
    public string Story => string.Join("\n\n", Nodes.Where(n => n.Node.IsRunning).Select(n =>
        $"{n.Node.Name}:\n{n.Story}\n{n.Agent?.Output}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        _probe?.Dispose();
        Lab.Dispose();
    }
}
