using Ha.Core.Policy.Actions;
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
        foreach (var resource in cluster.Resources.Where(one => one.IsExclusive)) Exclude(cluster, resource);
        foreach (var primitive in cluster.Primitives) Apply(cluster, primitive);
    }

    // What was found in the history stays; everything else starts from "not allowed".
    private static void RequireEnabling(WorkingCluster cluster)
    {
        foreach (var instance in cluster.Resources.SelectMany(AllIn))
        {
            instance.Scores.RequireEnabling();
        }
    }

    private static IEnumerable<Instance> AllIn(Instance instance) =>
        instance.Members.SelectMany(AllIn).Prepend(instance);

    private static void Apply(WorkingCluster cluster, LocationConstraint location)
    {
        if (cluster.Find(location.Resource) is not { } resource) return;
        if (location.Discovery == ResourceDiscovery.Exclusive) resource.IsExclusive = true;
        if (location.Node is { } name)
        {
            if (cluster.NodeByName(name) is { } node) Prefer(resource, node, location.Score, location);
            return;
        }

        foreach (var node in cluster.Nodes)
        {
            var context = cluster.Context(node) with { Agent = resource.Model.Agent };
            if (location.Rule is not { } rule || !RuleEvaluation.Holds(rule, context)) continue;
            var score = location.ScoreAttribute is { } attribute
                ? Score.TryParse(node.Attribute(attribute) ?? "") ?? -Score.Infinity : location.Score;
            Prefer(resource, node, score, location);
        }
    }

    // A group counts a finite preference once, by its first member; infinite ones hold for every member.
    private static void Prefer(Instance resource, NodeView node, int score, LocationConstraint location)
    {
        if (location.Discovery != ResourceDiscovery.Always)
        {
            foreach (var one in AllIn(resource)) one.Discover(node.Index, location.Discovery);
        }

        Prefer(resource, node, score, location.Why ?? Words(location, score), told: location.Why is null);
    }

    private static void Exclude(WorkingCluster cluster, Instance resource)
    {
        foreach (var one in AllIn(resource))
        {
            foreach (var node in cluster.Nodes)
            {
                if (one.Discovery?[node.Index] != ResourceDiscovery.Exclusive)
                    one.Scores.Add(node.Index, -Score.Infinity, "is none of the nodes that are meant for it alone");
            }
        }
    }

    private static string Words(LocationConstraint location, int score) => score switch
    {
        <= -Score.Infinity => $"is ruled out by {location.Id}",
        < 0 => $"is disliked by {location.Id}",
        >= Score.Infinity => $"is the one that {location.Id} asks for",
        _ => $"is preferred by {location.Id}",
    };

    private static void Prefer(Instance resource, NodeView node, int score, string reason, bool told)
    {
        resource.Scores.Prefer(node.Index, score, reason, told);
        var first = true;
        foreach (var member in resource.Members)
        {
            var repeats = resource.Kind == ResourceKind.Clone || first;
            Prefer(member, node, repeats ? score : 0, reason, told);
            first = false;
        }
    }

    private static void Apply(WorkingCluster cluster, Instance primitive)
    {
        if (primitive.Managed && primitive.RunningOn is [var current] && primitive.Stickiness > 0)
            primitive.Scores.Add(current.Index, primitive.Stickiness, Presence(primitive, current));
        else foreach (var node in primitive.RunningOn) primitive.Scores.Tell(node.Index, Presence(primitive, node));

        foreach (var node in cluster.Nodes)
        {
            if (primitive.MigrationThreshold <= 0 || primitive.FailureIgnored
                || primitive.FailuresCleared.Contains(node)) continue;
            var failures = FailureTimeouts.Count(cluster, primitive, node);
            if (failures > 0 && failures >= primitive.MigrationThreshold
                && !ParameterDigests.HaveFailuresEnded(cluster, primitive, node))
            {
                // Copies that do not differ all stay away.
                var banned = primitive.OfClone is { Clone.Unique: false } clone ? clone : primitive;
                banned.Ban(node, WhyBanned(cluster, primitive, node, failures));
            }
        }
    }

    private static string Presence(Instance primitive, NodeView node) =>
        primitive.FailedOperations.Exists(one => one.Node == node && one.Record.Name == "start")
            ? "may run it still" : "runs it now";

    // A failed start bans at once; so many other failures do.
    private static string WhyBanned(WorkingCluster cluster, Instance primitive, NodeView node, int failures)
    {
        if (failures < Score.Infinity)
        {
            var limit = NodeScores.Text(primitive.MigrationThreshold);
            return $"has seen {primitive.Id} fail {(failures == 1 ? "once" : $"{failures} times")} "
                + $"(migration-threshold {limit})";
        }

        var failure = FailureTimeouts.Of(cluster, primitive, node).FirstOrDefault(one => one.Count >= Score.Infinity);
        if (failure is { Detail.Length: > 0 }) return $"could not run {primitive.Id} ({failure.Detail})";
        var operation = failure?.Operation.Split('_')[0] is { Length: > 0 } name ? name : "an operation";
        return primitive.FailedOperations.FirstOrDefault(one => one.Node == node && one.Record.Name == operation)
            is { Record: { } record }
            ? $"could not run {primitive.Id} ({operation} failed: {Observation.Ending(record)})"
            : $"could not run {primitive.Id} ({operation} failed)";
    }
}
