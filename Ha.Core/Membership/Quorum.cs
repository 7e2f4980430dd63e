using Ha.Core.Time;

namespace Ha.Core.Membership;

/// <summary>
/// Whether the nodes of a view may act for the cluster: more than half of the configured votes, never of those that
/// happen to be there; exactly half is not enough. Two nodes are special: one may be enough, and the authority table
/// (<see cref="Fencing.AuthorityTable"/>) decides which.
/// </summary>
/// <remarks>
/// Call <see cref="Update"/> after every step; it allocates only when the view has changed. Then use
/// <see cref="HaveQuorum"/> for the policy engine and <see cref="SeenFullView"/> for the authority table. It is no
/// memory of its own across lives of the agent: keep <see cref="SeenFullView"/> where a boot clears it, and give it to
/// the constructor.
/// </remarks>
public sealed class Quorum
{
    private readonly ImmutableArray<string> nodes;
    private readonly ImmutableArray<int> votes;
    private readonly bool waitForAll;
    private MembershipView? view;

    /// <summary>Creates the quorum of a cluster.</summary>
    /// <param name="nodes">Names of all nodes, in the order of ha.cf.</param>
    /// <param name="votes">Votes per node, 0 or more; empty: one each.</param>
    /// <param name="waitForAll">Whether nothing may be decided before all nodes have met once since boot.</param>
    /// <param name="seenFullView">What is remembered from an earlier life of the agent in the same boot.</param>
    /// <exception cref="ArgumentException">Votes do not fit the nodes.</exception>
    public Quorum(ImmutableArray<string> nodes, ImmutableArray<int> votes, bool waitForAll, bool seenFullView)
    {
        if (votes.IsDefaultOrEmpty) votes = [.. nodes.Select(_ => 1)];
        if (votes.Length != nodes.Length || votes.Any(vote => vote is < 0 or > MaxVotes) || votes.Sum() == 0)
            throw new ArgumentException(
                $"{votes.Length} votes ({string.Join(' ', votes)}) for {nodes.Length} nodes; "
                    + $"each from 0 to {MaxVotes}, not all 0", nameof(votes));
        this.nodes = nodes;
        this.votes = votes;
        this.waitForAll = waitForAll;
        Expected = votes.Sum();
        SeenFullView = seenFullView || !waitForAll || nodes.Length == 1;
        Judge();
    }

    /// <summary>Most votes of one node.</summary>
    public const int MaxVotes = 100;

    /// <summary>Votes of all configured nodes.</summary>
    public int Expected { get; }

    /// <summary>Votes of the members of the view.</summary>
    public int Present { get; private set; }

    /// <summary>Votes that are needed.</summary>
    public int Needed => IsPair ? 1 : (Expected / 2) + 1;

    /// <summary>
    /// Whether this node has been in a view of all nodes since its boot, was told so, or need not wait for one.
    /// </summary>
    public bool SeenFullView { get; private set; }

    /// <summary>Whether the view may act.</summary>
    public bool HaveQuorum { get; private set; }

    /// <summary>Since when there is none; never when there is, or when there was none yet.</summary>
    public MonotonicTime LostAt { get; private set; } = MonotonicTime.Never;

    /// <summary>Why, in one sentence for the operator.</summary>
    public string Why { get; private set; } = "";

    // One vote each: one of two is half, and as good as it gets.
    private bool IsPair => nodes.Length == 2 && votes[0] == votes[1];

    /// <summary>Takes notice of the view.</summary>
    /// <param name="current">The agreed view; null while there is none.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when <see cref="HaveQuorum"/> or <see cref="Why"/> changed.</returns>
    public bool Update(MembershipView? current, MonotonicTime now)
    {
        if (ReferenceEquals(current, view)) return false;
        view = current;
        if (current is not null && current.Members.Length == nodes.Length) SeenFullView = true;
        return Rejudge(now);
    }

    /// <summary>
    /// An operator says that the missing nodes are off and this one shall start without having met them ("start
    /// alone"). The caller checks that it may be said, and records who said it.
    /// </summary>
    /// <param name="now">The time.</param>
    /// <returns>True when <see cref="HaveQuorum"/> or <see cref="Why"/> changed.</returns>
    public bool StartAlone(MonotonicTime now)
    {
        SeenFullView = true;
        return Rejudge(now);
    }

    private bool Rejudge(MonotonicTime now)
    {
        var had = (HaveQuorum, Why);
        Judge();
        if (HaveQuorum) LostAt = MonotonicTime.Never;
        else if (had.HaveQuorum) LostAt = now;
        return had != (HaveQuorum, Why);
    }

    private void Judge()
    {
        Present = 0;
        if (view is not null)
        {
            foreach (var member in view.Members) Present += votes[member.Node];
        }

        HaveQuorum = view is not null && Present >= Needed && SeenFullView;
        Why = view is null ? "this node is in no view yet"
            : !SeenFullView ? $"waiting for all: since it booted, this node has not met {Missing()}"
            : HaveQuorum && IsPair && Present < Expected
                ? $"one of two nodes: the authority table decides about {Missing()}"
            : HaveQuorum ? $"{Present} of {Expected} votes"
            : 2 * Present == Expected
                ? $"{Present} of {Expected} votes is a tie: {Needed} are needed; missing {Missing()}"
            : $"{Present} of {Expected} votes, {Needed} are needed; missing {Missing()}";
    }

    private string Missing() =>
        string.Join(", ", nodes.Where((_, node) => view?.Contains(node) != true));
}
