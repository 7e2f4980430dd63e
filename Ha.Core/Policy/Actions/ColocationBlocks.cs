using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>What colocations mean for actions, once everything has its place.</summary>
/// <param name="forbid">Makes an action impossible.</param>
internal sealed class ColocationBlocks(Action<PlannedAction> forbid)
{
    /// <summary>Who must be with another is not started when no part of the other can be.</summary>
    public void Block(PlannedAction action)
    {
        if (action is not { Runnable: false, Kind: ActionKind.Start, IsEnd: false, Resource: { } resource }) return;
        var whole = resource.Outermost;
        if (whole.WithThis.Count == 0) return;
        foreach (var part in whole.Members)
        {
            if (ActionSet.Last(part, ActionKind.Start) is null or { Runnable: true }) return;
        }

        foreach (var colocation in whole.WithThis)
        {
            if (colocation.Score >= Score.Infinity) Block(colocation.Whole);
        }
    }

    /// <summary>Who must be apart from another starts on a node only after the other has stopped there.</summary>
    public static void AddApart(ActionSet actions)
    {
        foreach (var constraint in actions.Cluster.Model.Colocations)
        {
            if (constraint.Score > -Score.Infinity
                || actions.Cluster.Find(constraint.Dependent) is not { } dependent
                || actions.Cluster.Find(constraint.Primary) is not { } primary) continue;
            actions.Order(dependent, ActionKind.Stop, primary, ActionKind.Start, OrderEffect.Apart);
            actions.Order(primary, ActionKind.Stop, dependent, ActionKind.Start, OrderEffect.Apart);
        }
    }

    private void Block(Instance dependent)
    {
        for (var i = 0; i < dependent.Actions.Count; i++)
        {
            var action = dependent.Actions[i];
            if (action is { Kind: ActionKind.Start, IsEnd: false, Runnable: true }) forbid(action);
        }

        foreach (var part in dependent.Members) Block(part);
    }
}
