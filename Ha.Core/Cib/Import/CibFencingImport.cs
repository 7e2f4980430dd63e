using System.Globalization;
using System.Xml.Linq;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib.Import;

/// <summary>Imports fence devices, their topology and the options about fencing.</summary>
internal sealed class CibFencingImport(CibDocument cib, ImmutableArray<string> nodes, CibImportReport report)
{
    private readonly List<ConfiguredDevice> devices = [];
    private readonly List<ConfiguredLevel> levels = [];

    public ConfiguredFencing Fencing { get; private set; } = new();

    public void ReadAll(List<XElement> primitives, XElement topology)
    {
        foreach (var primitive in primitives) Device(primitive);
        foreach (var level in CibDocument.Children(topology, "fencing-level")) Level(level);
        Fencing = Fencing with { Devices = [.. devices], Levels = [.. levels] };
    }

    /// <summary>Reads one of the options about fencing.</summary>
    public void Read(CibPair pair)
    {
        switch (pair.Name)
        {
            case "stonith-action" when pair.Value is "off" or "poweroff":
                Fencing = Fencing with { Action = FencingGoal.Off };
                report.Translated(pair.Element, "fencing");
                break;
            case "stonith-action" when pair.Value == "reboot":
            case "startup-fencing" when Values.Boolean(pair.Value) == true:
            case "have-watchdog" when Values.Boolean(pair.Value) == false:
                report.EqualByDefault(pair.Element, pair.Value);
                break;
            case "startup-fencing" when Values.Boolean(pair.Value) == false:
                Fencing = Fencing with { StartupFencing = false };
                report.Translated(pair.Element, "fencing");
                break;
            case "have-watchdog" or "stonith-watchdog-timeout":
                report.NotSupported(pair.Element, "say at /fencing/watchdog which watchdog the nodes have");
                break;
            case "stonith-enabled":
                break;
            default:
                report.NotSupported(pair.Element, $"'{pair.Value}' has no counterpart");
                break;
        }
    }

    /// <summary>Switches fencing on or off, when everything about it is read.</summary>
    public void Decide(CibPair? wanted)
    {
        var enabled = wanted is null || Values.Boolean(wanted.Value) != false;
        Fencing = Fencing with { Enabled = enabled && devices.Count > 0 };
        if (wanted is null) return;
        if (enabled && devices.Count == 0)
        {
            report.NotSupported(wanted.Element,
                "no fence device could be imported, so fencing is off: configure one at /fencing/devices");
        }
        else
        {
            report.Translated(wanted.Element, "fencing");
        }
    }

    private void Device(XElement primitive)
    {
        var id = (string)primitive.Attribute("id")!;
        var source = (string?)primitive.Attribute("template") is { } name ? cib.ById(name) ?? primitive : primitive;
        var agent = (string?)source.Attribute("type") ?? "";
        if (!agent.StartsWith("fence_", StringComparison.Ordinal))
        {
            report.NotSupportedAll(primitive, $"there is no fence agent '{agent}' here: fence-agents has fence_*");
            return;
        }

        XElement[] sources = source == primitive ? [primitive] : [primitive, source];
        var pairs = sources.SelectMany(one => CibPairs.Read(cib, one, "instance_attributes", report))
            .DistinctBy(pair => pair.Name).ToList();
        var device = new ConfiguredDevice { Id = id, Agent = agent, Plugs = Plugs(primitive, pairs) };
        var parameters = SortedText.Empty.ToBuilder();
        foreach (var pair in pairs) device = Parameter(device, pair, parameters);
        devices.Add(device with { Parameters = parameters.ToImmutable() });
        foreach (var operation in primitive.Descendants().Where(one => one.Name.LocalName == "op"))
            report.NotSupportedAll(operation, "devices have no operations of their own");
    }

    private ConfiguredDevice Parameter(
        ConfiguredDevice device, CibPair pair, ImmutableSortedDictionary<string, string>.Builder parameters)
    {
        switch (pair.Name)
        {
            case "pcmk_host_list" or "pcmk_host_map":
                report.Translated(pair.Element, "plugs of the device");
                return device;
            case "port" or "plug" when device.Plugs.Count == 1 && device.Plugs.ContainsValue(pair.Value):
                report.Translated(pair.Element, "plugs of the device");
                return device;
            case "pcmk_delay_base" when CibPairs.Time(pair.Value) is { } delay && delay <= TimeSpan.FromMinutes(10):
                report.Translated(pair.Element, "delay of the device");
                return device with { Delay = delay };
            case "pcmk_reboot_timeout" when CibPairs.Time(pair.Value) is { } time && time >= TimeSpan.FromSeconds(1)
                && time <= TimeSpan.FromHours(1):
                report.Translated(pair.Element, "timeout of the device");
                return device with { Timeout = time };
            case "pcmk_host_check" when pair.Value == "static-list":
                report.EqualByDefault(pair.Element, pair.Value);
                return device;
            default:
                if (pair.Name.StartsWith("pcmk_", StringComparison.Ordinal))
                {
                    report.NotSupported(pair.Element, "has no counterpart among the settings of a device");
                    return device;
                }

                parameters[pair.Name] = pair.Value;
                report.Translated(pair.Element, "a parameter of the device");
                return device;
        }
    }

    // Which node hangs on which plug: as said, else every node by its own name. What is no node is left out.
    private ImmutableSortedDictionary<string, string> Plugs(XElement primitive, List<CibPair> pairs)
    {
        var plugs = SortedText.Empty.ToBuilder();
        string? Value(string name) => pairs.Find(pair => pair.Name == name)?.Value;
        foreach (var host in (Value("pcmk_host_list") ?? "")
            .Split([' ', ',', ';'], StringSplitOptions.RemoveEmptyEntries))
            plugs[host.ToLowerInvariant()] = host;
        foreach (var entry in (Value("pcmk_host_map") ?? "").Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = entry.IndexOfAny([':', '=']);
            if (colon > 0) plugs[entry[..colon].ToLowerInvariant()] = entry[(colon + 1)..];
        }

        foreach (var other in plugs.Keys.Where(host => !nodes.Contains(host)).ToList()) plugs.Remove(other);
        if (plugs.Count == 1 && (Value("port") ?? Value("plug")) is { } port) plugs[plugs.Keys.First()] = port;
        if (plugs.Count > 0)
        {
            report.Translated(primitive, "a fence device");
            return plugs.ToImmutable();
        }

        foreach (var node in nodes) plugs[node] = node;
        report.Translated(primitive, "a fence device; it does not say which nodes it fences: each by its own name");
        return plugs.ToImmutable();
    }

    private void Level(XElement element)
    {
        var node = ((string?)element.Attribute("target"))?.ToLowerInvariant();
        ImmutableArray<string> named =
            [.. ((string?)element.Attribute("devices") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)];
        if (node is null || !int.TryParse((string?)element.Attribute("index"), NumberStyles.None,
            CultureInfo.InvariantCulture, out var index))
        {
            report.NotSupported(element, "only levels with a target and an index are supported");
        }
        else if (!nodes.Contains(node))
        {
            report.NotSupported(element, $"'{node}' is no node of this CIB");
        }
        else if (named.IsEmpty || named.Any(one => !devices.Exists(device => device.Id == one)))
        {
            report.NotSupported(element, "one of its devices was not imported");
        }
        else
        {
            levels.Add(new ConfiguredLevel { Node = node, Index = index, Devices = named });
            report.Translated(element, "a level");
        }
    }
}
