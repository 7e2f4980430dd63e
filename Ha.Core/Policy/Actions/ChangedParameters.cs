using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Finds resources that run with other parameters than configured: they are restarted, or told to
/// reload.</summary>
internal sealed class ChangedParameters(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void AddAll()
    {
        foreach (var resource in cluster.Primitives.ToList())
        {
            if (resource.Orphan || !resource.Managed) continue;
            foreach (var (node, record) in resource.SinceStart)
            {
                if (node.IsTidied) Check(resource, node, record);
            }
        }
    }

    private void Check(Instance resource, NodeView node, OperationRecord record)
    {
        if (record.Name is not ("start" or "monitor")) return;
        var configured = record.IntervalMs == 0
            || resource.Model.Operations.Any(one => one.Name == record.Name && one.IntervalMs == record.IntervalMs);
        if (!configured) return;
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
        if (resource.Target != node) return;
        if (record.IntervalMs > 0)
        {
            // A monitor is begun anew with the new parameters; the old one ends by that.
            if (ActionSet.Last(resource, ActionKind.Monitor, node, record.IntervalMs) is { } monitor)
                monitor.Optional = false;
            return;
        }

        // What has not started yet cannot reload.
        if (!reloadable || resource.StartPending)
        {
            Restart(resource, node);
            return;
        }

        var reload = actions.Add(ActionKind.Reload, resource, node, optional: false);
        foreach (var stop in resource.Actions)
        {
            if (stop.Kind == ActionKind.Stop)
                ActionSet.Order(reload, stop, OrderEffect.Order | OrderEffect.CancelsFirst);
        }
    }

    private static void Restart(Instance resource, NodeView node)
    {
        if (resource.Managed && ActionSet.Last(resource, ActionKind.Stop, node) is { } stop) stop.Optional = false;
    }

    private static SortedDictionary<string, string> Restarting(
        SortedDictionary<string, string> parameters, OperationRecord record)
    {
        var names = record.RestartParameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new SortedDictionary<string, string>(
            parameters.Where(pair => names.Contains(pair.Key)).ToDictionary(), StringComparer.Ordinal);
    }
}
