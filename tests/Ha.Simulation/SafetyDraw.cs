using Ha.Core.Fencing;
using Ha.Core.Policy.Model;
using Ha.Core.Time;

namespace Ha.Simulation;

/// <summary>What a mode needs, drawn so that it keeps its own inequality (RELIABILITY.md 6.3).</summary>
internal static class SafetyDraw
{
    /// <summary>Gives a cluster the devices, watchdogs and arbiter of its mode.</summary>
    /// <param name="random">The profile's own stream.</param>
    /// <param name="profile">The cluster; its mode, nodes and timers are known.</param>
    public static SimulationProfile Arm(SplitMix64 random, SimulationProfile profile) => profile.Mode switch
    {
        SafetyMode.Classic => profile with { NoQuorum = NoQuorumPolicy.Ignore },
        SafetyMode.Fencing => profile with
        {
            NoQuorum = profile.Nodes == 2 ? NoQuorumPolicy.Ignore : NoQuorumPolicy.Stop,
            Safety = Devices(random, profile),
        },
        SafetyMode.Quorum => WithWatchdog(random, profile) with
        {
            NoQuorum = random.Chance(3, 4) ? NoQuorumPolicy.Stop : NoQuorumPolicy.Freeze,
        },
        SafetyMode.Arbiter => WithArbiter(random, WithWatchdog(random, profile)) with
        {
            NoQuorum = NoQuorumPolicy.Ignore,
        },
    };

    private static SafetySettings Devices(SplitMix64 random, SimulationProfile profile)
    {
        var nodes = Enumerable.Range(0, profile.Nodes).Select(SimulationProfile.NodeName).ToList();
        var devices = ImmutableArray.CreateBuilder<FenceDevice>();
        var levels = ImmutableArray.CreateBuilder<FenceLevel>();
        var secondLevel = random.Chance(1, 2);
        foreach (var node in nodes)
        {
            devices.Add(Device($"ipmi-{node}", [node], random));
            levels.Add(new FenceLevel(node, 1, [$"ipmi-{node}"]));
            if (secondLevel) levels.Add(new FenceLevel(node, 2, ["pdu"]));
        }

        if (secondLevel) devices.Add(Device("pdu", nodes, random));
        return new SafetySettings
        {
            Devices = devices.ToImmutable(), Levels = levels.ToImmutable(), WaitForAll = profile.Nodes == 2,
        };
    }

    private static FenceDevice Device(string id, IEnumerable<string> nodes, SplitMix64 random) => new()
    {
        Id = id, Agent = "fence_simulated", Timeout = TimeSpan.FromSeconds(random.Next(15, 60)),
        Plugs = ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal, nodes.Select(node => KeyValuePair.Create(node, node))),
    };

    private static SimulationProfile WithWatchdog(SplitMix64 random, SimulationProfile profile)
    {
        var watchdog = new WatchdogSettings(
            TimeSpan.FromMilliseconds(random.Next(2_000, 6_000)), TimeSpan.FromMilliseconds(random.Next(200, 1_500)));
        var validity = (2 * profile.Keepalive) + TimeSpan.FromMilliseconds(random.Next(200, 3_000));
        var delay = SelfFencing.LeastTakeoverDelay(validity, watchdog);
        return profile with
        {
            VirtualMachines = random.Chance(1, 8),
            Safety = profile.Safety with
            {
                Watchdog = watchdog, AuthorityValidity = validity,
                TakeoverDelay = delay + TimeSpan.FromMilliseconds(random.Next(0, 3_000)),
            },
        };
    }

    private static SimulationProfile WithArbiter(SplitMix64 random, SimulationProfile profile) => profile with
    {
        Safety = profile.Safety with
        {
            HasArbiter = true, ArbiterEndpoints = ["http://arbiter:2379"],
            ArbiterLease = SelfFencing.LeastLease(profile.Safety.Watchdog)
                + TimeSpan.FromMilliseconds(random.Next(2_000, 10_000)),
        },
    };
}
