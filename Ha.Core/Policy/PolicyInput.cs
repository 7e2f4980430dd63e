namespace Ha.Core.Policy;

/// <summary>Everything the policy engine decides from. Equal inputs give equal placements.</summary>
public sealed record PolicyInput
{
    /// <summary>All configured nodes in the order of ha.cf.</summary>
    public required ImmutableArray<PolicyNode> Nodes { get; init; }

    /// <summary>All groups in the order of haresources.</summary>
    public required ImmutableArray<PolicyGroup> Groups { get; init; }

    /// <summary>Whether groups return to the node they prefer.</summary>
    public required bool Failback { get; init; }
}

/// <summary>One node as the policy engine sees it.</summary>
/// <param name="Name">Node name.</param>
/// <param name="Eligible">Whether resources may run there now.</param>
/// <param name="WhyNot">Why not, as the end of the sentence "s1 ..."; empty when eligible.</param>
public sealed record PolicyNode(string Name, bool Eligible, string WhyNot);

/// <summary>One group as the policy engine sees it.</summary>
public sealed record PolicyGroup
{
    /// <summary>Group id.</summary>
    public required string Id { get; init; }

    /// <summary>The node it prefers by configuration; null when it prefers none.</summary>
    public required string? Preferred { get; init; }

    /// <summary>Nodes where something of it runs, with for how long, ms.</summary>
    public required ImmutableArray<GroupActivity> Active { get; init; }

    /// <summary>Nodes where it could not be started, with what failed.</summary>
    public required ImmutableArray<GroupObstacle> Banned { get; init; }

    /// <summary>
    /// A stop that failed: nothing is done with the group until an operator cleans up. Null when none.
    /// </summary>
    public required GroupObstacle? Blocked { get; init; }

    /// <summary>The node an operator put it on; null when none did.</summary>
    public required string? Pin { get; init; }
}

/// <summary>A group runs on a node.</summary>
/// <param name="Node">Node name.</param>
/// <param name="ForMs">For how long, ms.</param>
public sealed record GroupActivity(string Node, long ForMs);

/// <summary>Something keeps a group from a node.</summary>
/// <param name="Node">Node name.</param>
/// <param name="Reason">What failed, for example <c>start of haproxy failed: exit code 1</c>.</param>
public sealed record GroupObstacle(string Node, string Reason);
