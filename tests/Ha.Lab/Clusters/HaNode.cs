using Ha.Core.Contracts;
using Ha.Lab.Hosts;

namespace Ha.Lab.Clusters;

/// <summary>This product on a node: its agent, and when wanted its API and dashboard.</summary>
public sealed class HaNode(LabNode node)
{
    /// <summary>Port of ha-api.</summary>
    public const int ApiPort = 8443;

    /// <summary>Port of ha-web.</summary>
    public const int WebPort = 8080;

    /// <summary>The node.</summary>
    public LabNode Node => node;

    /// <summary>Name of the agent's process.</summary>
    public const string AgentProcess = "ha-agent";

    /// <summary>The running agent; null before the first start.</summary>
    public Daemon? Agent { get; private set; }

    /// <summary>The running API; null before the first start.</summary>
    public Daemon? Api { get; private set; }

    /// <summary>The running dashboard; null before the first start.</summary>
    public Daemon? Web { get; private set; }

    /// <summary>Starts the agent; its files must be installed already.</summary>
    public void StartAgent() =>
        Agent = node.StartDaemon("ha-agent", "/run/lab/ha-agent/ha-agent", "run", "--foreground");

    /// <summary>Starts the API.</summary>
    /// <param name="tokenFile">File on the node with the token; null: the API makes one and prints it.</param>
    public void StartApi(string? tokenFile = null) => Api = node.StartDaemon("ha-api", ["/run/lab/ha-api/ha-api",
        "--urls", $"https://0.0.0.0:{ApiPort}", .. tokenFile is null ? (string[])[] : ["--token-file", tokenFile]]);

    /// <summary>Starts the dashboard; it asks this node's API first, then the others'.</summary>
    public void StartWeb() => Web = node.StartDaemon("ha-web", "/run/lab/ha-web/ha-web",
        "--urls", $"http://0.0.0.0:{WebPort}",
        "--api", string.Join(',', node.Lab.Nodes.OrderByDescending(one => one == node)
            .Select(one => $"https://{one.Address}:{ApiPort}")));

    /// <summary>SIGTERM: it hands over and leaves. Does not wait for the end.</summary>
    public void StopAgent() => node.Terminate(AgentProcess);

    /// <summary>Runs the product's own command line on the node.</summary>
    public CommandResult Cli(params string[] arguments) => node.Try(["/run/lab/ha-agent/ha-agent", .. arguments]);

    /// <summary>The agent's snapshot; null while it does not answer.</summary>
    public ClusterSnapshot? Snapshot => ControlClient.Snapshot(node);

    /// <summary>What this node's agent knows of a node; null while it does not answer.</summary>
    public NodeSnapshot? View(string name) => Snapshot?.Nodes.SingleOrDefault(n => n.Name == name);

    /// <summary>Every event in this node's journal.</summary>
    public IReadOnlyList<ClusterEvent> Events => [.. ControlClient.Events(node).Select(entry => entry.Event)];

    /// <summary>True when the journal has such an event.</summary>
    public bool Saw(EventKind kind, Func<ClusterEvent, bool>? where = null) =>
        Events.Any(e => e.Kind == kind && (where is null || where(e)));

    /// <summary>The newest events as text, for the message of a failed test.</summary>
    public string Story => string.Join('\n', Events.TakeLast(40).Select(e =>
        $"{e.At:HH:mm:ss.fff} {e.Node} {e.Severity} {e.Kind} {e.Subject}: {e.Sentence}"));
}
