using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Puts what is wanted into an order in which it can be done. Equal inputs give equal sequences.</summary>
internal sealed class Sequence
{
    private readonly List<PlannedAction> listed = [];
    private readonly int[] position;
    private readonly int[] waits;
    private readonly List<int>[] followers;

    private Sequence(ActionSet actions)
    {
        position = new int[actions.All.Count];
        Array.Fill(position, -1);
        foreach (var action in actions.All)
        {
            if (action.Kind == ActionKind.Milestone) List(action);
        }

        foreach (var resource in actions.Cluster.Resources) List(resource);
        foreach (var action in actions.All)
        {
            if (action.Resource is null && action.Kind != ActionKind.Milestone) List(action);
        }

        waits = new int[listed.Count];
        followers = new List<int>[listed.Count];
        for (var i = 0; i < listed.Count; i++) Wait(i);
    }

    /// <summary>Everything that is done, points in time included, each after all that it waits for.</summary>
    public static List<PlannedAction> Of(ActionSet actions)
    {
        var run = new Sequence(actions);
        var sequence = run.InRounds();
        if (sequence.Count < run.listed.Count && run.HasCircle(sequence) is { } stuck)
            actions.Cluster.Remarks.Add($"orders contradict each other at {stuck}; it is left as it is");
        return sequence;
    }

    /// <summary>Whether one action waits for another that is in the plan.</summary>
    public static bool Holds(Ordering ordering)
    {
        if (ordering.Effect == OrderEffect.None || !ordering.First.IsWanted) return false;
        return !ordering.Has(OrderEffect.Apart) || ordering.First.Node == ordering.Then.Node;
    }

    private void List(Instance resource)
    {
        for (var i = resource.Actions.Count - 1; i >= 0; i--) List(resource.Actions[i]);
        foreach (var part in resource.Members) List(part);
    }

    private void List(PlannedAction action)
    {
        if (!action.IsWanted) return;
        position[action.Number] = listed.Count;
        listed.Add(action);
    }

    private void Wait(int index)
    {
        foreach (var ordering in listed[index].Before)
        {
            if (Holds(ordering))
            {
                (followers[position[ordering.First.Number]] ??= []).Add(index);
                waits[index]++;
            }
            else if (IsInVain(ordering))
            {
                waits[index]++;
            }
        }
    }

    // What would have to be done first, and cannot be or may not be, is waited for in vain.
    private static bool IsInVain(Ordering ordering)
    {
        var first = ordering.First;
        if (ordering.Effect == OrderEffect.None || first.IsWanted || (first.Optional && !first.Shown)) return false;
        if (ordering.Has(OrderEffect.Apart) && first.Node != ordering.Then.Node) return false;
        return first.Runnable || (ordering.IsStrong && !ordering.Has(OrderEffect.OneOfSeveral));
    }

    // Each round takes, resource by resource, what is ready.
    private List<PlannedAction> InRounds()
    {
        var sequence = new List<PlannedAction>(listed.Count);
        var round = new PriorityQueue<int, int>();
        var next = new PriorityQueue<int, int>();
        for (var i = 0; i < listed.Count; i++)
        {
            if (waits[i] == 0) round.Enqueue(i, i);
        }

        while (round.Count > 0 || next.Count > 0)
        {
            if (round.Count == 0) (round, next) = (next, round);
            var index = round.Dequeue();
            sequence.Add(listed[index]);
            foreach (var follower in followers[index] ?? [])
            {
                if (--waits[follower] == 0) (follower > index ? round : next).Enqueue(follower, follower);
            }
        }

        return sequence;
    }

    // What is left either waits in vain, or for itself.
    private PlannedAction? HasCircle(List<PlannedAction> sequence)
    {
        var done = new bool[listed.Count];
        foreach (var action in sequence) done[position[action.Number]] = true;
        var vain = new Stack<int>();
        for (var i = 0; i < listed.Count; i++)
        {
            if (!done[i] && listed[i].Before.Exists(IsInVain)) vain.Push(i);
        }

        while (vain.TryPop(out var index))
        {
            if (done[index]) continue;
            done[index] = true;
            foreach (var follower in followers[index] ?? []) vain.Push(follower);
        }

        var stuck = Array.IndexOf(done, false);
        return stuck < 0 ? null : listed[stuck];
    }
}
