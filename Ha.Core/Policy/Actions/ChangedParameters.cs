using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Finds resources that run with other parameters than configured: they are restarted, or told to
/// reload.</summary>
internal sealed class ChangedParameters(ActionSet actions)
{
    private const string DefaultTimeout = "20s";
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

        var parameters = Parameters(resource, node, record);
        var restart = record.RestartDigest is null ? null : Digest(Restarting(parameters, record));
        if (restart is not null && restart != record.RestartDigest) Restart(resource, node);
        else if (record.Digest is null
            || (record.Digest != Digest(parameters) && !DiffersInSecretsOnly(parameters, record)))
            Adapt(resource, node, record, restart is not null);
    }

    // Secrets are blotted out in what people hand around.
    private static bool DiffersInSecretsOnly(SortedDictionary<string, string> parameters, OperationRecord record)
    {
        if (record.PublicDigest is null) return false;
        var secrets = record.SecretParameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return record.PublicDigest == Digest(new SortedDictionary<string, string>(
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

    private SortedDictionary<string, string> Parameters(Instance resource, NodeView node, OperationRecord record)
    {
        var settings = new OperationSettings(cluster, resource, record.Name, record.IntervalMs);
        var context = cluster.Context(node);
        var values = AttributeSets.Resolve(settings.Configured?.Parameters ?? [], context);
        for (var level = resource; level is not null; level = level.Parent)
        {
            foreach (var (name, value) in AttributeSets.Resolve(level.Model.Parameters, context))
                values.TryAdd(name, value);
        }

        foreach (var name in values.Keys.Where(name => name.StartsWith("CRM_meta_", StringComparison.Ordinal)
            || name == "crm_feature_set").ToList()) values.Remove(name);
        // A monitor's timeout belongs to what it was begun with.
        if (record.IntervalMs > 0)
            values["CRM_meta_timeout"] = $"{Values.Duration(settings.Timeout ?? DefaultTimeout) ?? 20_000}";
        return values;
    }

    private static SortedDictionary<string, string> Restarting(
        SortedDictionary<string, string> parameters, OperationRecord record)
    {
        var names = record.RestartParameters.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new SortedDictionary<string, string>(
            parameters.Where(pair => names.Contains(pair.Key)).ToDictionary(), StringComparer.Ordinal);
    }

    // The digest is that of a line of XML, as nodes record it.
    [SuppressMessage("Security", "CA5351", Justification = "Compared with what nodes recorded; protects nothing.")]
    private static string Digest(SortedDictionary<string, string> parameters)
    {
        var text = new StringBuilder(" <parameters");
        foreach (var (name, value) in parameters)
            text.Append(' ').Append(name).Append("=\"").Append(Escape(value)).Append('"');
        text.Append("/>\n");
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Escape(string value) => value.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")
        .Replace("\"", "&quot;").Replace("\t", "&#9;").Replace("\n", "&#10;").Replace("\r", "&#13;");
}
