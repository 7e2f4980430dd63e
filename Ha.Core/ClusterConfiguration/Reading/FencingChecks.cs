using Ha.Core.ClusterConfiguration.Documents;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks fencing: devices, plugs, levels, arbiter. The times are checked by
/// <see cref="Fencing.SelfFencing"/>.</summary>
internal static class FencingChecks
{
    private const string At = "/fencing";

    public static void Run(ConfigurationDocument document, DocumentNames names)
    {
        if (document.Fencing is not { } fencing) return;
        Devices(fencing, names);
        Levels(fencing, names);
        if (names.FencingEnabled) Coverage(fencing, names);
        if (fencing.Arbiter is { } arbiter) Endpoints(arbiter, names.Findings);
        if (fencing.TakeoverDelay is not null && fencing.Watchdog is null)
        {
            names.Findings.Error(At + "/takeoverDelay", "without a watchdog no lost node fences itself",
                "configure `watchdog`, or remove it");
        }
    }

    private static void Devices(ConfiguredFencing fencing, DocumentNames names)
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < fencing.Devices.Length; i++)
        {
            var device = fencing.Devices[i];
            var at = Pointer.To(At + "/devices", i);
            if (device.Id.Length > 0 && !first.TryAdd(device.Id, i))
            {
                names.Findings.Error(at + "/id",
                    $"{Quote(device.Id)} is the id of another device, at {At}/devices/{first[device.Id]}",
                    "give each device an id of its own");
            }

            var plugs = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (node, plug) in device.Plugs)
            {
                var here = Pointer.To(at + "/plugs", node);
                names.MustBeNode(here, node);
                if (!plugs.TryAdd(plug, node))
                {
                    names.Findings.Error(here,
                        $"plug {Quote(plug)} is that of {plugs[plug]} already: fencing {node} would switch it off, too",
                        "write the plug that the node really hangs on");
                }
            }
        }
    }

    private static void Levels(ConfiguredFencing fencing, DocumentNames names)
    {
        var first = new Dictionary<(string, int), int>();
        for (var i = 0; i < fencing.Levels.Length; i++)
        {
            var level = fencing.Levels[i];
            var at = Pointer.To(At + "/levels", i);
            names.MustBeNode(at + "/node", level.Node);
            if (level.Node.Length > 0 && !first.TryAdd((level.Node, level.Index), i))
            {
                names.Findings.Error(at + "/index", $"{level.Node} has level {level.Index} already, at "
                    + $"{At}/levels/{first[(level.Node, level.Index)]}", "write each level once, with all its devices");
            }

            for (var j = 0; j < level.Devices.Length; j++)
            {
                var id = level.Devices[j];
                var here = Pointer.To(at + "/devices", j);
                if (id.Length == 0) continue;
                if (fencing.Devices.FirstOrDefault(device => device.Id == id) is not { } found)
                {
                    names.Findings.Error(here, $"there is no fence device {Quote(id)}",
                        NearestName.Find(id, fencing.Devices.Select(device => device.Id)) is { } near
                            ? $"write `\"{Printable(near)}\"`" : "add it at /fencing/devices, or correct the id");
                }
                else if (names.Nodes.Contains(level.Node) && !found.Plugs.ContainsKey(level.Node))
                {
                    names.Findings.Error(here, $"{Quote(id)} has no plug for {level.Node}",
                        $"add `\"{level.Node}\"` to its plugs, or name another device");
                }
                else if (level.Devices.IndexOf(id) < j)
                {
                    names.Findings.Error(here, $"{Quote(id)} stands here twice", "name it once");
                }
            }
        }
    }

    private static void Coverage(ConfiguredFencing fencing, DocumentNames names)
    {
        if (fencing.Devices.IsEmpty && fencing.Watchdog is null)
        {
            names.Findings.Missing(At, "fencing is on, but there is neither a device nor a watchdog",
                "add a device at /fencing/devices, or write `\"enabled\": false`");
            return;
        }

        if (fencing.Watchdog is null)
        {
            foreach (var node in names.Nodes.Where(
                node => !fencing.Devices.Any(device => device.Plugs.ContainsKey(node))))
            {
                names.Findings.Missing(At + "/devices", $"no device can fence {node}: what ran there would never be "
                    + "started elsewhere", $"add `\"{node}\"` to the plugs of a device");
            }
        }

        if (names.Nodes.Length == 2 && !fencing.Devices.IsEmpty
            && names.Nodes.All(node => fencing.Devices.Any(device => device.Plugs.ContainsKey(node)))
            && fencing.Devices.Select(device => device.Delay ?? TimeSpan.Zero).Distinct().Count() == 1)
        {
            names.Findings.Warning(At + "/devices", "both nodes would be fenced after the same delay: when only the "
                + "link between them fails, each may shoot the other",
                "use a device for each node, and give that of the preferred node a `delay` of some seconds");
        }
    }

    private static void Endpoints(ConfiguredArbiter arbiter, DocumentFindings findings)
    {
        for (var i = 0; i < arbiter.Endpoints.Length; i++)
        {
            var endpoint = arbiter.Endpoints[i];
            var at = Pointer.To(At + "/arbiter/endpoints", i);
            if (endpoint.Length == 0) continue;
            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
                findings.Error(at, $"{Quote(endpoint)} is not an address of etcd",
                    "write for example `\"https://192.168.1.9:2379\"`");
            else if (arbiter.Endpoints.IndexOf(endpoint) < i)
                findings.Error(at, $"{Quote(endpoint)} stands here twice", "name it once");
        }
    }
}
