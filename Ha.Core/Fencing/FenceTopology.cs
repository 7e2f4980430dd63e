namespace Ha.Core.Fencing;

/// <summary>One level as it is tried on a node.</summary>
/// <param name="Index">1 to 9 as configured; without configured levels, the place of its only device.</param>
/// <param name="Devices">All must succeed, in this order.</param>
public sealed record FenceStage(int Index, ImmutableArray<FenceDevice> Devices)
{
    /// <summary>Ids of the devices, for the operator.</summary>
    public string Names => string.Join(" and ", Devices.Select(device => device.Id));
}

/// <summary>Which devices fence a node, in which order, and what is wrong with how they are configured.</summary>
public static class FenceTopology
{
    /// <summary>Greatest index of a level.</summary>
    public const int MaxLevel = 9;

    /// <summary>
    /// The levels of a node in the order in which they are tried. Without configured levels, each device that has a
    /// plug for the node is a level of its own. A level that names a missing device, or one without a plug for the
    /// node, can never succeed and is left out.
    /// </summary>
    /// <param name="safety">Devices and levels.</param>
    /// <param name="node">The node to be fenced.</param>
    public static ImmutableArray<FenceStage> Of(SafetySettings safety, string node)
    {
        var levels = safety.Levels.Where(level => level.Node == node).OrderBy(level => level.Index).ToArray();
        if (levels.Length == 0)
        {
            return [.. safety.Devices.Where(device => device.Plugs.ContainsKey(node))
                .Select((device, place) => new FenceStage(place + 1, [device]))];
        }

        return
        [
            .. levels.Where(level => !level.Devices.IsEmpty)
                .Select(level => (level.Index, Devices: level.Devices.Select(id => Find(safety, id, node)).ToArray()))
                .Where(level => level.Devices.All(device => device is not null))
                .Select(level => new FenceStage(level.Index, [.. level.Devices.Select(device => device!)])),
        ];
    }

    /// <summary>Everything that forbids to run with these devices and levels.</summary>
    /// <param name="safety">Devices and levels.</param>
    /// <param name="nodes">Names of all nodes.</param>
    public static ImmutableArray<SafetyFinding> Check(SafetySettings safety, ImmutableArray<string> nodes)
    {
        var findings = ImmutableArray.CreateBuilder<SafetyFinding>();
        for (var i = 0; i < safety.Devices.Length; i++) CheckDevice(safety, i, nodes, findings);
        for (var i = 0; i < safety.Levels.Length; i++) CheckLevel(safety, i, nodes, findings);
        if (nodes.Length == 2) CheckPair(safety, nodes, findings);
        return findings.ToImmutable();
    }

    private static FenceDevice? Find(SafetySettings safety, string id, string node) =>
        safety.Devices.FirstOrDefault(device => device.Id == id && device.Plugs.ContainsKey(node));

    private static void CheckDevice(SafetySettings safety, int index, ImmutableArray<string> nodes,
        ImmutableArray<SafetyFinding>.Builder findings)
    {
        var device = safety.Devices[index];
        var path = $"/safety/devices/{index}";
        if (safety.Devices.Take(index).Any(other => other.Id == device.Id))
            findings.Add(new($"{path}/id", $"two devices are called {device.Id}", "give each device an id of its own"));
        if (device.Timeout <= TimeSpan.Zero)
            findings.Add(new($"{path}/timeout", $"{device.Id} has no time to act", "set it above zero, usually 60 s"));
        if (device.Delay < TimeSpan.Zero)
            findings.Add(new($"{path}/delay", $"the delay of {device.Id} is below zero", "set it to 0 or more"));
        foreach (var node in device.Plugs.Keys.Where(node => !nodes.Contains(node)))
            findings.Add(new($"{path}/plugs/{node}", $"there is no node {node}", $"nodes are {string.Join(", ", nodes)}"));
        // One typo here switches off the node that was to survive.
        foreach (var plug in device.Plugs.GroupBy(plug => plug.Value, StringComparer.Ordinal)
            .Where(plug => plug.Count() > 1))
        {
            findings.Add(new($"{path}/plugs",
                $"{device.Id} has {string.Join(" and ", plug.Select(node => node.Key))} on the same plug {plug.Key}",
                "give each node its own plug"));
        }
    }

