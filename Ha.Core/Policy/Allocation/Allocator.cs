using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Puts every resource on a node, primaries of colocations first.</summary>
internal sealed class Allocator(WorkingCluster cluster)
{
    private readonly ColocationScores colocations = new(cluster);
    private readonly ColocationWishes wishes = new(cluster);

    public void AssignAll()
    {
        foreach (var resource in cluster.Resources) Assign(resource);
    }

    /// <summary>Puts a resource, and before it everything it depends on.</summary>
    public void Assign(Instance instance)
    {
        // A member is never placed before the whole it belongs to.
        var whole = instance.Outermost;
        if (whole != instance && !whole.Assigning) Assign(whole);
        if (instance.Assigned || instance.Assigning) return;
        instance.Assigning = true;
        switch (instance.Kind)
        {
            case ResourceKind.Primitive:
                AssignPrimitive(instance, prefer: null);
                break;
            case ResourceKind.Group:
                PrepareGroup(instance);
                foreach (var member in instance.Members) Assign(member);
                break;
            case ResourceKind.Clone:
                new CloneAllocator(cluster, this, wishes).Assign(instance);
                break;
        }

        instance.Assigned = true;
        instance.Assigning = false;
    }

    // A group is followed by way of its last member. It follows by its first; where one is not managed, it cannot lead
    // those after it, who then follow by themselves what they must.
    internal static void PrepareGroup(Instance group)
    {
        if (group.Members is not [var first, ..]) return;
        first.ThisWith.AddRange(group.ThisWith);
        group.ThisWith.Clear();
        group.Members[^1].WithThis.AddRange(group.WithThis);
        group.WithThis.Clear();
        var own = first.ThisWith.FindAll(one => one.Whole != first && one.Score >= Score.Infinity);
        foreach (var member in group.Members.SkipWhile(one => one.Managed).Skip(1))
        {
            if (member != first) member.ThisWith.InsertRange(0, Enumerable.Reverse(own));
        }
    }

    /// <summary>Puts a primitive; on the preferred node when no other is better.</summary>
    public void AssignPrimitive(Instance primitive, NodeView? prefer)
    {
        foreach (var colocation in primitive.ThisWith)
        {
            Assign(colocation.Primary);
            if (colocation.Primary.Assigned || colocation.Primary.Primitives.All(one => one.Assigned))
                colocations.Follow(primitive, colocation);
        }

        wishes.Heed(primitive);
        if (!primitive.Managed)
        {
            Keep(primitive);
            return;
        }

        if (primitive.NextRole == Role.Stopped)
            primitive.StoppedBecause = primitive.Orphan ? "is not configured any more"
                : primitive.FailedOperations is [.., var (_, failure)] && !primitive.WantedStopped
                    ? $"stays down: {failure.Name} failed ({Observation.Ending(failure)}), and on-fail says stop"
                : "is wanted stopped (target-role)";
        else if (cluster.Options.StopAllResources)
            primitive.StoppedBecause = "is stopped like everything (stop-all-resources)";
        if (primitive.StoppedBecause.Length > 0) primitive.Scores.BanEverywhere("");
        var best = Best(primitive);
        if (prefer is { CanRun: true } && best is not null
            && primitive.Scores[prefer.Index] >= primitive.Scores[best.Index]) best = prefer;
        Put(primitive, best);
    }

    // What is not managed stays as it is.
    private static void Keep(Instance primitive)
    {
        primitive.Target = primitive.RunningOn.FirstOrDefault();
        primitive.NextRole = primitive.Target is null ? Role.Stopped : Role.Started;
        if (primitive.Target is { } node) node.Assigned++;
    }

    private static void Put(Instance primitive, NodeView? node)
    {
        primitive.Target = node;
        if (node is null)
        {
            primitive.NextRole = Role.Stopped;
            return;
        }

        primitive.NextRole = Role.Started;
        node.Assigned++;
    }

    /// <summary>Greatest score; among equals where it runs now, then the node with least to do, then by name.</summary>
    private NodeView? Best(Instance primitive)
    {
        NodeView? best = null;
        foreach (var node in cluster.Nodes)
        {
            if (!node.CanRun || primitive.Scores[node.Index] < 0) continue;
            if (best is null || IsBetter(primitive, node, best)) best = node;
        }

        return best;
    }

    private static bool IsBetter(Instance primitive, NodeView node, NodeView than)
    {
        int a = primitive.Scores[node.Index], b = primitive.Scores[than.Index];
        if (a != b) return a > b;
        var current = primitive.Current;
        if (a > 0 && (node == current || than == current)) return node == current;
        if (node.Assigned != than.Assigned) return node.Assigned < than.Assigned;
        if (node == current || than == current) return node == current;
        return string.CompareOrdinal(node.Name, than.Name) < 0;
    }
}
