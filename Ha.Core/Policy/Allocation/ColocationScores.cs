using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Lets dependents follow their placed primaries. The other direction: <see cref="ColocationWishes"/>.</summary>
internal sealed class ColocationScores(WorkingCluster cluster)
{
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
    private int Attraction(Colocation colocation, NodeView node)
    {
        if (colocation.Score < Score.Infinity) return colocation.Score;
        if (cluster.Options.AsPacemaker) return 0;
        if (colocation.Primary.Kind != ResourceKind.Clone) return 0;
        // What is not managed was not put there because the node is liked.
        return colocation.Primary.Primitives.FirstOrDefault(one => one.Target == node)
            is { Managed: true } copy ? copy.Scores[node.Index] : 0;
    }

    private static Instance? PartnerOnBestNode(Instance dependent, Instance clone)
    {
        Instance? best = null;
        NodeView? on = null;
        foreach (var copy in clone.Members)
        {
            if (copy.Location is not { } node || copy.Primitives.Any(one => one.Blocked)) continue;
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
                    .Select(copy => copy.Location).OfType<NodeView>()];
            case ResourceKind.Primitive:
                break;
        }

        return Placed(primary) is { } single ? [single] : [];
    }

    private static NodeView? Placed(Instance primitive) => primitive.NextRole == Role.Stopped ? null : primitive.Target;

    // Nodes that lack the attribute are in the same place, too.
    internal static bool SamePlace(NodeView a, NodeView b, string attribute) => attribute == "#uname" ? a == b
        : string.Equals(a.Attribute(attribute), b.Attribute(attribute), StringComparison.OrdinalIgnoreCase);
}
