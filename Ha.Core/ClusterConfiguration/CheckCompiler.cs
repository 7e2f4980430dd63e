using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Health;

namespace Ha.Core.ClusterConfiguration;

/// <summary>Compiles health checks.</summary>
internal static class CheckCompiler
{
    private static readonly CheckDefinition Presets = new() { Id = "", Kind = default };

    public static ImmutableArray<CheckDefinition> Compile(ImmutableArray<ConfiguredCheck> checks) =>
        [.. checks.Select(Compile)];

    /// <summary>Time from one look to the next.</summary>
    public static TimeSpan Interval(ConfiguredCheck check) => check.Interval ?? Presets.Interval;

    /// <summary>How long one look may take.</summary>
    public static TimeSpan Timeout(ConfiguredCheck check) => check.Timeout
        ?? (Presets.Timeout < Interval(check) ? Presets.Timeout : Interval(check));

    private static CheckDefinition Compile(ConfiguredCheck check)
    {
        var effect = check.Effect;
        return new CheckDefinition
        {
            Id = check.Id,
            Kind = check.Type,
            Parameters = check.Parameters,
            Arguments = check.Arguments,
            Interval = Interval(check),
            Timeout = Timeout(check),
            Rise = check.Rise ?? Presets.Rise,
            Fall = check.Fall ?? Presets.Fall,
            StartAs = check.StartAs ?? Presets.StartAs,
            HoldDown = check.HoldDown ?? Presets.HoldDown,
            Nodes = check.Nodes,
            Where = check.Where ?? Presets.Where,
            Attribute = effect?.Attribute is { } name
                ? new CheckAttribute(name, effect.Healthy ?? "1", effect.Unhealthy ?? "0") : null,
            Group = effect?.Group,
            Digest = ConfigurationText.Hash(new ConfigurationDocument { Checks = [check] }),
        };
    }
}
