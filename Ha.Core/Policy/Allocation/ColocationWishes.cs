using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Lets primaries hear where those that follow them would like to be.</summary>
internal sealed class ColocationWishes(WorkingCluster cluster)
{
    // A node that wishes have made impossible where they may do no harm: further wishes do not count there.
    private const int Spoilt = -100 * Score.Infinity;

    private readonly HashSet<Instance> merging = [];

    /// <summary>Lets the wishes of dependents, and of their dependents, influence where their primary goes.</summary>
    public void Heed(Instance primary)
    {
        foreach (var colocation in primary.WithThis)
        {
            if (!colocation.HasInfluence) continue;
            var scores = Merge(colocation, Scores(primary), Share(colocation), withoutHarm: false);
            foreach (var node in cluster.Nodes)
            {
                var difference = scores[node.Index] <= -Score.Infinity ? -Score.Infinity
                    : scores[node.Index] - primary.Scores[node.Index];
                if (difference != 0 && primary.Scores[node.Index] > -Score.Infinity)
                    primary.Scores.Add(node.Index, difference, Wish(colocation, node, difference));
            }
        }
    }

    // What favours a member favours its group, and is told by the member itself.
    private static string Wish(Colocation colocation, NodeView node, int difference)
    {
        var dependent = colocation.Dependent;
        if (difference <= -Score.Infinity)
        {
            var why = Obstacles(dependent, node, new HashSet<Instance>());
            return why.Length > 0 ? why : $"cannot run {dependent.Id}, which belongs with it";
        }

        if (dependent.Parent is { Kind: ResourceKind.Group } group && group == colocation.Primary.Parent) return "";
        return difference > 0 ? $"is a better place for {dependent.Id}" : $"is a worse place for {dependent.Id}";
    }

    private static string Obstacles(Instance dependent, NodeView node, HashSet<Instance> seen)
    {
        if (!seen.Add(dependent)) return "";
        var own = string.Join(" and ", dependent.Scores.Against(node.Index));
        if (own.Length > 0 || dependent.Scores[node.Index] <= -Score.Infinity) return own;
        return dependent.WithThis.Select(one => Obstacles(one.Dependent, node, seen))
            .FirstOrDefault(one => one.Length > 0) ?? "";
    }

    /// <summary>As <see cref="Heed"/> for a clone: wishes against a node count only as far as it stays
    /// possible.</summary>
    public void HeedWithoutHarm(Instance clone)
    {
        foreach (var colocation in clone.WithThis)
        {
            if (!colocation.HasInfluence) continue;
            var before = Scores(clone);
            var scores = Merge(colocation, before, Share(colocation), withoutHarm: true);
            foreach (var node in cluster.Nodes)
            {
                var difference = scores[node.Index] - before[node.Index];
                if (before[node.Index] > -Score.Infinity) clone.Scores.Add(node.Index, difference, "");
            }
        }
    }

    /// <summary>What colocations of a clone, either way, make of the node where one of its copies runs.</summary>
    public int Pull(Instance clone, NodeView node)
    {
        var pull = new int[cluster.Nodes.Length];
        // No other node counts.
        Array.Fill(pull, -Score.Infinity);
        pull[node.Index] = 0;
        foreach (var colocation in clone.ThisWith)
            pull = Merge(colocation.Primary, pull, new Weight(colocation.NodeAttribute, Share(colocation), false), false);
        foreach (var colocation in clone.WithThis)
        {
            if (colocation.HasInfluence)
                pull = Merge(colocation.Whole, pull, new Weight(colocation.NodeAttribute, Share(colocation), true), false);
        }

        return pull[node.Index];
    }

    private int[] Scores(Instance primary) => [.. cluster.Nodes.Select(node => primary.Scores[node.Index])];

    private static decimal Share(Colocation colocation) => (decimal)colocation.Score / Score.Infinity;

    private int[] Merge(Colocation colocation, int[] scores, decimal factor, bool withoutHarm) =>
        Merge(colocation.Whole, scores, new Weight(colocation.NodeAttribute, factor, withoutHarm), heeds: true);

    // Dependents of dependents count as the constraint between these says, and against a node when the first does.
    // When the wishes would leave no node at all they are not heeded.
    private int[] Merge(Instance source, int[] scores, Weight weight, bool heeds)
    {
        if (!merging.Add(source)) return scores;
        // A group wishes by its first member, and is followed by way of its last.
        var isGroup = source is { Kind: ResourceKind.Group, Members.Count: > 0 };
        var work = isGroup ? Merge(source.Members[0], scores, weight, heeds) : Add(source, scores, weight);
        if (AnyAvailable(work))
        {
            foreach (var next in (isGroup ? source.Members[^1] : source).WithThis)
            {
                if (!next.HasInfluence) continue;
                var further = new Weight(next.NodeAttribute, Math.Sign(weight.Factor) * Share(next), weight.WithoutHarm);
                work = Merge(next.Whole, work, further, heeds: true);
            }
        }
        else if (heeds)
        {
            merging.Remove(source);
            return scores;
        }

        for (var node = 0; node < work.Length && weight.WithoutHarm; node++)
        {
            if (work[node] == Spoilt) work[node] = 1;
        }

        merging.Remove(source);
        return work;
    }

    private int[] Add(Instance source, int[] scores, Weight weight)
    {
        var work = (int[])scores.Clone();
        foreach (var node in cluster.Nodes)
        {
            if (work[node.Index] == Spoilt) continue;
            var wish = BestWish(source, node, weight.Attribute);
            // Being unwanted where one must not be together is no reason to come.
            if (weight.Factor < 0 && wish < 0) continue;
            var sum = Score.Add(work[node.Index], Weigh(wish, weight.Factor));
            if (weight.WithoutHarm && sum < 0 && work[node.Index] >= 0) sum = work[node.Index] > 0 ? Spoilt : 0;
            work[node.Index] = sum;
        }

        return work;
    }

    private int BestWish(Instance dependent, NodeView node, string attribute)
    {
        if (attribute == "#uname") return dependent.Scores[node.Index];
        var best = -Score.Infinity;
        foreach (var other in cluster.Nodes)
        {
            if (other.CanRun && ColocationScores.SamePlace(other, node, attribute))
                best = Math.Max(best, dependent.Scores[other.Index]);
        }

        return best;
    }

    private static int Weigh(int wish, decimal factor)
    {
        var product = wish * factor;
        if (product == 0) return 0;
        var weighed = decimal.Round(product, MidpointRounding.AwayFromZero);
        // However faint, a wish counts. What rounds to nothing has the sign of the colocation, as in Pacemaker.
        if (weighed == 0) weighed = factor < 0 ? -1 : 1;
        return (int)Math.Clamp(weighed, -Score.Infinity, Score.Infinity);
    }

    private bool AnyAvailable(int[] scores)
    {
        for (var node = 0; node < scores.Length; node++)
        {
            if (scores[node] >= 0 && cluster.Nodes[node].CanRun) return true;
        }

        return false;
    }

    // How wishes count: where values of an attribute are equal, how much, and whether they may rule a node out.
    private readonly record struct Weight(string Attribute, decimal Factor, bool WithoutHarm);
}
