using Ha.Lab.Hosts;

namespace Ha.Lab.Clusters;

/// <summary>The reference cluster's own files, as data beside the program, and what a test changes in them.</summary>
public static class ClusterFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    /// <summary>Mode 0600, which authkeys must have.</summary>
    public static UnixFileMode SecretMode => OwnerOnly;

    /// <summary>Text of one of the reference cluster's files, for example <c>s1/ha.cf</c>.</summary>
    public static string Reference(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reference-cluster", file));

    /// <summary>
    /// Puts the reference files onto a node: ha.cf, authkeys, haresources, haproxy.cfg and its script. With more than
    /// two nodes every ha.cf names them all, and hears each by a ucast line of its own.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="timers">Times to put into ha.cf; null leaves the file as it is.</param>
    public static void Install(LabNode node, TimerProfile? timers = null)
    {
        var like = node == node.Lab.S1 ? "s1" : "s2";
        var haCf = Reference(like + "/ha.cf");
        node.Write("/etc/ha.d/ha.cf", timers is null ? haCf : timers.In(haCf));
        node.Write("/etc/ha.d/authkeys", Reference(like + "/authkeys"), OwnerOnly);
        node.Write("/etc/ha.d/haresources", Reference(like + "/haresources"));
        node.Write("/etc/haproxy/haproxy.cfg", Reference("node/etc/haproxy/haproxy.cfg"));
        InstallScript(node, "haproxy", Reference("node/etc/ha.d/resource.d/haproxy"));
        if (node.Lab.Nodes.Count == 2) return;
        foreach (var further in node.Lab.Nodes.Skip(2))
        {
            node.Write("/etc/ha.d/ha.cf", $"{node.Read("/etc/ha.d/ha.cf").TrimEnd()}\nnode {further.Name}\n");
        }
        UseMedia(node, [.. node.Lab.Nodes.Where(other => other != node)
            .Select(other => $"ucast eth0 {other.Address}")]);
    }

    /// <summary>
    /// Lets the node begin with one of the examples of packaging/ instead of haresources: HAProxy is this product's own
    /// then, and everything is watched each second.
    /// </summary>
    public static void UseExample(LabNode node, ReferenceHaproxy haproxy)
    {
        var name = haproxy switch
        {
            ReferenceHaproxy.Script => null,
            ReferenceHaproxy.Cold => "cold.json",
            ReferenceHaproxy.Warm => "warm.json",
        };
        if (name is not null)
            node.Write("/var/lib/ha-appliance/cluster.json",
                File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "examples", name)), OwnerOnly);
    }

    /// <summary>Writes a resource script.</summary>
    public static void InstallScript(LabNode node, string name, string text) =>
        node.Write("/etc/ha.d/resource.d/" + name, text, Executable);

    /// <summary>Replaces the media lines of the node's ha.cf.</summary>
    public static void UseMedia(LabNode node, params string[] media)
    {
        var lines = node.Read("/etc/ha.d/ha.cf").Split('\n')
            .Where(line => line.Split(' ')[0] is not ("ucast" or "bcast" or "mcast"));
        node.Write("/etc/ha.d/ha.cf", string.Join('\n', [.. media, .. lines]));
    }

    /// <summary>Replaces the node's keys.</summary>
    public static void UseKeys(LabNode node, string authkeys) => node.Write("/etc/ha.d/authkeys", authkeys, OwnerOnly);

    /// <summary>Changes, adds or (null) removes one directive of the node's ha.cf.</summary>
    public static void Set(LabNode node, string directive, string? value)
    {
        var lines = node.Read("/etc/ha.d/ha.cf").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Split(' ')[0] != directive)
            .ToList();
        if (value is not null)
        {
            lines.Insert(0, $"{directive} {value}");
        }
        node.Write("/etc/ha.d/ha.cf", string.Join('\n', lines) + "\n");
    }
}

/// <summary>What HAProxy is in the reference cluster.</summary>
public enum ReferenceHaproxy
{
    /// <summary>A script of Heartbeat's kind, as haresources of the seed say.</summary>
    Script,

    /// <summary>This product's own, started where the address goes.</summary>
    Cold,

    /// <summary>This product's own, running on every node; only the address moves.</summary>
    Warm,
}
