namespace Ha.Core.Policy;

/// <summary>Where a group belongs, with what spoke for and against each node.</summary>
/// <param name="Group">Group id.</param>
/// <param name="Node">
/// The chosen node; null when no node may run it. For a blocked group: the one node where it may go on running.
/// </param>
/// <param name="Blocked">True when it may be started nowhere until an operator cleans up.</param>
/// <param name="Reason">The decision in one sentence.</param>
/// <param name="Candidates">Every node, in the order of ha.cf.</param>
public sealed record Placement(
    string Group, string? Node, bool Blocked, string Reason, ImmutableArray<Candidate> Candidates);

/// <summary>One node judged for one group.</summary>
/// <param name="Node">Node name.</param>
/// <param name="Score">Score; -1,000,000 means never.</param>
/// <param name="Reasons">What made the score, in words.</param>
public sealed record Candidate(string Node, int Score, ImmutableArray<string> Reasons)
{
    /// <summary>Those of the reasons that speak against the node, without numbers.</summary>
    public ImmutableArray<string> Against { get; init; } = [];
}
