using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Fencing;

namespace Ha.Core.ClusterConfiguration;

/// <summary>Compiles fencing, watchdog and arbiter.</summary>
internal static class FencingCompiler
{
    /// <summary>Whether nodes are fenced.</summary>
    public static bool IsEnabled(ConfiguredFencing? fencing) =>
        fencing is not null && (fencing.Enabled ?? !fencing.Devices.IsEmpty);

    public static SafetySettings Compile(ConfiguredFencing? fencing, int nodes)
    {
        var preset = new SafetySettings();
        if (fencing is null) return preset;
        var enabled = IsEnabled(fencing);
        return new SafetySettings
        {
            // Devices that are configured and switched off are not used.
            Devices = enabled ? [.. fencing.Devices.Select(Device)] : [],
            Levels = enabled
                ? [.. fencing.Levels.Select(level => new FenceLevel(level.Node, level.Index, level.Devices))
                    .OrderBy(level => level.Node, StringComparer.Ordinal).ThenBy(level => level.Index)]
                : [],
            Watchdog = fencing.Watchdog is { } watchdog
                ? new WatchdogSettings(watchdog.Timeout, watchdog.ResetLatency ?? TimeSpan.FromSeconds(1)) : null,
            HasArbiter = fencing.Arbiter is not null,
            ArbiterEndpoints = fencing.Arbiter?.Endpoints ?? [],
            ArbiterLease = fencing.Arbiter?.Lease ?? preset.ArbiterLease,
            AuthorityValidity = fencing.AuthorityValidity ?? preset.AuthorityValidity,
            TakeoverDelay = fencing.TakeoverDelay,
            // Two nodes that fence each other at boot would do so for ever (RELIABILITY.md 1.3).
            WaitForAll = fencing.WaitForAll ?? (enabled && nodes == 2),
            Unprotected = fencing.UnprotectedTakeover ?? preset.Unprotected,
        };
    }

    private static FenceDevice Device(ConfiguredDevice device)
    {
        var compiled = new FenceDevice
        {
            Id = device.Id, Agent = device.Agent, Parameters = device.Parameters, Plugs = device.Plugs,
            Delay = device.Delay ?? TimeSpan.Zero,
        };
        return device.Timeout is { } timeout ? compiled with { Timeout = timeout } : compiled;
    }
}
