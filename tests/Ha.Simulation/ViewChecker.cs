using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// What nodes say of the views they are in must fit together (S7, S18): one id, one list of members, one coordinator;
/// and an id that a node has left behind does not come back. Epochs are not kept on disk: an id belongs to the life of
/// its coordinator, as in the token that every order carries.
/// </summary>
public sealed class ViewChecker(SimulationProfile profile)
{
    private readonly Dictionary<(string Id, long Life), ViewSnapshot> views = [];
    private readonly (string Id, long Life)?[] current = new (string Id, long Life)?[profile.Nodes];
    private readonly uint[] lives = new uint[profile.Nodes];
    private readonly HashSet<(int Node, uint Life, (string Id, long Life) View)> left = [];

    /// <summary>A node, in one of its lives, says which view it is in.</summary>
    public void Saw(long now, int node, uint life, ClusterSnapshot snapshot)
    {
        var view = snapshot.View;
        var id = view is null ? ((string, long)?)null : KeyOf(view, LifeOf(snapshot, view.Coordinator));
        // Nobody says anything between two lives: the next one may come into any view.
        if (lives[node] != life) current[node] = null;
        lives[node] = life;
        if (current[node] == id || IsStillIn(current[node], view)) return;
        if (current[node] is { } before) left.Add((node, life, before));
        current[node] = id;
        if (view is null || id is not { } key) return;
        if (left.Contains((node, life, key)))
            Fail("S7 view", now, $"{Name(node)} is in view {view.Id} again, which it had left");
        if (!views.TryAdd(key, view) && views[key] is var known)
        {
            if (known.Coordinator != view.Coordinator)
            {
                Fail("S7 coordinator", now,
                    $"view {view.Id} has two coordinators: {known.Coordinator} and {view.Coordinator}");
            }

            if (!HasSameMembers(known, view))
            {
                Fail("S18 members", now, $"view {view.Id} is {string.Join(' ', known.Members)} to one and "
                    + $"{string.Join(' ', view.Members)} to {Name(node)}");
            }
        }

        if (!view.Members.Contains(Name(node)))
            Fail("S18 members", now, $"{Name(node)} is in view {view.Id}, which does not name it");
    }

    // In one step it may have come into a view and learned that the coordinator of it lives anew: the view is that of the
    // earlier life.
    private (string Id, long Life) KeyOf(ViewSnapshot view, long life)
    {
        if (!views.TryGetValue((view.Id, life), out var known) || HasSameMembers(known, view)) return (view.Id, life);
        foreach (var (key, earlier) in views)
        {
            if (key.Id == view.Id && key.Life < life && HasSameMembers(earlier, view)) return key;
        }

        return (view.Id, life);
    }

    private static bool HasSameMembers(ViewSnapshot one, ViewSnapshot other) =>
        one.Members.SequenceEqual(other.Members, StringComparer.Ordinal);

    // It has learned that its coordinator lives anew; the view that it is in is still that of the earlier life.
    private bool IsStillIn((string Id, long Life)? known, ViewSnapshot? view) =>
        known is { } key && view is not null && key.Id == view.Id
        && HasSameMembers(views[key], view);

    private static long LifeOf(ClusterSnapshot snapshot, string node)
    {
        foreach (var one in snapshot.Nodes)
        {
            if (one.Name == node) return one.Generation;
        }

        return 0;
    }

    private static string Name(int node) => SimulationProfile.NodeName(node);

    private static void Fail(string rule, long now, string sentence) =>
        throw new ViolationException(new Violation(rule, now, sentence));
}
