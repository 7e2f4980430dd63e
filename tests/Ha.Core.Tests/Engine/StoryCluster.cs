using System.Collections.Immutable;
using System.Text;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Configuration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Heartbeat;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.Tests.Engine;

/// <summary>
/// A few engines on a perfect network in virtual time, for scenarios that read as stories. Packets take 1 ms,
/// operations 20 ms unless a test says otherwise. The full fault model is the simulator's.
/// </summary>
internal sealed class StoryCluster
{
    public const string Group = "192.168.1.100/24/eth0:0";
    public const string Proxy = "haproxy";

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(1);
    private readonly PriorityQueue<Action, (long Time, long Order)> queue = new();
    private readonly SortedDictionary<string, StoryNode> nodes = new(StringComparer.Ordinal);
    private readonly HashSet<(string From, string To)> cuts = [];
    private readonly HashSet<(string From, string To)> holds = [];
    private readonly List<(string To, byte[] Datagram)> held = [];
    private long order;

    public StoryCluster(AutoFailback failback = AutoFailback.On, params string[] names)
    {
        Names = names.Length == 0 ? ["s1", "s2"] : [.. names];
        Failback = failback;
        foreach (var name in Names)
        {
            nodes[name] = new StoryNode(this, name)
            {
                History = ConfigurationHistory.Empty.Adopt(Imported(), "haresources", Clock.Wall, ""),
            };
        }
    }

    public ImmutableArray<string> Names { get; }

    public AutoFailback Failback { get; }

    /// <summary>Changes what haresources means, for stories about safety.</summary>
    public Func<ActiveConfiguration, ActiveConfiguration> Reconfigure { get; set; } = configuration => configuration;

    /// <summary>How a fence device ends that a node has called.</summary>
    public Func<string, FenceNode, FenceOutcome> FenceFate { get; set; } = (_, _) => FenceOutcome.Succeeded;

    /// <summary>A fence device that says it worked switches nothing off.</summary>
    public bool DevicesLie { get; set; }

    /// <summary>What the arbiter answers a node that wants, or does not want, the grant.</summary>
    public Func<string, bool, ArbiterGrant> Arbiter { get; set; } = (_, _) => ArbiterGrant.Unknown;

    public MonotonicTime Now { get; private set; } = new(1_000_000);

    public StringBuilder Story { get; } = new();

    /// <summary>Which of so many packets is lost, counted over all; 0: none.</summary>
    public int LosesEvery { get; set; }

    private int packets;

    public StoryNode this[string name] => nodes[name];

    public ClusterTime Clock => new(Now, 1_700_000_000_000 + (Now.Microseconds / 1000));

    public void StartAll()
    {
        foreach (var name in Names) this[name].Start();
    }

    public void At(MonotonicTime time, Action action) => queue.Enqueue(action, (time.Microseconds, ++order));

    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (queue.TryPeek(out _, out var key) && key.Time <= end.Microseconds)
        {
            var action = queue.Dequeue();
            Now = MonotonicTime.Max(Now, new MonotonicTime(key.Time));
            action();
        }

        Now = end;
    }

    public TimeSpan RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var start = Now;
        while (!condition())
        {
            if (Now - start > limit) throw new Xunit.Sdk.XunitException($"not reached within {limit}:\n{Story}");
            Run(TimeSpan.FromMilliseconds(1));
        }

        return Now - start;
    }

    public void Cut(string from, string to) => cuts.Add((from, to));

    public void CutBoth(string a, string b)
    {
        Cut(a, b);
        Cut(b, a);
    }

    public void HealAll()
    {
        cuts.Clear();
        foreach (var (to, datagram) in held) At(Now + Delay, () => this[to].Receive(datagram));
        held.Clear();
        holds.Clear();
    }

    /// <summary>
    /// The cut ends, but packets of this direction wait until <see cref="HealAll"/>, as in a kernel that waits for the
    /// neighbour's hardware address.
    /// </summary>
    public void HealButHold(string from, string to)
    {
        cuts.Clear();
        holds.Add((from, to));
    }

    /// <summary>Somebody on the wire who hears everything.</summary>
    public Action<string, byte[]> Overhears { get; set; } = (_, _) => { };

    public void Deliver(string from, byte[] datagram)
    {
        Overhears(from, datagram);
        foreach (var (name, node) in nodes)
        {
            if (name == from || cuts.Contains((from, name))) continue;
            if (LosesEvery > 0 && ++packets % LosesEvery == 0) continue;
            if (holds.Contains((from, name))) held.Add((name, datagram));
            else At(Now + Delay, () => node.Receive(datagram));
        }
    }

    public IEnumerable<string> HoldersOf(string resource) =>
        nodes.Values.Where(node => node.Runs(resource)).Select(node => node.Name);

    public EngineOptions Options(string name, uint generation) => new()
    {
        LocalNode = name,
        Uuid = new Guid(Names.IndexOf(name) + 1, 0, 0, new byte[8]),
        Generation = generation,
        Nodes = Names,
        Media = ["ucast eth0 peer"],
        Keys = new AuthenticationKeys(1, [new AuthenticationKey(1, AuthenticationMethod.Sha1, "key"u8.ToArray())]),
        Configuration = this[name].History.Current is { } kept
            ? Reconfigure(DocumentCompiler.Compile(kept.Document, Names)) : throw new InvalidOperationException("no document"),
        History = this[name].History,
        Intents = this[name].Intents,
        Keepalive = TimeSpan.FromMilliseconds(100),
        Deadtime = this[name].Deadtime ?? TimeSpan.FromMilliseconds(400),
        Warntime = TimeSpan.FromMilliseconds(250),
        Initdead = TimeSpan.FromSeconds(2),
        Seed = (ulong)Names.IndexOf(name) + 7,
    };

    /// <summary>What haresources of the reference cluster say.</summary>
    public ConfigurationDocument Imported() => HaresourcesImport.Import(
        [
            new ResourceGroup
            {
                Id = Group,
                PreferredNode = Names[0],
                Resources =
                [
                    new ResourceDefinition
                    {
                        Id = Group, Class = "builtin", Type = "vip",
                        Vip = new VirtualIp("192.168.1.100", 24, "eth0", "eth0:0", null),
                    },
                    new ResourceDefinition { Id = Proxy, Class = "heartbeat", Type = Proxy },
                ],
            },
        ], Names, Failback);
}
