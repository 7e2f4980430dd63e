using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.Allocation;

/// <summary>What speaks for and against each node before resources look at each other.</summary>
internal static class Preferences
{
    public static void Apply(WorkingCluster cluster)
    {
        if (!cluster.Options.SymmetricCluster) RequireEnabling(cluster);
        foreach (var location in cluster.Model.Locations) Apply(cluster, location);
        foreach (var primitive in cluster.Primitives) Apply(cluster, primitive);
    }

    // What was found in the history stays; everything else starts from "not allowed".
    private static void RequireEnabling(WorkingCluster cluster)
    {
        foreach (var instance in cluster.Resources.SelectMany(AllIn))
        {
            var old = instance.Scores;
            instance.Scores = new NodeScores(cluster.Nodes.Length, enabled: false);
            foreach (var node in cluster.Nodes)
            {
                if (old[node.Index] != 0)
                    instance.Scores.Prefer(node.Index, old[node.Index], old.Reasons(node.Index)[0]);
            }
        }
    }

    private static IEnumerable<Instance> AllIn(Instance instance) =>
        instance.Members.SelectMany(AllIn).Prepend(instance);

    private static void Apply(WorkingCluster cluster, LocationConstraint location)
    {
        if (cluster.Find(location.Resource) is not { } resource) return;
        if (location.Node is { } name)
        {
            if (cluster.NodeByName(name) is { } node) Prefer(resource, node, location.Score, $"location {location.Id}");
            return;
        }

        foreach (var node in cluster.Nodes)
        {
            var context = cluster.Context(node) with { Agent = resource.Model.Agent };
            if (location.Rule is not { } rule || !RuleEvaluation.Holds(rule, context)) continue;
            var score = location.ScoreAttribute is { } attribute
                ? Score.TryParse(node.Attribute(attribute) ?? "") ?? -Score.Infinity : location.Score;
            Prefer(resource, node, score, $"location {location.Id}");
        }
    }

    // A group counts a finite preference once, by its first member; infinite ones hold for every member.
    private static void Prefer(Instance resource, NodeView node, int score, string reason)
    {
        resource.Scores.Prefer(node.Index, score, reason);
        var first = true;
        foreach (var member in resource.Members)
        {
            var repeats = resource.Kind == ResourceKind.Clone || first || Math.Abs(score) >= Score.Infinity;
            Prefer(member, node, repeats ? score : 0, reason);
            first = false;
        }
    }

    private static void Apply(WorkingCluster cluster, Instance primitive)
    {
        if (primitive.Managed && primitive.RunningOn is [var current])
        {
            primitive.Scores.Add(current.Index, Math.Max(primitive.Stickiness, 0), "stickiness");
        }

        foreach (var node in cluster.Nodes)
        {
            if (primitive.MigrationThreshold <= 0 || primitive.FailureIgnored) continue;
            var failures = FailureTimeouts.Count(cluster, primitive, node);
            if (failures > 0 && failures >= primitive.MigrationThreshold)
            {
                var (count, limit) = (NodeScores.Text(failures), NodeScores.Text(primitive.MigrationThreshold));
                primitive.Scores.Add(node.Index, -Score.Infinity, $"failed {count} times, migration-threshold {limit}");
            }
        }
    }
}
