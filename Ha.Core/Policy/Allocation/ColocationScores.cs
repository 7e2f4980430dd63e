using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>What colocations do to scores, in both directions.</summary>
internal sealed class ColocationScores(WorkingCluster cluster)
{
    private readonly HashSet<Instance> merging = [];

    /// <summary>Lets a dependent follow its placed primary.</summary>
    public void Follow(Instance dependent, Colocation colocation)
    {
        if (colocation is { Primary: { Kind: ResourceKind.Clone } clone, Whole: { Kind: ResourceKind.Clone } own }
            && own.Clone!.Interleave && own.Clone.NodeMax == clone.Clone!.NodeMax)
        {
            // Copies of interleaved clones go in pairs.
            if (PartnerOnBestNode(dependent, clone) is { } partner)
                Follow(dependent, colocation with { Primary = partner });
            else if (colocation.Score >= Score.Infinity)
                dependent.Scores.BanEverywhere($"has no copy of {clone.Id} to go with");
            return;
        }

        if (colocation.Primary is { Kind: ResourceKind.Clone } several && Math.Abs(colocation.Score) < Score.Infinity)
        {
            foreach (var copy in several.Members)
            {
                if (copy.Outermost != dependent.Outermost) Follow(dependent, colocation with { Primary = copy });
            }

            return;
        }

        var places = Places(dependent, colocation);
        var change = new int[cluster.Nodes.Length];
        foreach (var node in cluster.Nodes)
        {
            var together = places.Exists(place => SamePlace(place, node, colocation.NodeAttribute));
            change[node.Index] = together ? Attraction(colocation, node)
                : colocation.Score >= Score.Infinity ? -Score.Infinity
                // Who would like to be with what runs nowhere likes every node less.
                : places.Count == 0 && colocation.Score > 0 ? -colocation.Score : 0;
        }

        // A mere wish may not leave the dependent without any node.
        if (Math.Abs(colocation.Score) < Score.Infinity
            && !AnyAvailable(change.Length, node => Score.Add(dependent.Scores[node], change[node]))) return;
        for (var node = 0; node < change.Length; node++)
        {
            if (change[node] != 0)
                dependent.Scores.Add(node, change[node], Words(colocation, change[node], places));
        }
    }

    private static string Words(Colocation colocation, int change, List<NodeView> places)
    {
        var primary = colocation.Primary.Id;
        if (change > 0) return $"has {primary} too";
        if (colocation.Score <= -Score.Infinity) return $"has {primary}, which it must be apart from";
        if (colocation.Score < Score.Infinity) return $"has {primary}, which it would rather be apart from";
        var where = places.Count == 0 ? "runs nowhere" : "is on " + string.Join(", ", places.Select(one => one.Name));
        return $"must be together with {primary} which {where}";
    }

    // A must only rules out other nodes, so that what speaks against the primary's node is still heard. Any copy of a
    // clone will do: the one whose node likes it best attracts most.
    private static int Attraction(Colocation colocation, NodeView node)
    {
        if (colocation.Score < Score.Infinity) return colocation.Score;
        if (colocation.Primary.Kind != ResourceKind.Clone) return 0;
        // What is not managed was not put there because the node is liked.
        return colocation.Primary.Primitives.FirstOrDefault(one => one.Target == node)
            is { Managed: true } copy ? copy.Scores[node.Index] : 0;
    }

