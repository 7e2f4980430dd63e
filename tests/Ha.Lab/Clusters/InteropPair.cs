using Ha.Core.Contracts;
using Ha.Lab.Hosts;

namespace Ha.Lab.Clusters;

/// <summary>
/// A mixed cluster: this product on s1, a real Heartbeat 3.0.6 on s2, and a resource that does nothing.
/// </summary>
public sealed class InteropPair : IDisposable
{
    private const string HarmlessScript = """
        #!/bin/sh
        # A resource that is nothing: Heartbeat wants one in haresources.
        case "$1" in
        start) touch /run/harmless ;;
        stop) rm -f /run/harmless ;;
        status) if [ -e /run/harmless ]; then echo running; else echo stopped; exit 3; fi ;;
        esac

        """;

    /// <summary>Builds the pair; nothing is started.</summary>
    /// <param name="timers">Times of both.</param>
    /// <param name="authkeys">Text of authkeys; null: the seed's.</param>
    /// <param name="medium">Medium line for both, for example <c>bcast eth0</c>; null: the seed's ucast.</param>
    public InteropPair(TimerProfile timers, string? authkeys, string? medium)
    {
        Lab = new Laboratory(Programs.Published);
        foreach (var node in Lab.Nodes)
        {
            node.Boot();
            ClusterFiles.Install(node, timers);
            ClusterFiles.InstallScript(node, "harmless", HarmlessScript);
            node.Write("/etc/ha.d/haresources", "s1 harmless\n");
            ClusterFiles.Set(node, "respawn", null);
            ClusterFiles.Set(node, "ping", null);
            if (authkeys is not null)
            {
                ClusterFiles.UseKeys(node, authkeys);
            }
            if (medium is not null)
            {
                ClusterFiles.UseMedia(node, medium);
            }
        }
        Ours = new HaNode(Lab.S1);
        Heartbeat = new HeartbeatPeer(Lab.S2);
    }

    /// <summary>The lab.</summary>
    public Laboratory Lab { get; }

    /// <summary>This product, on s1.</summary>
    public HaNode Ours { get; }

    /// <summary>Heartbeat, on s2.</summary>
    public HeartbeatPeer Heartbeat { get; }

    /// <summary>Starts both.</summary>
    public void Start()
    {
        Heartbeat.Start();
        Ours.StartAgent();
    }

    /// <summary>True when Heartbeat calls us active, and we call it online and know what it is.</summary>
    public bool BothAreActive => Heartbeat.StatusOf("s1") == "active"
        && Ours.View("s2") is { State: NodeState.Online, Product: NodeProduct.Heartbeat, HeartbeatStatus: "active" };

    /// <summary>Waits for <see cref="BothAreActive"/>.</summary>
    public void WaitUntilBothAreActive(TimeSpan limit) => LabClock.WaitUntil(() => BothAreActive, limit, () =>
        $"Heartbeat says s1 is '{Heartbeat.StatusOf("s1")}', we say s2 is '{Ours.View("s2")?.State}' "
        + $"({Ours.View("s2")?.Product}, {Ours.View("s2")?.HeartbeatStatus})\n{Ours.Story}\n{Heartbeat.Log}");

    /// <summary>Lines of Heartbeat's log that are no plain information.</summary>
    public IReadOnlyList<string> HeartbeatComplaints => [.. Heartbeat.Log.Split('\n').Where(line =>
        line.Contains("WARN:", StringComparison.Ordinal) || line.Contains("ERROR:", StringComparison.Ordinal)
        || line.Contains("CRIT:", StringComparison.Ordinal))];

    /// <inheritdoc/>
    public void Dispose() => Lab.Dispose();
}
