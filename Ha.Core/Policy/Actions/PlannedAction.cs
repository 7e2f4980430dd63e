using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

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

/// <summary>
/// An action that may become part of a plan. Groups and clones have points in time instead of actions: they begin to
/// start or stop, and they have (<see cref="IsEnd"/>).
/// </summary>
internal sealed class PlannedAction(int number, ActionKind kind, Instance? resource, NodeView? node, long intervalMs)
{
    public int Number { get; } = number;

    public ActionKind Kind { get; } = kind;

    public Instance? Resource { get; } = resource;

    public NodeView? Node { get; } = node;

    public long IntervalMs { get; } = intervalMs;

    /// <summary>For a group or clone: the point when all of it has started or stopped.</summary>
    public bool IsEnd { get; init; }

    /// <summary>Need not be done unless something else asks for it.</summary>
    public bool Optional { get; set; } = true;

    /// <summary>Is part of the plan though nothing asks for it.</summary>
    public bool Shown { get; set; }

    /// <summary>Can be done.</summary>
    public bool Runnable { get; set; } = true;

    /// <summary>Has happened once its prerequisites have: the stop of what ran on a node that is fenced.</summary>
    public bool Implied { get; set; }

    /// <summary>For a milestone: how many of its prerequisites must be possible.</summary>
    public int Least { get; init; }

    /// <summary>What comes before it, and what after; both in the order in which orders were made.</summary>
    public List<Ordering> Before { get; } = [];

    public List<Ordering> After { get; } = [];

    /// <summary>Whether it is waiting to be looked at again.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Nothing is done: a point in time.</summary>
    public bool IsPoint => Kind == ActionKind.Milestone || Resource is { Kind: not ResourceKind.Primitive };

    /// <summary>Whether it is required or shown, and possible, and its resource may be touched.</summary>
    public bool IsWanted => Runnable && (!Optional || Shown) && (Resource is null or { Managed: true }
        || Kind is ActionKind.Probe or ActionKind.Monitor or ActionKind.Cancel);

    public override string ToString() => $"{Kind}{(IsEnd ? " end" : "")} {Resource?.Id} {Node?.Name}";
}

/// <summary>What one action means for another that comes after it.</summary>
[Flags]
internal enum OrderEffect
{
    /// <summary>Nothing any more.</summary>
    None = 0,

    /// <summary>Only the order, if both are in the plan.</summary>
    Order = 1,

    /// <summary>If the first is done, the second must be done (again).</summary>
    RequiresThen = 2,

    /// <summary>If the first must be done, the second waits for it, in vain if need be.</summary>
    WaitsForFirst = 4,

    /// <summary>If the first cannot be done, the second cannot either.</summary>
    NeedsFirst = 8,

    /// <summary>If the second is done (again), the first must be, and must be possible.</summary>
    Restart = 16,

    /// <summary>Holds only while the second is still to be done.</summary>
    Asymmetrical = 32,

    /// <summary>Enough of such firsts must be possible.</summary>
    OneOfSeveral = 64,

    /// <summary>Only on one node: the first leaves it before the second comes.</summary>
    Apart = 128,

    /// <summary>Like <see cref="NeedsFirst"/>, unless the resource runs already.</summary>
    Asks = 256,

    /// <summary>If the second is in the plan, so is the first, where that is a mere point.</summary>
    ShowsFirst = 512,

    /// <summary>If the first is in the plan, so is the second, where that is a mere point.</summary>
    ShowsThen = 1024,

    /// <summary>If the second is done, the first is not: it is part of the second.</summary>
    CancelsFirst = 2048,

    /// <summary>Never at the same time.</summary>
    Serialize = 4096,
}

/// <summary>One action before another.</summary>
internal sealed class Ordering(PlannedAction first, PlannedAction then, OrderEffect effect)
{
    private const OrderEffect Weak = OrderEffect.Order | OrderEffect.ShowsFirst | OrderEffect.ShowsThen;

    public PlannedAction First { get; } = first;

    public PlannedAction Then { get; } = then;

    public OrderEffect Effect { get; set; } = effect;

    /// <summary>Whether it is more than an order of what happens anyway.</summary>
    public bool IsStrong => (Effect & ~Weak) != OrderEffect.None;

    public bool Has(OrderEffect effect) => (Effect & effect) != OrderEffect.None;
}
