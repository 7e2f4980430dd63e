using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Finds resources that run with another agent or other parameters than configured: they are restarted, or
/// told to reload.</summary>
internal sealed class ChangedParameters(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void AddAll()
    {
        foreach (var resource in cluster.Primitives.ToList())
        {
            if (resource.Orphan) continue;
            foreach (var (node, record) in resource.SinceStart)
            {
                if (node.IsTidied) Check(resource, node, record);
            }

            if (cluster.Options.AsPacemaker) Replace(resource);
        }
    }

    // What another agent has done tells nothing of this one: it is stopped and forgotten.
    private void Replace(Instance resource)
    {
        foreach (var node in resource.OtherAgentOn)
        {
            if (!node.IsTidied) continue;
            if (resource.RunningOn.Contains(node) && ActionSet.Last(resource, ActionKind.Stop, node) is { } old)
                Require(resource, old);
            if (resource.Failed) continue;
            var delete = actions.Add(ActionKind.Delete, resource, node, optional: false);
            foreach (var action in resource.Actions.ToList())
            {
                if (action.Kind == ActionKind.Stop) ActionSet.Order(action, delete, OrderEffect.Order);
                else if (action.Kind == ActionKind.Start) ActionSet.Order(delete, action, OrderEffect.Order);
                else if (action.Kind == ActionKind.Probe && action.Node == node) delete.Optional = true;
            }
        }
    }

    private static void Require(Instance resource, PlannedAction stop)
    {
        if (resource.Managed) stop.Optional = false;
    }

    private void Check(Instance resource, NodeView node, OperationRecord record)
    {
        if (record.Name is not ("start" or "monitor")) return;
        // What is not watched is not watched anew.
        if (record.IntervalMs > 0 && (resource.InMaintenance || node.Maintenance)) return;
        var configured = record.IntervalMs == 0
            || resource.Model.Operations.Any(one => one.Name == record.Name && one.IntervalMs == record.IntervalMs);
        if (!configured) return;
        if (resource.Expired.Contains((node, record)))
        {
            // Pacemaker does so even where it does not run any more once the plan is done; on one node.
            if (cluster.Options.AsPacemaker && resource.Target is not null)
                WatchAnew(resource, resource.Monitors.Find(one => Is(one.Record, record)).Node ?? node, record);
            else if (resource.Target == node && !resource.Blocked)
                WatchAnew(resource, node, record);
            return;
        }

        if (resource.Model.Digest is { } digest)
        {
            if (record.Digest != digest) Restart(resource, node);
            return;
        }

        var parameters = ParameterDigests.Parameters(cluster, resource, node, record.Name, record.IntervalMs);
        var restart = record.RestartDigest is null ? null : ParameterDigests.Of(Restarting(parameters, record));
        if (restart is not null && restart != record.RestartDigest) Restart(resource, node);
        else if (record.Digest is null
            || (record.Digest != ParameterDigests.Of(parameters) && !DiffersInSecretsOnly(parameters, record)))
            Adapt(resource, node, record, restart is not null);
    }

    // Secrets are blotted out in what people hand around.
    private static bool DiffersInSecretsOnly(SortedDictionary<string, string> parameters, OperationRecord record)
    {
        if (record.PublicDigest is null) return false;
        var secrets = record.SecretParameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return record.PublicDigest == ParameterDigests.Of(new SortedDictionary<string, string>(
            parameters.Where(pair => !secrets.Contains(pair.Key) && pair.Key != "CRM_meta_timeout"
                && !pair.Key.StartsWith("pcmk_", StringComparison.Ordinal)).ToDictionary(), StringComparer.Ordinal));
    }

    private void Adapt(Instance resource, NodeView node, OperationRecord record, bool reloadable)
    {
        // What has not started yet cannot reload.
        if (record.IntervalMs == 0 && (!reloadable || resource.StartPending))
        {
            Restart(resource, node);
            return;
        }

        if (resource.Target != node) return;
        if (record.IntervalMs > 0)
        {
            if (!resource.Blocked) WatchAnew(resource, node, record);
            return;
        }

        if (!resource.Managed || resource.Failed) return;
        var reload = actions.Add(ActionKind.Reload, resource, node, optional: false);
        foreach (var other in resource.Actions)
        {
            if (other.Kind == ActionKind.Stop)
                ActionSet.Order(reload, other, OrderEffect.Order | OrderEffect.CancelsFirst);
            else if (other.Kind == ActionKind.Monitor && other.Node == node)
                ActionSet.Order(reload, other, OrderEffect.RequiresThen | OrderEffect.NeedsFirst);
        }
    }

    private static bool Is(OperationRecord one, OperationRecord other) =>
        one.Name == other.Name && one.IntervalMs == other.IntervalMs;

    // A monitor that is begun anew ends the old one by that.
    private static void WatchAnew(Instance resource, NodeView node, OperationRecord record)
    {
        if (ActionSet.Last(resource, ActionKind.Monitor, node, record.IntervalMs) is { } monitor)
            monitor.Optional = false;
    }

    private void Restart(Instance resource, NodeView node)
    {
        // What is frozen without quorum is stopped then by Pacemaker, and not started.
        if (cluster.Options is { AsPacemaker: true, HaveQuorum: false, NoQuorumPolicy: NoQuorumPolicy.Freeze }
            && resource.Requires != Requirement.Nothing)
        {
            foreach (var action in resource.Actions)
            {
                if (action.Kind == ActionKind.Start
                    || (action.Kind == ActionKind.Monitor && action.Node == resource.Target && !resource.Managed))
                    action.Runnable = false;
            }
        }

        // What is blocked it would start anew and cannot, and so stops what depends on it.
        if (cluster.Options.AsPacemaker && resource.Blocked)
            actions.Impossible(ActionKind.Start, resource).Optional = false;
        if (ActionSet.Last(resource, ActionKind.Stop, node) is { } stop) Require(resource, stop);
    }

    private static SortedDictionary<string, string> Restarting(
        SortedDictionary<string, string> parameters, OperationRecord record)
    {
        var names = record.RestartParameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new SortedDictionary<string, string>(
            parameters.Where(pair => names.Contains(pair.Key)).ToDictionary(), StringComparer.Ordinal);
    }
}
