using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>Counts failures, and forgets those older than the resource's failure-timeout.</summary>
internal static class FailureTimeouts
{
    /// <summary>Failures of a resource on a node that still count.</summary>
    public static int Count(
        WorkingCluster cluster, Instance resource, NodeView node, OperationRecord? failed = null)
    {
        var total = 0;
        DateTimeOffset? last = null;
        foreach (var failure in Of(cluster, resource, node))
        {
            total = Score.Add(total, Math.Max(failure.Count, 0));
            if (failure.Last > last || last is null) last = failure.Last;
        }

        if (total == 0 || resource.FailureTimeoutMs == 0) return total;
        // What blocks a resource waits for a person, not for a clock.
        if (Blocks(cluster, resource, node, failed)) resource.FailureTimeoutMs = 0;
        return last is { } moment && resource.FailureTimeoutMs > 0
            && cluster.Model.Now > moment.AddMilliseconds(resource.FailureTimeoutMs) ? 0 : total;
    }

    /// <summary>Whether an operation is so old that failures which are counted are about to be forgotten.</summary>
    public static bool AreCleared(WorkingCluster cluster, Instance resource, NodeView node, OperationRecord record) =>
        Expired(cluster, resource, node, record) && Of(cluster, resource, node).Any(one => one.Count > 0);

    /// <summary>Whether an operation's failure is so old that it does not count.</summary>
    public static bool Expired(WorkingCluster cluster, Instance resource, NodeView node, OperationRecord record) =>
        record.Status != OperationStatus.NotInstalled && resource.FailureTimeoutMs > 0
        && record.LastChange is { } moment
        && cluster.Model.Now >= moment.AddMilliseconds(resource.FailureTimeoutMs)
        && Count(cluster, resource, node, record) == 0;

    // Whether an operation failed for which on-fail says block; when one is given, only that one counts.
    private static bool Blocks(WorkingCluster cluster, Instance resource, NodeView node, OperationRecord? only)
    {
        foreach (var operation in resource.Model.Operations)
        {
            if (!operation.Settings.Any(set => set.Values.Contains(KeyValuePair.Create("on-fail", "block")))) continue;
            if (only is not null ? IsFailureOf(operation, only) : cluster.Model.History.Any(history =>
                history.NodeId == node.Model.Id && Matches(resource, history.Resource)
                && history.Operations.Any(record => IsFailureOf(operation, record)))) return true;
        }

        return false;
    }

    private static bool IsFailureOf(OperationModel operation, OperationRecord record) =>
        operation.Name == record.Name && operation.IntervalMs == record.IntervalMs
        && (record.IsLastFailure || record.ExitCode != record.ExpectedExitCode);

    /// <summary>What is counted for a resource on a node.</summary>
    public static IEnumerable<FailCount> Of(WorkingCluster cluster, Instance resource, NodeView node) =>
        cluster.Model.FailCounts.Where(one => one.NodeId == node.Model.Id && Matches(resource, one.Resource));

    private static bool Matches(Instance resource, string name) =>
        name == resource.Id || name == resource.ReportedName
        || (resource.OfClone is { Clone.Unique: false } && HistoryReader.PlainName(name) == resource.ReportedName);
}
