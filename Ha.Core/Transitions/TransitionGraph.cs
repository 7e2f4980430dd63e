using System.Text;
using Ha.Core.Contracts;

namespace Ha.Core.Transitions;

/// <summary>One action of a transition.</summary>
public sealed record TransitionAction
{
    /// <summary>Its number in the graph, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The node that does it; for a fencing the node that is fenced.</summary>
    public required string Node { get; init; }

    /// <summary>The group it concerns; empty for a fencing and for what is no longer configured.</summary>
    public required string Group { get; init; }

    /// <summary>The resource; empty for a fencing.</summary>
    public required string Resource { get; init; }

    /// <summary>What is done.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>Interval of a recurring monitor that is begun or ended, ms; 0 otherwise.</summary>
    public long IntervalMs { get; init; }

    /// <summary>Numbers of the actions that must have succeeded before; all smaller than its own.</summary>
    public required ImmutableArray<int> After { get; init; }

    /// <summary>True when it was ordered by an earlier transition and only its end is awaited.</summary>
    public bool UnderWay { get; init; }

    /// <summary>For example <c>stop haproxy on s1</c>.</summary>
    public string Title => Kind switch
    {
        OperationKind.Probe => $"probe {Resource} on {Node}",
        OperationKind.Start => $"start {Resource} on {Node}",
        OperationKind.Stop => $"stop {Resource} on {Node}",
        OperationKind.Announce => $"announce {Resource} on {Node}",
        OperationKind.Monitor => $"watch {Resource} on {Node}",
        OperationKind.Cancel => $"end watching {Resource} on {Node}",
        OperationKind.Fence => $"fence {Node}",
    };

    /// <summary>Whether both do the same thing.</summary>
    public bool IsSameAs(TransitionAction other) => Kind == other.Kind && IntervalMs == other.IntervalMs
        && Node == other.Node && Resource == other.Resource;
}

/// <summary>The ordered plan that brings the cluster from what is to what should be.</summary>
/// <param name="Actions">Actions; prerequisites come before what depends on them.</param>
public sealed record TransitionGraph(ImmutableArray<TransitionAction> Actions)
{
    /// <summary>True when nothing needs to be done.</summary>
    public bool IsEmpty => Actions.IsEmpty;

    /// <summary>One line an action, with its prerequisites, for operators and golden tests.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var action in Actions)
        {
            text.Append(action.Number).Append(": ").Append(action.Title);
            if (action.UnderWay) text.Append(" (under way)");
            if (action.After.Length > 0) text.Append(" after ").AppendJoin(", ", action.After);
            text.Append('\n');
        }

        return text.ToString();
    }
}
