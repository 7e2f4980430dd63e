using System.Text;
using Ha.Core.Contracts;

namespace Ha.Core.Transitions;

/// <summary>One action of a transition.</summary>
public sealed record TransitionAction
{
    /// <summary>Its number in the graph, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The executing node.</summary>
    public required string Node { get; init; }

    /// <summary>The group it is done for.</summary>
    public required string Group { get; init; }

    /// <summary>The resource.</summary>
    public required string Resource { get; init; }

    /// <summary>What is done.</summary>
    public required OperationKind Kind { get; init; }

    /// <summary>Numbers of the actions that must have succeeded before; all smaller than its own.</summary>
    public required ImmutableArray<int> After { get; init; }

    /// <summary>True when it was ordered by an earlier transition and only its end is awaited.</summary>
    public bool UnderWay { get; init; }

    /// <summary>For example <c>stop haproxy on s1</c>.</summary>
    public string Title => $"{Kind switch
    {
        OperationKind.Probe => "probe",
        OperationKind.Start => "start",
        OperationKind.Stop => "stop",
        OperationKind.Announce => "announce",
        OperationKind.Monitor => "watch",
    }} {Resource} on {Node}";
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

/// <summary>What is known of one resource on one node when a transition is planned.</summary>
/// <param name="State">Its state.</param>
/// <param name="Busy">The operation under way; null when none.</param>
/// <param name="Stuck">True when a stop was given up: nothing is done to it until an operator cleans up.</param>
public readonly record struct ObservedResource(ResourceState State, OperationKind? Busy, bool Stuck = false);
