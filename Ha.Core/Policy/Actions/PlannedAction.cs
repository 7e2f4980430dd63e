using Ha.Core.Policy.Allocation;

namespace Ha.Core.Policy.Actions;

/// <summary>What an action of a plan does.</summary>
public enum ActionKind
{
    /// <summary>Ask whether the resource runs.</summary>
    Probe,

    /// <summary>Start it.</summary>
    Start,

    /// <summary>Stop it.</summary>
    Stop,

    /// <summary>Begin to watch it at an interval.</summary>
    Monitor,

    /// <summary>Cease to watch it at an interval.</summary>
    Cancel,

    /// <summary>Tell it about changed parameters without a restart.</summary>
    Reload,

    /// <summary>Forget what was reported of a resource that is not configured.</summary>
    Delete,

    /// <summary>Fence a node.</summary>
    Fence,

    /// <summary>Let a fenced node use what it shares again.</summary>
    Unfence,

    /// <summary>Nothing by itself: is reached when enough of its prerequisites have succeeded.</summary>
    Milestone,
}

/// <summary>An action that may become part of a plan.</summary>
internal sealed class PlannedAction(int number, ActionKind kind, Instance? resource, NodeView? node, long intervalMs)
{
    public int Number { get; } = number;

    public ActionKind Kind { get; } = kind;

    public Instance? Resource { get; } = resource;

    public NodeView? Node { get; } = node;

    public long IntervalMs { get; } = intervalMs;

    /// <summary>Need not be done unless something else asks for it.</summary>
    public bool Optional { get; set; } = true;

    /// <summary>Never done, whoever asks: its resource is not managed.</summary>
    public bool Untouchable { get; init; }

    /// <summary>The stop of a surplus copy of what is blocked: waits only for other such stops on its node.</summary>
    public bool Surplus { get; init; }

    /// <summary>Can be done.</summary>
    public bool Runnable { get; set; } = true;

    /// <summary>Has happened once its prerequisites have: the stop of what ran on a node that is fenced.</summary>
    public bool Implied { get; set; }

    /// <summary>For a milestone: how many of its prerequisites must be possible.</summary>
    public int Least { get; init; }

    public bool InPlan => !Optional && Runnable;
}

/// <summary>What one action means for another that comes after it.</summary>
[Flags]
internal enum OrderEffect
{
    /// <summary>Only the order, if both are in the plan.</summary>
    None = 0,

    /// <summary>If the first is done, the second must be done (again).</summary>
    RequiresThen = 1,

    /// <summary>If the second is done, the first must be done.</summary>
    RequiresFirst = 2,

    /// <summary>If the first cannot be done, the second cannot either.</summary>
    NeedsFirst = 4,

    /// <summary>Stop and start of one resource.</summary>
    Restart = 8,

    /// <summary>Holds only while the second is still to be done.</summary>
    Asymmetrical = 16,

    /// <summary>No order at all: who must be together with what cannot be started is not started either.</summary>
    Together = 32,

    /// <summary>If the first must be done and cannot be, the second cannot be done either.</summary>
    Waits = 64,
}

/// <summary>One action before another.</summary>
internal sealed record Ordering(PlannedAction First, PlannedAction Then, OrderEffect Effect);
