using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Finds resources that must be on one node and on different nodes at once.</summary>
internal sealed class Togetherness
{
    private readonly Dictionary<string, string> parents = new(StringComparer.Ordinal);
    private readonly DocumentNames names;

    private Togetherness(DocumentNames names) => this.names = names;

    public static void Check(ConfigurationDocument document, DocumentNames names)
    {
        var sets = new Togetherness(names);
        foreach (var group in document.Groups)
        {
            foreach (var member in group.Members) sets.Join(group.Members[0], member);
        }

        sets.ForEachMust(document, (_, dependent, primary, isTogether) =>
        {
            if (isTogether) sets.Join(dependent, primary);
        });
        sets.ForEachMust(document, (at, dependent, primary, isTogether) =>
        {
            if (isTogether || dependent == primary || sets.Root(dependent) != sets.Root(primary)) return;
            names.Findings.Error(at,
                $"{Quote(dependent)} and {Quote(primary)} must be apart, but a group or other colocations keep them "
                    + "together",
                "remove one of the colocations, or give one a score that is not INFINITY");
        });
    }

    // Copies of clones are on several nodes, and attributes make several nodes one place: nothing follows from those.
    private void ForEachMust(ConfigurationDocument document, Action<string, string, string, bool> action)
    {
        for (var i = 0; i < document.Colocations.Length; i++)
        {
            if (document.Colocations[i].NodeAttribute is not null) continue;
            foreach (var one in ConstraintCompiler.Colocations([document.Colocations[i]]))
            {
                if (Math.Abs(one.Score) < Score.Infinity || names.CloneAround(one.Dependent) is not null
                    || names.CloneAround(one.Primary) is not null
                    || names.Primitives(one.Dependent) is not [var dependent, ..]
                    || names.Primitives(one.Primary) is not [var primary, ..])
                    continue;
                action(Pointer.To("/colocations", i), dependent, primary, one.Score > 0);
            }
        }
    }

    private void Join(string one, string other) => parents[Root(one)] = Root(other);

    private string Root(string id)
    {
        while (parents.TryGetValue(id, out var parent) && parent != id) id = parent;
        return id;
    }
}
