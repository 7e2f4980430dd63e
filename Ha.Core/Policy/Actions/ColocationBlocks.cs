using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>What colocations mean for actions, once everything has its place.</summary>
internal static class ColocationBlocks
{
    public static void AddAll(ActionSet actions)
    {
        foreach (var dependent in actions.Cluster.Primitives)
        {
            foreach (var colocation in dependent.ThisWith)
            {
                if (colocation.Score >= Score.Infinity) AddTogether(actions, dependent, colocation.Primary);
                else if (colocation.Score <= -Score.Infinity) AddApart(actions, dependent, colocation.Primary);
            }
        }
    }

    // Who must be with another is not started when the other cannot be.
    private static void AddTogether(ActionSet actions, Instance dependent, Instance primary)
    {
        if (primary.Kind == ResourceKind.Clone) return;
        foreach (var first in primary.Primitives.SelectMany(one => actions.Of(one, ActionKind.Start)))
        {
            foreach (var then in actions.Of(dependent, ActionKind.Start))
                actions.Order(first, then, OrderEffect.Together);
        }
    }

    // Who must be apart from another starts on a node only after the other has stopped there.
    private static void AddApart(ActionSet actions, Instance dependent, Instance primary)
    {
        var whole = dependent.Parent is { Kind: ResourceKind.Group } group ? group : dependent;
        AddApart(actions, whole.Primitives, primary.Primitives);
        AddApart(actions, primary.Primitives, whole.Primitives);
    }

    private static void AddApart(ActionSet actions, IEnumerable<Instance> leaving, IEnumerable<Instance> coming)
    {
        foreach (var stop in leaving.SelectMany(one => actions.Of(one, ActionKind.Stop)))
        {
            foreach (var start in coming.SelectMany(one => actions.Of(one, ActionKind.Start)))
            {
                if (start.Node == stop.Node) actions.Order(stop, start, OrderEffect.Waits);
            }
        }
    }
}
