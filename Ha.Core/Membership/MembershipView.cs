namespace Ha.Core.Membership;

/// <summary>One member of a view: a node in one of its lives.</summary>
/// <param name="Node">Index in the order of ha.cf.</param>
/// <param name="Generation">Heartbeat generation of that life.</param>
public readonly record struct Member(int Node, uint Generation);

/// <summary>
/// A set of nodes that agreed to act together. Every member has acknowledged it. The first member in the order of
/// ha.cf coordinates: no election, and every node can tell who it is.
/// </summary>
/// <param name="Id">Identity of the view.</param>
/// <param name="Members">Members in the order of ha.cf; never empty.</param>
public sealed record MembershipView(ViewId Id, ImmutableArray<Member> Members)
{
    /// <summary>Index of the coordinating node.</summary>
    public int Coordinator => Members[0].Node;

    /// <summary>Whether a node is a member, in whichever life.</summary>
    public bool Contains(int node)
    {
        foreach (var member in Members)
        {
            if (member.Node == node) return true;
        }

        return false;
    }

    /// <summary>Whether a node is a member in just this life.</summary>
    public bool Contains(Member member)
    {
        // Asked several times in each step: the comparer of ImmutableArray costs ten times as much.
        foreach (var one in Members)
        {
            if (one.Node == member.Node && one.Generation == member.Generation) return true;
        }

        return false;
    }
}
