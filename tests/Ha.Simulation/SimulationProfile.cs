using System.Text;
using Ha.Core.Configuration;
using Ha.Core.Engine;
using Ha.Core.Fencing;
using Ha.Core.Heartbeat;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>The cluster of one run: its size, timers, keys and resource groups.</summary>
public sealed partial record SimulationProfile
{
    /// <summary>Last octet of the first group's address.</summary>
    public const int FirstAddress = 100;

    private static readonly ImmutableArray<string> Names =
        [.. Enumerable.Range(1, SimulatedWorld.MaxNodes).Select(number => $"n{number}")];

    /// <summary>Number of nodes, 2 to 5.</summary>
    public int Nodes { get; init; } = 2;

    /// <summary>Number of media that every node is attached to.</summary>
    public int Media { get; init; } = 2;

    /// <summary>Time between two heartbeats.</summary>
    public TimeSpan Keepalive { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silence after which a node is dead.</summary>
    public TimeSpan Deadtime { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a starting node waits for peers.</summary>
    public TimeSpan Initdead { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Whether groups return to the node they prefer.</summary>
    public AutoFailback AutoFailback { get; init; } = AutoFailback.On;

    /// <summary>Signature method of every packet.</summary>
    public AuthenticationMethod Method { get; init; } = AuthenticationMethod.Crc;

    /// <summary>Whether packets carry the inner signature.</summary>
    public bool InnerAuth { get; init; }

    /// <summary>Whether the last medium hands a node its own packets back, as a broadcast medium does.</summary>
    public bool Loopback { get; init; }

    /// <summary>
    /// Flagged runs: operations may report what is not true. No claim about two owners is checked then.
    /// </summary>
    public bool Lies { get; init; }

    /// <summary>What the cluster has against two owners.</summary>
    public SafetyMode Mode { get; init; }

    /// <summary>Fence devices, watchdog and arbiter.</summary>
    public SafetySettings Safety { get; init; } = new();

    /// <summary>What a side without a majority does.</summary>
    public NoQuorumPolicy NoQuorum { get; init; }

    /// <summary>Whether watchdogs freeze with their machines.</summary>
    public bool VirtualMachines { get; init; }

    /// <summary>
    /// Whether two owners are excluded whatever happens to nodes and network: what the mode promises, unless a device
    /// or a resource lies, or a watchdog can freeze.
    /// </summary>
    public bool ExcludesTwoOwners => Mode != SafetyMode.Classic && !Lies && !VirtualMachines;

    /// <summary>Whether the first steps of each life of the first node are taken again by a second engine.</summary>
    public bool Recorded { get; init; }

    /// <summary>
    /// A driver with a bug, to show that the oracle would notice: it never tells an engine that its own loop stood
    /// still, and serves its timers before its sockets.
    /// </summary>
    public bool HidesStalls { get; init; }

    /// <summary>Resource groups.</summary>
    public ImmutableArray<ResourceGroup> Groups { get; init; } = [Group(0, preferred: 0, scripts: 1)];

    /// <summary>Longest time that all operations of all groups may take together.</summary>
    public TimeSpan SumOfTimeouts
    {
        get
        {
            var sum = TimeSpan.Zero;
            foreach (var group in Groups)
            {
                foreach (var resource in group.Resources)
                    sum += resource.ProbeTimeout + resource.StartTimeout + resource.StopTimeout;
            }

            return sum;
        }
    }

    /// <summary>
    /// Within this time after the last disturbance the cluster must have reached its goal
    /// (RELIABILITY.md L8: 2 x deadtime + sum of timeouts; a node that starts may wait initdead first).
    /// </summary>
    public TimeSpan ConvergenceTime => (2 * Deadtime) + Initdead + SumOfTimeouts + SafetyTime;

    /// <summary>
    /// What fencing, watchdogs and the arbiter take before anything may be recovered, a machine's boot included.
    /// </summary>
    private TimeSpan SafetyTime => Mode switch
    {
        SafetyMode.Classic => TimeSpan.Zero,
        SafetyMode.Fencing => (2 * Safety.Devices.Max(device => device.Timeout + device.Delay)) + LongestBoot,
        SafetyMode.Quorum or SafetyMode.Arbiter =>
            (2 * ((Safety.TakeoverDelay ?? Deadtime) + Safety.ArbiterLease)) + LongestBoot,
    };

    /// <summary>Longest time until a machine that got power again runs its agent.</summary>
    public static readonly TimeSpan LongestBoot = TimeSpan.FromSeconds(60);

    /// <summary>The modes that seeds draw from, as often as they stand here.</summary>
    public static ImmutableArray<SafetyMode> DrawnModes { get; } =
    [
        SafetyMode.Classic, SafetyMode.Classic, SafetyMode.Classic, SafetyMode.Classic, SafetyMode.Classic,
        SafetyMode.Classic, SafetyMode.Fencing, SafetyMode.Fencing, SafetyMode.Quorum, SafetyMode.Arbiter,
    ];

    /// <summary>Name of a node.</summary>
    public static string NodeName(int node) => Names[node];

    /// <summary>The node of a name; -1: there is none.</summary>
    public static int NodeIndex(string name) => Names.IndexOf(name);

    /// <summary>Draws a cluster from a seed.</summary>
    /// <param name="random">The profile's own stream.</param>
    /// <param name="options">What is fixed; the rest is drawn.</param>
    public static SimulationProfile Draw(SplitMix64 random, SeedOptions options)
    {
        var mode = options.Mode ?? DrawnModes[random.Next(0, DrawnModes.Length)];
        var size = DrawSize(random, mode);
        if (options.Mix == ClusterMix.Lan250) size = 2;
        if (options.Nodes is { } wanted) size = wanted;
        var keepalive = size >= 4 ? 2_000 : random.Next(8, 13) * 100;
        var deadtime = keepalive * random.Next(5, 10);
        var drawn = new SimulationProfile
        {
            Mode = mode,
            Nodes = size,
            Media = random.Chance(1, 4) ? 1 : 2,
            Keepalive = TimeSpan.FromMilliseconds(keepalive),
            Deadtime = TimeSpan.FromMilliseconds(deadtime),
            Initdead = TimeSpan.FromMilliseconds(deadtime * random.Next(10, 21) / 10),
            AutoFailback = (AutoFailback)random.Next(0, 3),
            Method = DrawMethod(random),
            InnerAuth = random.Chance(1, 4),
            Loopback = random.Chance(1, 10),
            Lies = random.Chance(1, 25),
            Recorded = random.Chance(1, 10),
            Groups = DrawGroups(random, size),
        };
        if (options.Mix == ClusterMix.Drawn) return SafetyDraw.Arm(random, drawn);
        return drawn with
        {
            Mode = SafetyMode.Classic, Media = 2, Keepalive = TimeSpan.FromMilliseconds(250),
            Deadtime = TimeSpan.FromSeconds(2),
            Initdead = TimeSpan.FromSeconds(4), Method = AuthenticationMethod.Crc, InnerAuth = false, Loopback = false,
        };
    }

    /// <summary>The options of one life of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kept">What the node's disk holds of configuration and intents.</param>
    /// <param name="generation">Generation read from the node's disk.</param>
    /// <param name="seed">Seed of the engine's own delays.</param>
    /// <param name="otherKey">True for a node that runs with another key than the cluster's.</param>
    public EngineOptions Options(
        int node, KeptState kept, uint generation, ulong seed, bool otherKey = false) => new()
    {
        LocalNode = NodeName(node),
        Uuid = new Guid(node + 1, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
        Generation = generation,
        Nodes = [.. Enumerable.Range(0, Nodes).Select(NodeName)],
        Media = [.. Enumerable.Range(0, Media).Select(medium => $"bcast eth{medium}")],
        Keys = Keys(otherKey),
        Configuration = kept.Active,
        History = kept.History,
        Intents = kept.Intents,
        Keepalive = Keepalive,
        Deadtime = Deadtime,
        Warntime = Deadtime / 2,
        Initdead = Initdead,
        InnerAuth = InnerAuth,
        Seed = seed,
    };

    /// <summary>Whether a kind of fault has a subject in this cluster.</summary>
    public bool Knows(FaultKind kind) => kind switch
    {
        FaultKind.DeviceFails or FaultKind.DeviceSlow or FaultKind.DeviceCut or FaultKind.DeviceLies =>
            Mode == SafetyMode.Fencing,
        FaultKind.ArbiterDown or FaultKind.ArbiterCut or FaultKind.ArbiterPaused or FaultKind.ArbiterLosesDisk =>
            Mode == SafetyMode.Arbiter,
        // A checksum has no key: whatever calls itself by a node's name is believed.
        FaultKind.ForeignCluster or FaultKind.WrongKey => Method != AuthenticationMethod.Crc,
        // A watchdog that freezes with its machine protects nobody: no promise about that can be kept.
        FaultKind.MachineFrozen => Safety.Watchdog is null || VirtualMachines,
        _ => true,
    };

    /// <summary>A group as the reference cluster has it: a virtual IP first, scripts after it.</summary>
    /// <param name="number">Makes names and addresses unique.</param>
    /// <param name="preferred">The node it prefers.</param>
    /// <param name="scripts">How many scripts follow the address.</param>
    /// <param name="monitors">Whether all of it is watched while it runs.</param>
    public static ResourceGroup Group(int number, int preferred, int scripts, bool monitors = false)
    {
        var address = $"192.168.1.{FirstAddress + number}";
        var vip = new ResourceDefinition
        {
            Id = $"{address}/24/eth0:{number}",
            Class = "builtin",
            Type = "vip",
            Vip = new VirtualIp(address, 24, "eth0", $"eth0:{number}", null),
            ProbeTimeout = TimeSpan.FromSeconds(4),
            StartTimeout = TimeSpan.FromSeconds(6),
            StopTimeout = TimeSpan.FromSeconds(6),
            Monitors = monitors
                ? [new MonitorDefinition(TimeSpan.FromSeconds(10), Timeout: TimeSpan.FromSeconds(4))] : [],
        };
        var resources = ImmutableArray.CreateBuilder<ResourceDefinition>();
        resources.Add(vip);
        for (var script = 0; script < scripts; script++)
        {
            var name = script == 0 ? "haproxy" : "nginx";
            resources.Add(vip with
            {
                Id = $"{name}{number}", Class = "heartbeat", Type = name, Vip = null, Arguments = [number.ToString()],
            });
        }

        return new ResourceGroup
        {
            Id = vip.Id, PreferredNode = NodeName(preferred), Resources = resources.ToImmutable(),
        };
    }

    private static int DrawSize(SplitMix64 random, SafetyMode mode)
    {
        int[] classic = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5];
        int[] sizes = mode switch
        {
            SafetyMode.Classic => classic,
            SafetyMode.Fencing => [2, 2, 3],
            SafetyMode.Quorum => [3, 3, 5],
            SafetyMode.Arbiter => [2],
        };
        return sizes[random.Next(0, sizes.Length)];
    }

    private static ImmutableArray<ResourceGroup> DrawGroups(SplitMix64 random, int nodes)
    {
        int[] counts = [1, 1, 1, 2, 2, 3];
        var groups = ImmutableArray.CreateBuilder<ResourceGroup>();
        var count = counts[random.Next(0, counts.Length)];
        for (var number = 0; number < count; number++)
        {
            var preferred = number == 0 ? 0 : random.Next(0, nodes);
            groups.Add(Group(number, preferred, number == 0 ? 1 : random.Next(0, 3)));
        }

        return groups.ToImmutable();
    }

    private static AuthenticationMethod DrawMethod(SplitMix64 random)
    {
        // Keyed digests take most of the time of a run that uses them, and the engine does not care.
        AuthenticationMethod[] mix =
            [AuthenticationMethod.Md5, AuthenticationMethod.Sha1, AuthenticationMethod.Sha256];
        return random.Chance(7, 10) ? AuthenticationMethod.Crc : mix[random.Next(0, mix.Length)];
    }

    /// <summary>
    /// The cluster's keys, or those of somebody else. Without a secret, only the key id tells them apart.
    /// </summary>
    public AuthenticationKeys Keys(bool other) =>
        KeyOf(other && Method == AuthenticationMethod.Crc ? 2 : 1, other ? "Bonjour!" : "Hello!");

    /// <summary>The keys of a cluster nearby: neither ours nor what a node of ours has by mistake.</summary>
    public AuthenticationKeys ForeignKeys() =>
        KeyOf(Method == AuthenticationMethod.Crc ? 3 : 1, "Salut!");

    private AuthenticationKeys KeyOf(int id, string secret) => new(
        id, [new AuthenticationKey(id, Method, Method == AuthenticationMethod.Crc ? [] : Encoding.ASCII.GetBytes(secret))]);
}
