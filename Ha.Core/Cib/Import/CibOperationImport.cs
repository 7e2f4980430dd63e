using System.Xml.Linq;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;

namespace Ha.Core.Cib.Import;

/// <summary>Imports the operations of one resource.</summary>
internal sealed class CibOperationImport(CibDocument cib, CibImportReport report)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private readonly List<ConfiguredOperation> operations = [];

    public void ReadAll(XElement source)
    {
        foreach (var list in CibDocument.Children(source, "operations").Select(cib.Resolve).OfType<XElement>())
        {
            foreach (var element in CibDocument.Children(list, "op").Select(cib.Resolve).OfType<XElement>())
                Read(element);
        }
    }

    /// <summary>The operations. Without a monitor the CIB means: not watched.</summary>
    public ImmutableArray<ConfiguredOperation> Finish(XElement primitive)
    {
        if (!operations.Exists(one => one.Name == OperationName.Monitor))
        {
            report.Translated(primitive,
                "a resource; the CIB does not have it monitored: remove its operation monitor to have it watched");
            operations.Add(new ConfiguredOperation { Name = OperationName.Monitor, Enabled = false });
        }

        return [.. operations];
    }

    /// <summary>A timeout; null when it is none that is allowed.</summary>
    public static TimeSpan? Timeout(string text) =>
        CibPairs.Time(text) is { } time && time >= Shortest && time <= TimeSpan.FromDays(1) ? time : null;

    /// <summary>What a failure means; null when there is no counterpart.</summary>
    public static FailurePolicy? OnFail(string text) => text switch
    {
        "ignore" or "nothing" => FailurePolicy.Ignore,
        "restart" => FailurePolicy.Restart,
        "block" => FailurePolicy.Block,
        "stop" => FailurePolicy.Stop,
        "standby" => FailurePolicy.Standby,
        "fence" => FailurePolicy.Fence,
        _ => null,
    };

    private void Read(XElement element)
    {
        var interval = CibPairs.Time((string?)element.Attribute("interval") ?? "0");
        OperationName? name = (string?)element.Attribute("name") switch
        {
            "start" => OperationName.Start,
            "stop" => OperationName.Stop,
            "monitor" => interval == TimeSpan.Zero ? OperationName.Probe : OperationName.Monitor,
            _ => null,
        };
        if (name is null || interval is null)
        {
            report.NotSupportedAll(element, interval is null ? "has no interval that can be read"
                : "only start, stop and monitor can be configured");
            return;
        }

        if (name == OperationName.Monitor && (interval < Shortest || interval > TimeSpan.FromDays(1)))
        {
            report.NotSupportedAll(element, "intervals are from 100ms to 1 day");
            return;
        }

        var operation = new ConfiguredOperation
        {
            Name = name.Value, Interval = name == OperationName.Monitor ? interval : null,
        };
        if (operations.Exists(one => one.Name == operation.Name && one.Interval == operation.Interval))
        {
            report.EqualByDefault(element, "the same operation stands before, and counts");
            return;
        }

        var left = new List<string>();
        foreach (var attribute in element.Attributes())
        {
            if (Set(operation, attribute.Name.LocalName, attribute.Value) is { } better) operation = better;
            else left.Add($"{attribute.Name.LocalName}={attribute.Value}");
        }

        foreach (var pair in CibPairs.Read(cib, element, "meta_attributes", report)
            .Concat(CibPairs.Read(cib, element, "instance_attributes", report)))
        {
            if (Set(operation, pair.Name, pair.Value) is { } better)
            {
                operation = better;
                report.Translated(pair.Element, "of the operation");
            }
            else
            {
                report.NotSupported(pair.Element, $"'{pair.Value}' has no counterpart in an operation");
            }
        }

        if (left.Count == 0) report.Translated(element, "an operation");
        else report.NotSupported(element, $"the operation is kept without {string.Join(", ", left)}");
        operations.Add(operation);
    }

    // Null when it has no counterpart.
    private static ConfiguredOperation? Set(ConfiguredOperation operation, string name, string value)
    {
        var isMonitor = operation.Name == OperationName.Monitor;
        switch (name)
        {
            case "id" or "name" or "interval" or "description":
                return operation;
            case "timeout" when Timeout(value) is { } timeout:
                return operation with { Timeout = timeout };
            case "on-fail" when OnFail(value) is { } onFail && IsGood(operation.Name, onFail):
                return operation with { OnFail = onFail };
            case "enabled" when Values.Boolean(value) is { } enabled && (isMonitor || enabled):
                return isMonitor ? operation with { Enabled = enabled } : operation;
            case "role" when value is "Slave" or "Unpromoted":
                return operation;
            case "role" when CibMetaImport.Role(value) is { } role && (isMonitor || role == ResourceTarget.Started):
                return isMonitor ? operation with { Role = role } : operation;
            case "OCF_CHECK_LEVEL" or "depth" when isMonitor && int.TryParse(value, out var depth)
                && depth is >= 0 and <= 1000:
                return operation with { Depth = depth };
            case "record-pending" when Values.Boolean(value) == true:
                return operation;
            case "start-delay" or "interval-origin" when value is "0" or "0s":
                return operation;
            default:
                return null;
        }
    }

    private static bool IsGood(OperationName name, FailurePolicy onFail) => name != OperationName.Stop
        || onFail is FailurePolicy.Ignore or FailurePolicy.Block or FailurePolicy.Fence;
}
