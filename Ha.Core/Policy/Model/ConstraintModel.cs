using Ha.Core.Policy.Rules;

namespace Ha.Core.Policy.Model;

/// <summary>How one resource likes some nodes.</summary>
public sealed record LocationConstraint
{
    /// <summary>Id of the constraint.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the resource.</summary>
    public required string Resource { get; init; }

    /// <summary>The node it speaks of; null when <see cref="Rule"/> decides.</summary>
    public string? Node { get; init; }

    /// <summary>Score for the node, or for every node the rule holds on.</summary>
    public int Score { get; init; }

    /// <summary>Node attribute that holds the score instead; null when <see cref="Score"/> counts.</summary>
    public string? ScoreAttribute { get; init; }

    /// <summary>When and where it holds; null for a fixed node.</summary>
    public Rule? Rule { get; init; }

    /// <summary>What it means in an operator's words, as the end of the sentence "s1 ..." ("is the preferred node");
    /// null: told by the constraint's id.</summary>
    public string? Why { get; init; }

    /// <summary>Whether the resource's state is probed where it may not run.</summary>
    public ResourceDiscovery Discovery { get; init; } = ResourceDiscovery.Always;
}

/// <summary>Where a resource's state is probed.</summary>
public enum ResourceDiscovery
{
    /// <summary>On every node.</summary>
    Always,

    /// <summary>Not on this constraint's nodes.</summary>
    Never,

    /// <summary>Only on nodes of constraints that say so.</summary>
    Exclusive,
}

/// <summary>One resource placed relative to another.</summary>
public sealed record ColocationConstraint
{
    /// <summary>Id of the constraint.</summary>
    public required string Id { get; init; }

    /// <summary>The resource that follows.</summary>
    public required string Dependent { get; init; }

    /// <summary>The resource that is followed.</summary>
    public required string Primary { get; init; }

    /// <summary>Positive: together; negative: apart; infinite: must.</summary>
    public required int Score { get; init; }

    /// <summary>Node attribute whose equal values count as the same place.</summary>
    public string NodeAttribute { get; init; } = "#uname";

    /// <summary>Whether the dependent's wishes influence where the primary goes.</summary>
    public bool Influence { get; init; } = true;
}

/// <summary>How strong an order is.</summary>
public enum OrderKind
{
    /// <summary>Then never without first.</summary>
    Mandatory,

    /// <summary>Only when both happen in one transition.</summary>
    Optional,

    /// <summary>Never at the same time.</summary>
    Serialize,
}

/// <summary>What an order speaks of.</summary>
public enum OrderedAction
{
    /// <summary>Starting.</summary>
    Start,

    /// <summary>Stopping.</summary>
    Stop,
}

/// <summary>One action after others.</summary>
public sealed record OrderConstraint
{
    /// <summary>Id of the constraint.</summary>
    public required string Id { get; init; }

    /// <summary>Ids of the resources that come first; several only for a set of which one is enough.</summary>
    public required ImmutableArray<string> First { get; init; }

    /// <summary>What happens to them.</summary>
    public OrderedAction FirstAction { get; init; }

    /// <summary>Id of the resource that comes after.</summary>
    public required string Then { get; init; }

    /// <summary>What happens to it.</summary>
    public OrderedAction ThenAction { get; init; }

    /// <summary>How strong.</summary>
    public OrderKind Kind { get; init; }

    /// <summary>Whether the opposite actions are ordered the other way round.</summary>
    public bool Symmetrical { get; init; } = true;

    /// <summary>Whether a clone's <c>clone-min</c> counts instead of all its copies: not in sets.</summary>
    public bool CountsCopies { get; init; }

    /// <summary>Whether all of <see cref="First"/> (and all instances of a clone) are needed, or one is
    /// enough.</summary>
    public bool RequireAll { get; init; } = true;
}