    private static void CheckLevel(SafetySettings safety, int index, ImmutableArray<string> nodes,
        ImmutableArray<SafetyFinding>.Builder findings)
    {
        var level = safety.Levels[index];
        var path = $"/safety/levels/{index}";
        if (!nodes.Contains(level.Node))
            findings.Add(new($"{path}/node", $"there is no node {level.Node}", $"nodes are {string.Join(", ", nodes)}"));
        if (level.Index is < 1 or > MaxLevel)
            findings.Add(new($"{path}/index", $"level {level.Index} is out of range", $"use 1 to {MaxLevel}"));
        if (safety.Levels.Take(index).Any(other => other.Node == level.Node && other.Index == level.Index))
        {
            findings.Add(new($"{path}/index", $"{level.Node} has two levels {level.Index}",
                "name all devices of a level in one, or use another index"));
        }

        if (level.Devices.IsEmpty)
            findings.Add(new($"{path}/devices", "the level has no device", "name the devices that must all succeed"));
        for (var i = 0; i < level.Devices.Length; i++)
        {
            var id = level.Devices[i];
            if (safety.Devices.All(device => device.Id != id))
                findings.Add(new($"{path}/devices/{i}", $"there is no device {id}", "name a configured device"));
            else if (Find(safety, id, level.Node) is null)
                findings.Add(new($"{path}/devices/{i}", $"{id} has no plug for {level.Node}", "add it to its plugs"));
            if (level.Devices.IndexOf(id) < i)
                findings.Add(new($"{path}/devices/{i}", $"{id} is named twice", "name it once"));
        }
    }

    // Two nodes that wait equally long shoot each other; one of the delays has to be zero, or nothing is gained by it.
    private static void CheckPair(SafetySettings safety, ImmutableArray<string> nodes,
        ImmutableArray<SafetyFinding>.Builder findings)
    {
        var delays = nodes.Select(node => Of(safety, node)).Where(stages => !stages.IsEmpty)
            .Select(stages => FenceDelay.Of(stages[0])).ToArray();
        if (delays.Length == 2 && delays.All(delay => delay > TimeSpan.Zero))
        {
            findings.Add(new("/safety/devices", $"both nodes are fenced with a delay ({SelfFencing.Text(delays[0])} "
                + $"and {SelfFencing.Text(delays[1])})", "leave one of them at 0"));
        }
    }
}

/// <summary>How long fencing waits so that two nodes do not shoot each other (RELIABILITY.md 6.2).</summary>
public static class FenceDelay
{
    private static readonly TimeSpan LeastMargin = TimeSpan.FromSeconds(5);

    /// <summary>The static delay of a level: that of its slowest device.</summary>
    public static TimeSpan Of(FenceStage stage) => stage.Devices.Max(device => device.Delay);

    /// <summary>
    /// How much longer a node that holds nothing waits before it fences the holder: long enough for the holder's own
    /// call to have taken effect. The greater of 5 s and twice the longest successful call, and how much later the
    /// holder may have noticed.
    /// </summary>
    /// <param name="longestCall">Longest successful call seen; zero when none.</param>
    /// <param name="deadtimeSpread">Difference of the two nodes' deadtimes.</param>
    /// <param name="keepalive">Time between two heartbeats.</param>
    public static TimeSpan RaceMargin(TimeSpan longestCall, TimeSpan deadtimeSpread, TimeSpan keepalive)
    {
        var twice = longestCall + longestCall;
        return (twice > LeastMargin ? twice : LeastMargin) + deadtimeSpread.Duration() + keepalive;
    }

    /// <summary>
    /// The extra delay with which this node fences the peer: nothing for a holder, the margin for a node that would
    /// take over from one; when neither holds, nothing for the node that comes first in ha.cf.
    /// </summary>
    /// <param name="holds">Whether this node holds resources that must run only once.</param>
    /// <param name="peerHeld">Whether the peer held any when it was last heard.</param>
    /// <param name="comesFirst">Whether this node stands before the peer in ha.cf.</param>
    /// <param name="raceMargin"><see cref="RaceMargin"/>.</param>
    /// <remarks>When both hold (a conflict), the first in ha.cf counts as the holder.</remarks>
    public static TimeSpan Extra(bool holds, bool peerHeld, bool comesFirst, TimeSpan raceMargin) =>
        (holds == peerHeld ? comesFirst : holds) ? TimeSpan.Zero : raceMargin;
}