    /// <summary>Lets the wishes of dependents, and of their dependents, influence where their primary goes.</summary>
    public void Heed(Instance primary)
    {
        merging.Clear();
        merging.Add(primary);
        foreach (var colocation in primary.WithThis)
        {
            if (!colocation.HasInfluence) continue;
            int[] before = [.. cluster.Nodes.Select(node => primary.Scores[node.Index])];
            var scores = Merge(colocation, before, (decimal)colocation.Score / Score.Infinity);
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
        merging.Clear();
        merging.Add(clone);
        foreach (var colocation in clone.WithThis)
        {
            if (!colocation.HasInfluence) continue;
            int[] before = [.. cluster.Nodes.Select(node => clone.Scores[node.Index])];
            var scores = Merge(colocation, before, (decimal)colocation.Score / Score.Infinity, withoutHarm: true);
            foreach (var node in cluster.Nodes)
            {
                var difference = scores[node.Index] - before[node.Index];
                if (before[node.Index] > -Score.Infinity) clone.Scores.Add(node.Index, difference, "");
            }
        }
    }

    /// <summary>What colocations of a clone, either way, make of each node.</summary>
    public int[] Pull(Instance clone)
    {
        merging.Clear();
        merging.Add(clone);
        var pull = new int[cluster.Nodes.Length];
        foreach (var colocation in clone.ThisWith)
            pull = Merge(colocation with { Dependent = LastOf(colocation.Primary) }, pull,
                (decimal)colocation.Score / Score.Infinity);
        foreach (var colocation in clone.WithThis)
        {
            if (colocation.HasInfluence)
                pull = Merge(colocation, pull, (decimal)colocation.Score / Score.Infinity, withoutHarm: true);
        }

        return pull;
    }

    private static Instance LastOf(Instance whole) =>
        whole is { Kind: ResourceKind.Group, Members: [.., var last] } ? last : whole;

    private static Instance? PartnerOnBestNode(Instance dependent, Instance clone)
    {
        Instance? best = null;
        NodeView? on = null;
        foreach (var copy in clone.Members)
        {
            if (copy.Primitives.FirstOrDefault() is not { } first || Placed(first) is not { } node
                || copy.Primitives.Any(one => one.Blocked)) continue;
            if (on is not null && !IsBetter(dependent, node, on)) continue;
            (best, on) = (copy, node);
        }

        return best;
    }

    private static bool IsBetter(Instance dependent, NodeView node, NodeView than)
    {
        var (a, b) = (Usable(node), Usable(than));
        if (a != b) return a > b;
        if (node.Assigned != than.Assigned) return node.Assigned < than.Assigned;
        return string.CompareOrdinal(node.Name, than.Name) < 0;

        int Usable(NodeView one) => one.CanRun ? dependent.Scores[one.Index] : -Score.Infinity;
    }

    // When the wishes would leave no node at all they are not heeded.
    private int[] Merge(Colocation colocation, int[] scores, decimal factor, bool withoutHarm = false)
    {
        var dependent = colocation.Dependent;
        if (!merging.Add(dependent)) return scores;
        var work = (int[])scores.Clone();
        foreach (var node in cluster.Nodes)
        {
            var wish = BestWish(dependent, node, colocation.NodeAttribute);
            // Being unwanted where one must not be together is no reason to come.
            if (factor < 0 && wish < 0) continue;
            var sum = Score.Add(work[node.Index], Weigh(wish, factor));
            if (withoutHarm && sum < 0 && work[node.Index] >= 0) sum = Math.Min(work[node.Index], 1);
            work[node.Index] = sum;
        }

        if (AnyAvailable(work.Length, node => work[node]))
        {
            foreach (var next in dependent.WithThis)
            {
                if (next.HasInfluence) work = Merge(next, work, factor * next.Score / Score.Infinity, withoutHarm);
            }
        }
        else
        {
            work = scores;
        }

        merging.Remove(dependent);
        return work;
    }

    private int BestWish(Instance dependent, NodeView node, string attribute)
    {
        if (attribute == "#uname") return dependent.Scores[node.Index];
        var best = -Score.Infinity;
        foreach (var other in cluster.Nodes)
        {
            if (other.CanRun && SamePlace(other, node, attribute)) best = Math.Max(best, dependent.Scores[other.Index]);
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

    private bool AnyAvailable(int count, Func<int, int> score)
    {
        for (var node = 0; node < count; node++)
        {
            if (score(node) >= 0 && cluster.Nodes[node].CanRun) return true;
        }

        return false;
    }

    // Where the primary is: a group by its last member when the dependent must be with it, else by its first.
    private static List<NodeView> Places(Instance dependent, Colocation colocation)
    {
        var primary = colocation.Primary;
        switch (primary.Kind)
        {
            case ResourceKind.Group:
                var member = colocation.Score >= Score.Infinity ? primary.Members[^1] : primary.Members[0];
                return Placed(member) is { } place ? [place] : [];
            case ResourceKind.Clone:
                var must = colocation.Score >= Score.Infinity;
                return [.. primary.Members.Where(copy => copy.Outermost != dependent.Outermost
                        && !(must && copy.Primitives.Any(one => one.Blocked)))
                    .Select(copy => copy.Primitives.LastOrDefault()).OfType<Instance>()
                    .Select(Placed).OfType<NodeView>()];
            case ResourceKind.Primitive:
                break;
        }

        return Placed(primary) is { } single ? [single] : [];
    }

    private static NodeView? Placed(Instance primitive) => primitive.NextRole == Role.Stopped ? null : primitive.Target;

    // Nodes that lack the attribute are in the same place, too.
    private static bool SamePlace(NodeView a, NodeView b, string attribute) => attribute == "#uname" ? a == b
        : string.Equals(a.Attribute(attribute), b.Attribute(attribute), StringComparison.OrdinalIgnoreCase);
}
