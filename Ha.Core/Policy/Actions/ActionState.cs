using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Whether an action is optional and whether it can be done; for a group or clone as its parts say.</summary>
internal readonly record struct ActionState(bool Optional, bool Runnable)
{
    /// <summary>The state as an order sees it: what a clone does elsewhere does not count on a node, but that it can be
    /// done anywhere does.</summary>
    public static ActionState Of(PlannedAction action, NodeView? node)
    {
        if (action.Resource is not { Kind: not ResourceKind.Primitive } whole)
            return new ActionState(action.Optional, action.Runnable);
        var everywhere = OfParts(action, whole, null);
        if (whole.Kind != ResourceKind.Clone || node is null) return everywhere;
        var here = OfParts(action, whole, node);
        return here with { Runnable = here.Runnable || everywhere.Runnable };
    }

    /// <summary>The state of one part's action for a node.</summary>
    public static ActionState OfPart(PlannedAction action, NodeView? node) =>
        action.Resource is { Kind: not ResourceKind.Primitive } whole
            ? OfParts(action, whole, node) : new ActionState(action.Optional, action.Runnable);

    private static ActionState OfParts(PlannedAction action, Instance whole, NodeView? node) =>
        whole.Kind == ResourceKind.Group ? OfMembers(action, whole, node) : OfCopies(action, whole, node);

    // A group must when any member must, and has started only when every member can.
    private static ActionState OfMembers(PlannedAction action, Instance group, NodeView? node)
    {
        var state = new ActionState(true, true);
        foreach (var member in group.Members)
        {
            if (ActionSet.Last(member, action.Kind, node) is { } own)
            {
                if (!own.Optional)
                {
                    state = state with { Optional = false };
                    action.Optional = false;
                }

                if (action.IsEnd && !own.Runnable)
                {
                    state = state with { Runnable = false };
                    action.Runnable = false;
                }
            }
            else if (action.Kind != ActionKind.Stop)
            {
                state = state with { Runnable = false };
            }
        }

        return state;
    }

    // A clone must when any copy must, and can when any copy can.
    private static ActionState OfCopies(PlannedAction action, Instance clone, NodeView? node)
    {
        var optional = true;
        var runnable = false;
        foreach (var copy in clone.Members)
        {
            var isGroup = copy.Kind == ResourceKind.Group;
            var own = ActionSet.Last(copy, action.Kind, isGroup ? null : node, end: isGroup && action.IsEnd);
            if (own is null) continue;
            var state = OfPart(own, node);
            if (optional && !state.Optional) action.Optional = optional = false;
            runnable |= state.Runnable;
        }

        if (!runnable && node is null) action.Runnable = false;
        return new ActionState(optional, runnable);
    }
}
