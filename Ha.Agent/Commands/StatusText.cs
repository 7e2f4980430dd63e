using System.Text;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>
/// The cluster on one screen, for somebody who was just woken up: what serves where first, then the nodes, then what is
/// going on, then what was wrong lately.
/// </summary>
internal static class StatusText
{
    /// <summary>A snapshot older than this means that the heartbeat loop does not answer.</summary>
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(3);

    /// <summary>The whole screen.</summary>
    public static string Of(ClusterSnapshot cluster, IReadOnlyList<JournalEntry> warnings, DateTimeOffset now)
    {
        var text = new StringBuilder();
        var age = now - cluster.TakenAt;
        text.AppendLine($"Cluster {cluster.Cluster} as {cluster.Node} sees it, {Words.Duration(age)} old");
        if (age > Stale)
            text.AppendLine($"STALE: the heartbeat loop of {cluster.Node} has not answered for {Words.Duration(age)}");
        text.AppendLine();
        text.Append(Groups(cluster, now)).AppendLine();
        text.Append(Nodes(cluster, now));
        Work(text, cluster, now);
        text.AppendLine().AppendLine($"Promise: {cluster.Promise}");
        foreach (var warning in cluster.Warnings) text.AppendLine($"Configuration: {warning}");
        if (warnings.Count > 0) text.AppendLine().AppendLine("Last warnings and errors");
        foreach (var entry in warnings) text.AppendLine($"  {Words.Line(entry)}");
        return text.ToString();
    }

    /// <summary>Groups with their resources.</summary>
    public static string Groups(ClusterSnapshot cluster, DateTimeOffset now)
    {
        var text = new StringBuilder();
        if (cluster.Groups.IsEmpty) text.AppendLine("No resource groups (haresources is empty)");
        var resources = cluster.Groups.SelectMany(static group => group.Resources).ToList();
        var ids = resources.Select(static one => one.Id.Length).DefaultIfEmpty().Max();
        var types = resources.Select(static one => one.Type.Length).DefaultIfEmpty().Max();
        foreach (var group in cluster.Groups)
        {
            var where = group.ActiveOn.IsEmpty ? "nowhere" : $"on {string.Join(" and ", group.ActiveOn)}";
            var state = Words.Of(group.State).ToUpperInvariant();
            text.AppendLine($"{Name(group)}  {state} {where}, for {Words.Duration(now - group.Since)}");
            if (group.Reason.Length > 0) text.AppendLine($"  {group.Reason}");
            foreach (var resource in group.Resources)
            {
                var states = string.Join("  ", resource.Nodes.Select(State));
                text.AppendLine($"  {resource.Id.PadRight(ids)}  {resource.Type.PadRight(types)}  {states}");
            }
        }

        return text.ToString();
    }

    /// <summary>Nodes with their links.</summary>
    public static string Nodes(ClusterSnapshot cluster, DateTimeOffset now)
    {
        var text = new StringBuilder();
        foreach (var node in cluster.Nodes)
        {
            var mode = node.Mode == NodeMode.Standby ? ", standby" : "";
            var coordinator = node.IsCoordinator ? ", coordinator" : "";
            var product = node.Product == NodeProduct.Heartbeat ? ", Linux-HA Heartbeat" : "";
            var heard = node.IsLocal ? ", this node" : $", {Heard(node.LastHeardAt, now)}";
            var state = Words.Of(node.State).ToUpperInvariant();
            text.AppendLine($"Node {node.Name}  {state}{mode}{coordinator}{product}{heard}");
            if (node.Reason.Length > 0) text.AppendLine($"  {node.Reason}");
            foreach (var link in node.Links)
                text.AppendLine($"  link {link.Medium}  {Words.Of(link.State)}, {Heard(link.LastHeardAt, now)}");
        }

        return text.ToString();
    }

    private static void Work(StringBuilder text, ClusterSnapshot cluster, DateTimeOffset now)
    {
        if (cluster.Transition is { } transition)
        {
            text.AppendLine().AppendLine($"Transition {transition.Id}: {transition.Why}");
            foreach (var step in transition.Actions)
                text.AppendLine($"  {Words.Of(step.Operation)} {step.Resource} on {step.Node}  {Words.Of(step.State)}");
        }

        foreach (var operation in cluster.Operations.Where(static operation =>
            operation.State is OperationState.Queued or OperationState.Running))
        {
            text.AppendLine().AppendLine($"Operation {operation.Title}  {Words.Of(operation.State)}, asked for by " +
                $"{operation.Actor} {Words.Duration(now - operation.RequestedAt)} ago{Because(operation.Reason)}");
            foreach (var step in operation.Steps) text.AppendLine($"  {step.Title}  {Words.Of(step.State)}");
        }
    }

    private static string Heard(DateTimeOffset? last, DateTimeOffset now) =>
        last is { } at ? $"heard {Words.Duration(now - at)} ago" : "never heard";

    private static string State(ResourceOnNode on)
    {
        var detail = on.Detail.Length > 0 ? $" ({on.Detail.ReplaceLineEndings(" / ")})" : "";
        return $"{on.Node} {Words.Of(on.State)}{detail}";
    }

    private static string Because(string reason) => reason.Length > 0 ? $": {reason}" : "";

    private static string Name(GroupSnapshot group)
    {
        var vips = group.Resources.Where(static resource => resource.Vip is not null)
            .Select(static resource => $"{resource.Vip!.Address}/{resource.Vip.PrefixLength}").ToArray();
        return vips.Length > 0 ? $"VIP {string.Join(", ", vips)}" : $"Group {group.Id}";
    }
}
