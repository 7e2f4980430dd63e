using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Monitors at an interval: begun where a resource runs, ended when no longer configured.</summary>
internal sealed class RecurringMonitors(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void Add(Instance resource, NodeView? target)
    {
        CancelUnwanted(resource);
        if (resource.Blocked || resource.InMaintenance || (target?.Maintenance ?? false)) return;
        var intervals = new HashSet<(string, long)>();
        foreach (var operation in resource.Model.Operations)
        {
            if (operation.IntervalMs <= 0 || !intervals.Add((operation.Name, operation.IntervalMs))) continue;
            var settings = new OperationSettings(cluster, resource, operation.Name, operation.IntervalMs);
            if (!settings.Enabled || operation.Name != "monitor") continue;
            switch (settings.Role)
            {
                case null or "Started" or "Unpromoted" or "Slave" when target is not null:
                    Watch(resource, target, operation);
                    break;
                case "Stopped":
                    WatchAbsence(resource, target, operation);
                    break;
            }
        }
    }

    private void Watch(Instance resource, NodeView target, OperationModel operation)
    {
        var start = actions.Find(resource, ActionKind.Start, target);
        var runs = resource.Monitors.Exists(one => one.Node == target && Is(one.Record, operation));
        var optional = runs && (start?.Optional ?? true);
        var monitor = actions.Add(ActionKind.Monitor, resource, target, optional, operation.IntervalMs);
        if (start is not null && resource.Managed)
            actions.Order(start, monitor, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        foreach (var stop in actions.Of(resource, ActionKind.Stop)) actions.Order(stop, monitor, OrderEffect.None);
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
            foreach (var stop in actions.Of(resource, ActionKind.Stop).Where(stop => stop.Node == node))
                actions.Order(stop, monitor, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        }
    }

    private void CancelUnwanted(Instance resource)
    {
        foreach (var (node, record) in resource.SinceStart)
        {
            if (record.IntervalMs == 0 || resource.Orphan || !node.IsTidied) continue;
            var configured = resource.Model.Operations.Any(operation => Is(record, operation)
                && new OperationSettings(cluster, resource, operation.Name, operation.IntervalMs).Enabled);
            if (!node.Maintenance && !resource.InMaintenance && (configured || !cluster.Options.StopOrphanActions))
                continue;
            var cancel = actions.Add(ActionKind.Cancel, resource, node, optional: false, record.IntervalMs);
            foreach (var stop in actions.Of(resource, ActionKind.Stop).Where(stop => stop.Node == node))
                actions.Order(cancel, stop, OrderEffect.None);
        }
    }

    private static bool Is(OperationRecord record, OperationModel operation) =>
        record.Name == operation.Name && record.IntervalMs == operation.IntervalMs;
}
