using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Fencing;
using Ha.Core.Policy.Model;

namespace Ha.Simulation;

/// <summary>The cluster's first configuration, as a document that operators can edit.</summary>
public sealed partial record SimulationProfile
{
    /// <summary>What a document must fit.</summary>
    public ClusterFacts Facts => new([.. Names.Take(Nodes)], Deadtime, Keepalive);

    /// <summary>
    /// Version 1.0. Classic: a lost node never stops the others. In all modes only a clean-up makes failures forgotten.
    /// </summary>
    public ConfigurationDocument Document()
    {
        var document = HaresourcesImport.Import(Groups, [.. Names.Take(Nodes)], AutoFailback);
        return document with
        {
            Options = document.Options! with
            {
                NoQuorumPolicy = Mode == SafetyMode.Classic ? NoQuorumPolicy.Ignore : NoQuorum,
            },
            ResourceDefaults = document.ResourceDefaults! with { FailureTimeout = null },
            Fencing = Mode == SafetyMode.Classic ? document.Fencing : Fencing(),
        };
    }

    /// <summary>What every disk holds at first.</summary>
    public KeptState Kept()
    {
        var document = Document();
        var history = ConfigurationHistory.Empty.Adopt(
            document, "haresources", DateTimeOffset.UnixEpoch, "imported at the start");
        return new KeptState(history, DocumentCompiler.Compile(document, [.. Names.Take(Nodes)]));
    }

    private ConfiguredFencing Fencing() => new()
    {
        Enabled = Mode == SafetyMode.Fencing,
        Devices =
        [
            .. Safety.Devices.Select(device => new ConfiguredDevice
            {
                Id = device.Id, Agent = device.Agent, Plugs = device.Plugs, Timeout = device.Timeout,
            }),
        ],
        Levels =
        [
            .. Safety.Levels.Select(level => new ConfiguredLevel
            {
                Node = level.Node, Index = level.Index, Devices = level.Devices,
            }),
        ],
        Watchdog = Safety.Watchdog is { } watchdog
            ? new ConfiguredWatchdog { Timeout = watchdog.Timeout, ResetLatency = watchdog.ResetLatency } : null,
        Arbiter = Safety.HasArbiter
            ? new ConfiguredArbiter { Endpoints = Safety.ArbiterEndpoints, Lease = Whole(Safety.ArbiterLease) } : null,
        AuthorityValidity = Safety.AuthorityValidity,
        TakeoverDelay = Safety.TakeoverDelay is { } delay ? Whole(delay) : null,
        WaitForAll = Safety.WaitForAll,
    };

    // A document is written in whole milliseconds; less than the least would not be accepted.
    private static TimeSpan Whole(TimeSpan time) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
