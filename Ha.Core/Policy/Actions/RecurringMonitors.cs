using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Monitors at an interval: begun where a resource runs, ended when no longer configured.</summary>
internal sealed class RecurringMonitors(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void Add(Instance resource)
    {
        CancelUnwanted(resource);
        if (resource.Blocked || resource.InMaintenance) return;
        var target = resource.Target;
        PlannedAction? start = null;
        if (target is { Maintenance: false } && (resource.NextRole != Role.Stopped || !resource.Managed))
            start = actions.Add(ActionKind.Start, resource, target, optional: true);
        var intervals = new HashSet<(string, long)>();
        foreach (var operation in resource.Model.Operations)
        {
            if (operation.IntervalMs <= 0 || !intervals.Add((operation.Name, operation.IntervalMs))) continue;
            var settings = new OperationSettings(cluster, resource, operation.Name, operation.IntervalMs);
            if (!settings.Enabled || operation.Name != "monitor") continue;
            switch (settings.Role)
            {
                case null or "Started" or "Unpromoted" or "Slave" when start is not null:
                    Watch(resource, start, operation);
                    break;
                case "Stopped" when resource.OfClone is null or { Clone.Unique: true }:
                    WatchAbsence(resource, target, operation);
                    break;
            }
        }
    }

    private void Watch(Instance resource, PlannedAction start, OperationModel operation)
    {
        var target = start.Node!;
        var runs = resource.Monitors.Exists(one => one.Node == target && Is(one.Record, operation));
        var monitor = actions.Add(
            ActionKind.Monitor, resource, target, optional: runs && start.Optional, operation.IntervalMs);
        if (!start.Runnable || !target.Online || target.Unclean) monitor.Runnable = false;
        if (resource.Managed)
            ActionSet.Order(start, monitor, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        foreach (var stop in resource.Actions)
        {
            if (stop.Kind == ActionKind.Stop) ActionSet.Order(stop, monitor, OrderEffect.Order);
        }
    }

    private void WatchAbsence(Instance resource, NodeView? target, OperationModel operation)
    {
        foreach (var node in cluster.Nodes)
        {
            if (node == target || !node.Online || node.Unclean || node.Pending) continue;
            var runs = cluster.Model.History.Any(history => history.NodeId == node.Model.Id
                && history.Resource == resource.ReportedName
                && history.Operations.Any(record => Is(record, operation)));
            var monitor = actions.Add(ActionKind.Monitor, resource, node, optional: runs, operation.IntervalMs);
            foreach (var stop in resource.Actions)
            {
                if (stop.Kind == ActionKind.Stop && stop.Node == node)
                    ActionSet.Order(stop, monitor, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
            }
        }
    }

    // What stops for good ends its monitors by that.
    private void CancelUnwanted(Instance resource)
    {
        if (resource.Target is null) return;
        foreach (var (node, record) in resource.SinceStart)
        {
            if (record.IntervalMs == 0 || resource.Orphan || !node.IsTidied) continue;
            var configured = resource.Model.Operations.Any(operation => Is(record, operation)
                && new OperationSettings(cluster, resource, operation.Name, operation.IntervalMs).Enabled);
            if (!node.Maintenance && !resource.InMaintenance && (configured || !cluster.Options.StopOrphanActions))
                continue;
            var cancel = actions.Add(ActionKind.Cancel, resource, node, optional: false, record.IntervalMs);
            foreach (var stop in resource.Actions)
            {
                if (stop.Kind == ActionKind.Stop) ActionSet.Order(stop, cancel, OrderEffect.Order);
            }
        }
    }

    private static bool Is(OperationRecord record, OperationModel operation) =>
        record.Name == operation.Name && record.IntervalMs == operation.IntervalMs;
}
