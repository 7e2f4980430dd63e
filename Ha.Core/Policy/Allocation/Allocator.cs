using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Puts every resource on a node, primaries of colocations first.</summary>
internal sealed class Allocator(WorkingCluster cluster)
{
    private readonly ColocationScores colocations = new(cluster);

    public void AssignAll()
    {
        foreach (var resource in cluster.Resources) Assign(resource);
    }

    private void Assign(Instance instance)
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
                foreach (var member in instance.Members) Assign(member);
                break;
            case ResourceKind.Clone:
                AssignClone(instance);
                break;
        }

        instance.Assigned = true;
        instance.Assigning = false;
    }

    private void AssignPrimitive(Instance primitive, NodeView? prefer)
    {
        foreach (var colocation in primitive.ThisWith)
        {
            Assign(colocation.Primary);
            if (colocation.Primary.Assigned || colocation.Primary.Primitives.All(one => one.Assigned))
                colocations.Follow(primitive, colocation);
        }

        colocations.Heed(primitive);
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
        var mayStay = prefer is not null && prefer.CanRun && primitive.Scores[prefer.Index] >= 0;
        Put(primitive, mayStay ? prefer : Best(primitive));
    }

    // What is not managed stays as it is.
    private static void Keep(Instance primitive)
    {
        primitive.Target = primitive.Kept ?? primitive.RunningOn.FirstOrDefault();
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
        var current = primitive.RunningOn.FirstOrDefault();
        if (a > 0 && (node == current || than == current)) return node == current;
        if (node.Assigned != than.Assigned) return node.Assigned < than.Assigned;
        if (node == current || than == current) return node == current;
        return string.CompareOrdinal(node.Name, than.Name) < 0;
    }

    private void AssignClone(Instance clone)
    {
        var settings = clone.Clone!;
        PrepareClone(clone);
        var perNode = new int[cluster.Nodes.Length];
        var available = cluster.Nodes.Count(node => node.CanRun);
        var share = available == 0 ? 1 : Math.Max(1, settings.Max / available);
        var left = settings.Max;
        List<Instance> waiting = [];
        foreach (var copy in clone.Members)
        {
            var current = copy.Primitives.SelectMany(one => one.RunningOn).FirstOrDefault();
            if (current is not null && left > 0 && current.CanRun
                && perNode[current.Index] < Math.Min(share, settings.NodeMax)
                && copy.Primitives.First().Scores[current.Index] >= 0 && clone.NextRole != Role.Stopped)
            {
                AssignCopy(copy, current, perNode, settings.NodeMax);
                if (copy.Place is not null) left--;
            }
            else
            {
                waiting.Add(copy);
            }
        }

        foreach (var copy in waiting.OrderByDescending(copy => copy.IsActive))
        {
            if (left <= 0 && copy.Primitives.All(one => one.Managed))
            {
                foreach (var primitive in copy.Primitives)
                    primitive.StoppedBecause = "is not needed: enough copies run (clone-max)";
            }

            AssignCopy(copy, null, perNode, settings.NodeMax);
            if (copy.Place is not null) left--;
        }
    }

    private void PrepareClone(Instance clone)
    {
        foreach (var colocation in clone.ThisWith)
        {
            Assign(colocation.Primary);
            if (!colocation.Primary.Primitives.All(one => one.Assigned)) continue;
            foreach (var copy in clone.Members)
            {
                if (copy.Primitives.FirstOrDefault() is { } first) colocations.Follow(first, colocation);
            }
        }

        foreach (var copy in clone.Members)
        {
            if (copy.Primitives.LastOrDefault() is not { } last) continue;
            foreach (var colocation in clone.WithThis.Where(one => !last.WithThis.Contains(one)))
                last.WithThis.Add(colocation);
        }
    }

    private void AssignCopy(Instance copy, NodeView? prefer, int[] perNode, int nodeMax)
    {
        foreach (var primitive in copy.Primitives)
        {
            foreach (var node in cluster.Nodes)
            {
                if (perNode[node.Index] >= nodeMax && copy.Primitives.First() == primitive)
                    primitive.Scores.Add(node.Index, -Score.Infinity, "has as many copies as it may have");
            }
        }

        copy.Assigning = true;
        foreach (var primitive in copy.Primitives)
        {
            primitive.Assigning = true;
            AssignPrimitive(primitive, prefer);
            primitive.Assigned = true;
            primitive.Assigning = false;
        }

        copy.Assigned = true;
        copy.Assigning = false;
        if (copy.Primitives.FirstOrDefault()?.Target is { } place) perNode[place.Index]++;
    }
}
