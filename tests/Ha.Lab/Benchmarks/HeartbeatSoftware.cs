using Ha.Lab.Clusters;
using Ha.Lab.Hosts;

namespace Ha.Lab.Benchmarks;

/// <summary>Linux-HA Heartbeat 3.0.6, Debian's package.</summary>
internal sealed class HeartbeatSoftware : IClusterSoftware
{
    private readonly Dictionary<LabNode, HeartbeatPeer> _peers = [];

    public string Name => "Heartbeat 3.0.6";

    public string Process => "heartbeat";

    public void Install(LabNode node, TimerProfile timers)
    {
        // Below 5 s of initdead its cold start on a busy machine sometimes ends with nobody serving.
        ClusterFiles.Install(node, timers == TimerProfile.Fast ? TimerProfile.FastPatient : timers);
        // Its ipfail is elsewhere in Debian and it refuses to ping a cluster node: left out, they change no figure.
        ClusterFiles.Set(node, "respawn", null);
        ClusterFiles.Set(node, "ping", null);
    }

    public void Start(LabNode node)
    {
        _peers[node] = new HeartbeatPeer(node);
        _peers[node].Start();
    }

    public void Stop(LabNode node) => _peers[node].Stop();

    public bool HasStopped(LabNode node) => node.Processes(Process).Count == 0;

    public void Standby(LabNode node) => _peers[node].Standby("all");

    public void Return(LabNode node) => node.Run("/usr/share/heartbeat/hb_takeover", "local");

    public bool IsSettled(Laboratory lab) =>
        lab.Nodes.All(n => _peers[n].StatusOf(lab.Other(n).Name) == "active")
        && _peers[lab.S1].Resources is "local" or "all" && _peers[lab.S2].Resources is "none" or "foreign" or "local";
}
