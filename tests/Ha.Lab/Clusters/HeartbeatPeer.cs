using Ha.Lab.Hosts;

namespace Ha.Lab.Clusters;

/// <summary>A real Heartbeat 3.0.6 (Debian package heartbeat) on a node.</summary>
public sealed class HeartbeatPeer(LabNode node)
{
    private const string Program = "/usr/libexec/heartbeat/heartbeat";

    private Daemon? _daemon;

    /// <summary>The node it runs on.</summary>
    public LabNode Node => node;

    /// <summary>What it has logged.</summary>
    public string Log => node.Read("/var/log/ha-log");

    /// <summary>Starts it; its files must be installed already.</summary>
    public void Start()
    {
        if (!File.Exists(Program))
        {
            throw new FileNotFoundException("Debian's package heartbeat is not installed", Program);
        }
        // What its init script prepares on a real machine.
        node.Run("mkdir", "-p", "/run/lock/subsys", "/run/resource-agents", "/run/heartbeat/ccm", "/run/heartbeat/crm",
            "/run/heartbeat/dopd", "/var/lib/heartbeat/cores/root", "/var/lib/heartbeat/cores/hacluster");
        node.Run("chown", "-R", "hacluster:haclient", "/run/heartbeat", "/var/lib/heartbeat");
        node.Run("rm", "-f", "/run/heartbeat.pid", "/var/lib/heartbeat/fifo");
        _daemon = node.StartDaemon("heartbeat", Program, "-f");
    }

    /// <summary>Stops it gracefully: its resources go to the other node.</summary>
    public void Stop() => node.Try(TimeSpan.FromSeconds(90), Program, "-k");

    /// <summary>True when it has ended.</summary>
    public bool HasEnded => _daemon?.HasEnded ?? true;

    /// <summary>kill -9 for every process of it.</summary>
    public void Kill() => node.Kill("heartbeat");

    /// <summary>What it says of a node: active, dead, up, init; empty when it cannot say.</summary>
    public string StatusOf(string name) => node.Try("cl_status", "nodestatus", name).Output.Trim();

    /// <summary>Which resources it holds: none, local, foreign, all, transition; empty when it cannot say.</summary>
    public string Resources => node.Try("cl_status", "rscstatus").Output.Trim();

    /// <summary>Gives its resources to the other node.</summary>
    public void Standby(string set) => node.Run("/usr/share/heartbeat/hb_standby", set);
}
