using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy.Model;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Finds orders that run in a circle: each of its resources would wait for the others for ever.</summary>
internal sealed class OrderCycles
{
    private const int LongestShown = 12;

    // What comes next, with the order (or group) that says so.
    private readonly Dictionary<string, List<(string Next, string At)>> edges = new(StringComparer.Ordinal);
    private readonly HashSet<string> finished = new(StringComparer.Ordinal);
    private readonly HashSet<string> reported = new(StringComparer.Ordinal);
    private readonly DocumentFindings findings;

    private OrderCycles(DocumentFindings findings) => this.findings = findings;

    public static void Check(ConfigurationDocument document, DocumentNames names)
    {
        var cycles = new OrderCycles(names.Findings);
        for (var i = 0; i < document.Groups.Length; i++)
        {
            var members = document.Groups[i].Members;
            for (var j = 1; j < members.Length; j++)
                cycles.Add(members[j - 1], members[j], Pointer.To("/groups", i));
        }

        for (var i = 0; i < document.Orders.Length; i++)
        {
            foreach (var order in ConstraintCompiler.Orders([document.Orders[i]]))
                cycles.Add(order, Pointer.To("/orders", i), names);
        }

        foreach (var resource in document.Resources) cycles.Walk(resource.Id);
    }

    // Starts only: stops run the other way round, and an order of a start after a stop closes no circle of starts.
    private void Add(OrderConstraint order, string at, DocumentNames names)
    {
        if (order.Kind == OrderKind.Serialize || order.FirstAction != order.ThenAction) return;
        var starts = order.FirstAction == OrderedAction.Start;
        if (!starts && !order.Symmetrical) return;
        foreach (var first in order.First)
        {
            var (earlier, later) = starts ? (first, order.Then) : (order.Then, first);
            if (earlier == later || names.Primitives(earlier) is not [.., var last]
                || names.Primitives(later) is not [var begin, ..])
                continue;
            Add(last, begin, at);
        }
    }

    private void Add(string first, string then, string at)
    {
        if (first == then || first.Length == 0 || then.Length == 0) return;
        if (!edges.TryGetValue(first, out var next)) edges[first] = next = [];
        next.Add((then, at));
    }

    // Depth first without recursion: the path may be as long as there are resources.
    private void Walk(string start)
    {
        if (finished.Contains(start)) return;
        var path = new List<(string Id, int Next, string At)> { (start, 0, "") };
        var onPath = new HashSet<string>(StringComparer.Ordinal) { start };
        while (path.Count > 0)
        {
            var (id, number, at) = path[^1];
            if (!edges.TryGetValue(id, out var next) || number >= next.Count)
            {
                finished.Add(id);
                onPath.Remove(id);
                path.RemoveAt(path.Count - 1);
                continue;
            }

            path[^1] = (id, number + 1, at);
            var (then, because) = next[number];
            if (onPath.Contains(then)) Report(path, then, because);
            else if (!finished.Contains(then))
            {
                onPath.Add(then);
                path.Add((then, 0, because));
            }
        }
    }

    private void Report(List<(string Id, int Next, string At)> path, string closing, string because)
    {
        var circle = path.SkipWhile(step => step.Id != closing).ToList();
        // The last order of the circle is where it can be broken; a group cannot be.
        var at = circle.Skip(1).Select(step => step.At).Append(because)
            .Where(one => one.StartsWith("/orders", StringComparison.Ordinal)).DefaultIfEmpty(because)
            .MaxBy(one => int.TryParse(one[(one.LastIndexOf('/') + 1)..], out var index) ? index : -1)!;
        if (!reported.Add(at)) return;
        var shown = string.Join(" -> ", circle.Take(LongestShown).Select(step => Printable(step.Id)));
        var more = circle.Count > LongestShown ? " -> ..." : "";
        findings.Error(at, $"the order runs in a circle: {shown}{more} -> {Printable(closing)}",
            "remove one of the orders, or exchange its first and then; members of a group are ordered already");
    }
}
