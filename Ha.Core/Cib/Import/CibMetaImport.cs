using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib.Import;

/// <summary>Imports meta attributes.</summary>
internal sealed class CibMetaImport(CibImportReport report)
{
    /// <summary>Reads one attribute into what was read so far.</summary>
    /// <param name="pair">The attribute.</param>
    /// <param name="meta">What was read so far.</param>
    /// <param name="clone">Receives what it says of copies; null for what is no clone.</param>
    public ResourceMeta Read(CibPair pair, ResourceMeta meta, CloneSettings? clone)
    {
        var read = Value(pair, meta) ?? (clone is not null && IsOfClone(pair, clone) ? meta : null);
        if (read is null)
        {
            if (pair is { Name: "promotable" or "notify" or "ordered" or "allow-migrate", Value: "false" })
                report.EqualByDefault(pair.Element, "false");
            else
                report.NotSupported(pair.Element, Reason(pair));
            return meta;
        }

        report.Translated(pair.Element, clone is not null && read == meta ? "of the clone" : "meta");
        return read;
    }

    private static ResourceMeta? Value(CibPair pair, ResourceMeta meta)
    {
        var flag = Values.Boolean(pair.Value);
        var score = Score.TryParse(pair.Value);
        return pair.Name switch
        {
            "priority" when score is not null => meta with { Priority = score },
            // Less than nothing is counted as nothing.
            "resource-stickiness" when score is not null => meta with { Stickiness = Math.Max(0, score.Value) },
            "migration-threshold" when score is >= 0 => meta with { MigrationThreshold = score },
            "failure-timeout" when CibPairs.Time(pair.Value) is { } time => meta with { FailureTimeout = time },
            "target-role" when Role(pair.Value) is { } role => meta with { TargetRole = role },
            "is-managed" when flag is not null => meta with { IsManaged = flag },
            "maintenance" when flag is not null => meta with { Maintenance = flag },
            "critical" when flag is not null => meta with { Critical = flag },
            "multiple-active" when MultipleActive(pair.Value) is { } policy => meta with { MultipleActive = policy },
            "requires" when Requires(pair.Value) is { } requires => meta with { Requires = requires },
            _ => null,
        };
    }

    private static bool IsOfClone(CibPair pair, CloneSettings clone)
    {
        var number = int.TryParse(pair.Value, out var value) && value is >= 1 and <= 1024 ? value : (int?)null;
        var flag = Values.Boolean(pair.Value);
        switch (pair.Name)
        {
            case "clone-max" when number is not null:
                clone.Max = number;
                return true;
            case "clone-node-max" when number is not null:
                clone.NodeMax = number;
                return true;
            case "globally-unique" when flag is not null:
                clone.Unique = flag;
                return true;
            case "interleave" when flag is not null:
                clone.Interleave = flag;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Started or stopped; null for other roles.</summary>
    public static ResourceTarget? Role(string text) => text.ToLowerInvariant() switch
    {
        "started" => ResourceTarget.Started,
        "stopped" => ResourceTarget.Stopped,
        _ => null,
    };

    private static MultipleActivePolicy? MultipleActive(string text) => text switch
    {
        "stop_start" => MultipleActivePolicy.StopStart,
        "stop_only" => MultipleActivePolicy.StopOnly,
        "block" => MultipleActivePolicy.Block,
        "stop_unexpected" => MultipleActivePolicy.StopUnexpected,
        _ => null,
    };

    private static ResourceRequirement? Requires(string text) => text switch
    {
        "nothing" => ResourceRequirement.Nothing,
        "quorum" => ResourceRequirement.Quorum,
        "fencing" => ResourceRequirement.Fencing,
        _ => null,
    };

    private static string Reason(CibPair pair) => pair.Name switch
    {
        "promotable" => "promotion is not supported; it is a plain clone here",
        "allow-migrate" => "live migration is not supported; it is stopped and started",
        "notify" => "clones send no notifications",
        _ => $"'{pair.Value}' has no counterpart",
    };
}
