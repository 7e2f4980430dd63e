using Ha.Lab.Hosts;
using Ha.Lab.Probing;

namespace Ha.Lab.Clusters;

/// <summary>
/// The reference cluster in a lab: s1 and s2 with this product, HAProxy and the probe that asks for the service.
/// </summary>
public sealed class ReferenceCluster : IDisposable
{
    private Probe? _probe;

    /// <summary>Builds the network and boots both nodes, with files installed and nothing started.</summary>
    /// <param name="timers">Times for ha.cf; null leaves the seed files as they are.</param>
    public ReferenceCluster(TimerProfile? timers)
    {
        Timers = timers ?? TimerProfile.Seed;
        Lab = new Laboratory(Programs.Published);
        foreach (var node in Lab.Nodes)
        {
            node.Boot();
            ClusterFiles.Install(node, timers);
        }
        S1 = new HaNode(Lab.S1);
        S2 = new HaNode(Lab.S2);
    }

    /// <summary>The lab.</summary>
    public Laboratory Lab { get; }

    /// <summary>The times in ha.cf.</summary>
    public TimerProfile Timers { get; }

    /// <summary>The preferred node.</summary>
    public HaNode S1 { get; }

    /// <summary>The other node.</summary>
    public HaNode S2 { get; }

    /// <summary>Both nodes.</summary>
    public IReadOnlyList<HaNode> Nodes => [S1, S2];

    /// <summary>The probe; starts when first used.</summary>
    public Probe Probe => _probe ??= new Probe(Lab);

    /// <summary>Starts both agents at the same moment.</summary>
    public void StartAgents()
    {
        S1.StartAgent();
        S2.StartAgent();
    }

    /// <summary>Starts both agents and waits until s1 serves.</summary>
    public void StartAndServe()
    {
        StartAgents();
        Probe.WaitUntilServedBy(Lab.S1, TimeSpan.FromSeconds(15));
    }

    /// <summary>What both nodes tell, for the message of a failed test.</summary>
    public string Story => string.Join("\n\n", Nodes.Where(n => n.Node.IsRunning).Select(n =>
        $"{n.Node.Name}:\n{n.Story}\n{n.Agent?.Output}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        _probe?.Dispose();
        Lab.Dispose();
    }
}
