namespace Ha.Core.Fencing;

/// <summary>One level as it is tried on a node.</summary>
/// <param name="Index">1 to 9 as configured; without configured levels, the place of its only device.</param>
/// <param name="Devices">All must succeed, in this order.</param>
public sealed record FenceStage(int Index, ImmutableArray<FenceDevice> Devices)
{
    /// <summary>Ids of the devices, for the operator.</summary>
    public string Names => string.Join(" and ", Devices.Select(device => device.Id));
}

/// <summary>Which devices fence a node, in which order.</summary>
public static class FenceTopology
{
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

    private static FenceDevice? Find(SafetySettings safety, string id, string node) =>
        safety.Devices.FirstOrDefault(device => device.Id == id && device.Plugs.ContainsKey(node));
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
