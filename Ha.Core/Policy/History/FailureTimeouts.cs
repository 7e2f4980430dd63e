using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>Counts failures, and forgets those older than the resource's failure-timeout.</summary>
internal static class FailureTimeouts
{
    /// <summary>Failures of a resource on a node that still count.</summary>
    public static int Count(WorkingCluster cluster, Instance resource, NodeView node)
    {
        var total = 0;
        DateTimeOffset? last = null;
        foreach (var failure in Of(cluster, resource, node))
        {
            total = Score.Add(total, Math.Max(failure.Count, 0));
            if (failure.Last > last || last is null) last = failure.Last;
        }

        return total > 0 && last is { } moment && HasPassed(cluster, resource, moment)
            && !Blocks(cluster, resource, node)
            ? 0 : total;
    }

    /// <summary>Whether an operation's failure is so old that it does not count.</summary>
    public static bool Expired(WorkingCluster cluster, Instance resource, NodeView node, OperationRecord record) =>
        record.LastChange is { } moment && HasPassed(cluster, resource, moment)
        && Count(cluster, resource, node) == 0 && !Blocks(cluster, resource, node);

    private static bool HasPassed(WorkingCluster cluster, Instance resource, DateTimeOffset moment) =>
        resource.FailureTimeoutMs > 0 && cluster.Model.Now >= moment.AddMilliseconds(resource.FailureTimeoutMs);

    // What blocks a resource waits for a person, not for a clock.
    private static bool Blocks(WorkingCluster cluster, Instance resource, NodeView node)
    {
        foreach (var failure in Of(cluster, resource, node))
        {
            var split = failure.Operation.LastIndexOf('_');
            if (split <= 0 || !long.TryParse(failure.Operation.AsSpan(split + 1), out var interval)) continue;
            if (new OperationSettings(cluster, resource, failure.Operation[..split], interval).OnFail == OnFail.Block)
                return true;
        }

        return cluster.Model.History.Any(history =>
            history.NodeId == node.Model.Id && Matches(resource, history.Resource)
            && history.Operations.Any(record => HasFailed(record)
                && new OperationSettings(cluster, resource, record.Name, record.IntervalMs).OnFail == OnFail.Block));
    }

    private static bool HasFailed(OperationRecord record) =>
        record.Status is not (OperationStatus.Done or OperationStatus.Pending or OperationStatus.Cancelled)
        || (record.ExitCode != 0 && record.ExpectedExitCode is { } expected && expected != record.ExitCode);

    /// <summary>What is counted for a resource on a node.</summary>
    public static IEnumerable<FailCount> Of(WorkingCluster cluster, Instance resource, NodeView node) =>
        cluster.Model.FailCounts.Where(one => one.NodeId == node.Model.Id && Matches(resource, one.Resource));

    private static bool Matches(Instance resource, string name) =>
        name == resource.Id || name == resource.ReportedName
        || (resource.OfClone is { Clone.Unique: false } && HistoryReader.PlainName(name) == resource.ReportedName);
}
