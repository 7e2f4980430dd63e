using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Allocation;

/// <summary>Turns colocation constraints and groups into colocations between instances.</summary>
internal static class Colocations
{
    // Pacemaker's own name for it, which matters among constraints of equal importance.
    private const string GroupId = "group:internal_colocation";

    public static void Unfold(WorkingCluster cluster)
    {
        foreach (var constraint in cluster.Model.Colocations)
        {
            if (constraint.Score == 0) continue;
            if (cluster.Find(constraint.Dependent) is not { } dependent
                || cluster.Find(constraint.Primary) is not { } primary)
            {
                cluster.Remarks.Add($"colocation {constraint.Id} names a resource that does not exist");
                continue;
            }

            Add(new Colocation(constraint.Id, dependent, primary, constraint.Score,
                constraint.NodeAttribute, constraint.Influence && dependent.Critical));
        }

        foreach (var resource in cluster.Resources) UnfoldGroups(resource);
        foreach (var resource in cluster.Resources) Sort(resource);
    }

    // Those with what matters most come first, clones before the others; what a group follows comes after what its
    // first member follows by itself. Among equals the latest comes first, as in Pacemaker.
    private static void Sort(Instance resource)
    {
        Sort(resource.ThisWith, one => one.Whole == one.Dependent, one => one.Primary);
        Sort(resource.WithThis, _ => true, one => one.Whole);
        foreach (var member in resource.Members) Sort(member);
    }

    private static void Sort(
        List<Colocation> colocations, Func<Colocation, bool> isOwn, Func<Colocation, Instance> other)
    {
        if (colocations.Count < 2) return;
        colocations.Reverse();
        var sorted = colocations.OrderByDescending(isOwn)
            .ThenByDescending(one => other(one).Priority).ThenByDescending(one => other(one).Kind)
            .ThenBy(one => other(one).Id, StringComparer.Ordinal).ToList();
        colocations.Clear();
        colocations.AddRange(sorted);
    }

    private static void UnfoldGroups(Instance resource)
    {
        if (resource.Kind == ResourceKind.Group)
        {
            for (var i = 1; i < resource.Members.Count; i++)
                Add(new Colocation(GroupId, resource.Members[i], resource.Members[i - 1], Score.Infinity,
                    "#uname", resource.Members[i].Critical));
            return;
        }

        foreach (var member in resource.Members) UnfoldGroups(member);
    }

    // A group follows others by its first member, and is followed by way of its last, once it is its turn to be placed.
    private static void Add(Colocation colocation)
    {
        var dependent = colocation.Dependent is { Kind: ResourceKind.Group, Members: [var first, ..] }
            ? first : colocation.Dependent;
        if (dependent == colocation.Primary) return;
        dependent.ThisWith.Add(colocation with { Dependent = dependent });
        colocation.Primary.WithThis.Add(colocation with { Dependent = dependent });
    }
}
