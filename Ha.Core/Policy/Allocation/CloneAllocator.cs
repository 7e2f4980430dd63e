using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Spreads the copies of a clone: first those that may stay where they run, then the others.</summary>
internal sealed class CloneAllocator(WorkingCluster cluster, Allocator allocator, ColocationWishes wishes)
{
    private readonly int[] copiesOn = new int[cluster.Nodes.Length];

    public void Assign(Instance clone)
    {
        foreach (var colocation in clone.ThisWith) allocator.Assign(colocation.Primary);
        wishes.HeedWithoutHarm(clone);
        var copies = Sorted(clone);
        var settings = clone.Clone!;
        var available = cluster.Nodes.Count(node => node.CanRun);
        var share = available == 0 ? 1 : Math.Max(1, settings.Max / available);
        var chosen = settings.Max < available;
        var assigned = 0;
        foreach (var copy in copies)
        {
            if (assigned >= settings.Max) break;
            if (CurrentOf(copy) is not { CanRun: true } node || copy.Failed || copiesOn[node.Index] >= share) continue;
            if (Assign(copy, clone, node, chosen)) assigned++;
        }

        foreach (var copy in copies)
        {
            if (copy.Assigned) continue;
            if (assigned < settings.Max)
            {
                if (Assign(copy, clone, null, chosen)) assigned++;
                continue;
            }

            foreach (var primitive in copy.Primitives)
            {
                primitive.Scores.BanEverywhere("");
                primitive.StoppedBecause = "is not needed: enough copies run (clone-max)";
                primitive.Assigned = true;
            }

            copy.Assigned = true;
        }

        if (!settings.Unique && !cluster.Options.AsPacemaker) KeepRunning(clone);
    }

    // Copies that do not differ: rather than one stopped and another started on the same node, the one that is there
    // stays. Otherwise plans could exchange them for ever.
    private static void KeepRunning(Instance clone)
    {
        foreach (var leaving in clone.Members)
        {
            if (leaving.Place is not null || CurrentOf(leaving) is not { } node || leaving.Orphan) continue;
            var coming = clone.Members.Find(one => one.Place == node && !one.IsActive && !one.Orphan);
            if (coming is null) continue;
            foreach (var (one, other) in leaving.Primitives.Zip(coming.Primitives))
            {
                (one.Target, other.Target) = (other.Target, one.Target);
                (one.NextRole, other.NextRole) = (other.NextRole, one.NextRole);
                (one.StoppedBecause, other.StoppedBecause) = (other.StoppedBecause, one.StoppedBecause);
                (one.Scores, other.Scores) = (other.Scores, one.Scores);
            }
        }
    }

    private bool Assign(Instance copy, Instance clone, NodeView? prefer, bool chosen)
    {
        Inherit(copy, clone, chosen);
        if (prefer is not null && copy.Scores[prefer.Index] < 0) return false;
        foreach (var node in cluster.Nodes) Rule(copy, clone, node);
        var backup = copy.Scores.Copy();
        Put(copy, prefer);
        // A group is where the first of its members is that is put anywhere.
        var place = copy.Primitives.Select(one => one.Target).FirstOrDefault(node => node is not null);
        if (place is not null && prefer is not null && place != prefer)
        {
            // Better elsewhere: it is looked at again when all that stay have their place. Pacemaker forgets to take
            // back the members of a group, and does not count them.
            copy.Scores = backup;
            if (copy.Kind == ResourceKind.Primitive || !cluster.Options.AsPacemaker) TakeBack(copy);
            return false;
        }

        if (place is null) return false;
        copiesOn[place.Index]++;
        return true;
    }

    private static void TakeBack(Instance copy)
    {
        copy.Assigned = false;
        foreach (var primitive in copy.Primitives)
        {
            primitive.Assigned = false;
            if (primitive.Target is { } node) node.Assigned--;
            primitive.Target = null;
        }
    }

    private void Put(Instance copy, NodeView? prefer)
    {
        copy.Assigning = true;
        if (copy.Kind == ResourceKind.Group) Allocator.PrepareGroup(copy);
        foreach (var primitive in copy.Primitives)
        {
            if (primitive.Assigned) continue;
            primitive.Assigning = true;
            allocator.AssignPrimitive(primitive, prefer);
            primitive.Assigned = true;
            primitive.Assigning = false;
        }

        copy.Assigned = true;
        copy.Assigning = false;
    }

    // Wishes to be near count for single copies only when not every node gets one.
    private static void Inherit(Instance copy, Instance clone, bool chosen)
    {
        foreach (var colocation in clone.ThisWith)
        {
            if (chosen || colocation.Score < 0 || colocation.Score >= Score.Infinity)
                copy.ThisWith.Insert(0, colocation);
        }

        foreach (var colocation in clone.WithThis)
        {
            if (colocation.HasInfluence && (chosen || colocation.Score < 0)) copy.WithThis.Insert(0, colocation);
        }
    }

    private void Rule(Instance copy, Instance clone, NodeView node)
    {
        // Where the clone is not wanted, no copy is, however much it would like to stay.
        if (!node.CanRun || copy.Orphan || clone.Scores[node.Index] < 0) AddToAll(copy, node, -Score.Infinity, "");
        else if (copiesOn[node.Index] >= clone.Clone!.NodeMax)
            AddToAll(copy, node, -Score.Infinity, "has as many copies as it may have");
    }

    private static void AddToAll(Instance instance, NodeView node, int score, string reason)
    {
        instance.Scores.Add(node.Index, score, reason);
        foreach (var member in instance.Members) AddToAll(member, node, score, reason);
    }

    private static NodeView? CurrentOf(Instance copy) =>
        copy.Kind == ResourceKind.Primitive ? copy.Current
            : copy.Primitives.Select(one => one.Current).FirstOrDefault(node => node is not null);

    private Instance[] Sorted(Instance clone) =>
        [.. clone.Members.Order(Comparer<Instance>.Create((a, b) => Compare(clone, a, b)))];

    // Those on fewer nodes first; then those that may stay, running ones, sound ones.
    private int Compare(Instance clone, Instance a, Instance b)
    {
        int onA = NodesOf(a), onB = NodesOf(b);
        if (onA > 0 && onB > 0 && onA != onB) return onA.CompareTo(onB);
        NodeView? nodeA = CurrentOf(a), nodeB = CurrentOf(b);
        var mayA = nodeA is null || a.Scores[nodeA.Index] >= 0;
        var mayB = nodeB is null || b.Scores[nodeB.Index] >= 0;
        if (mayA != mayB) return mayA ? -1 : 1;
        if (!mayA) nodeA = null;
        if (!mayB) nodeB = null;
        if (a.Priority != b.Priority) return b.Priority.CompareTo(a.Priority);
        if (nodeA is null || nodeB is null) return (nodeA is null ? 1 : 0) - (nodeB is null ? 1 : 0);
        if (nodeA.CanRun != nodeB.CanRun) return nodeA.CanRun ? -1 : 1;
        var (failedA, failedB) = (a.Primitives.Any(one => one.Failed), b.Primitives.Any(one => one.Failed));
        if (failedA != failedB) return failedA ? 1 : -1;
        // Where nothing can run anything, nobody wishes anything.
        var byPull = nodeA.CanRun ? wishes.Pull(clone, nodeB).CompareTo(wishes.Pull(clone, nodeA)) : 0;
        return byPull != 0 ? byPull : string.CompareOrdinal(a.Id, b.Id);
    }

    private static int NodesOf(Instance copy) => copy.Primitives.SelectMany(one => one.RunningOn).Distinct().Count();
}
