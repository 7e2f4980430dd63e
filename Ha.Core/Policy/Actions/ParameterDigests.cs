using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Tells with which parameters something was begun, by a digest that nodes keep.</summary>
internal static class ParameterDigests
{
    private const string DefaultTimeout = "20s";

    /// <summary>What a resource is started, or a monitor begun, with on a node.</summary>
    public static SortedDictionary<string, string> Parameters(
        WorkingCluster cluster, Instance resource, NodeView node, string operation, long intervalMs)
    {
        var settings = new OperationSettings(cluster, resource, operation, intervalMs);
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
        if (intervalMs > 0)
            values["CRM_meta_timeout"] = $"{Values.Duration(settings.Timeout ?? DefaultTimeout) ?? 20_000}";
        return values;
    }

    /// <summary>Whether the operation that failed last was run with other parameters than are configured now: its
    /// failures do not count any more.</summary>
    public static bool HaveFailuresEnded(WorkingCluster cluster, Instance resource, NodeView node) =>
        resource.Model.Digest is null && cluster.Model.History.Any(history => history.NodeId == node.Model.Id
            && history.Resource == resource.ReportedName && history.Operations.Any(record =>
                record is { IsLastFailure: true, Name: "start" or "monitor", Digest: { } digest }
                && digest != Of(Parameters(cluster, resource, node, record.Name, record.IntervalMs))));

    /// <summary>The digest of parameters: that of a line of XML, as nodes record it.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "Compared with what nodes recorded; protects nothing.")]
    public static string Of(SortedDictionary<string, string> parameters)
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
