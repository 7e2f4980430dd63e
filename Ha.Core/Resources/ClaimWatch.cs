using Ha.Core.Time;

namespace Ha.Core.Resources;

/// <summary>What is to be done about a virtual IP that this node holds.</summary>
internal enum ClaimVerdict
{
    /// <summary>Nothing: a peer sees it here, nobody is there who could, or there is time yet.</summary>
    Fine = 0,

    /// <summary>No peer sees it here: it is to be announced again, and told for the first time.</summary>
    Unconfirmed = 1,

    /// <summary>Still no peer does: it is to be announced again.</summary>
    StillUnconfirmed = 2,

    /// <summary>A peer sees it here again, after it was told.</summary>
    Confirmed = 3,
}

/// <summary>
/// Whether the network knows that this node holds its virtual IPs. A claim that was sent may be lost, filtered by a
/// switch, or overruled by a stranger; a peer on the same link sees whether it came through. Where no peer shares the
/// link there is nobody to ask, and nothing is wrong with that.
/// </summary>
/// <param name="bound">How long a claim may be without confirmation.</param>
internal sealed class ClaimWatch(TimeSpan bound)
{
    /// <summary>How often a claim is announced again, at most; then its usual refresh is left.</summary>
    public const int MostAnnouncements = 3;

    /// <summary>Time between two announcements of an unconfirmed claim.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, Claim> unconfirmed = new(StringComparer.Ordinal);

    /// <summary>When a claim is to be judged again though nothing was heard; Never when none is.</summary>
    public MonotonicTime Next { get; private set; } = MonotonicTime.Never;

    /// <summary>Judges a claim by what the peers see now.</summary>
    /// <param name="resource">Resource id of the virtual IP.</param>
    /// <param name="hardware">The hardware address it is claimed with.</param>
    /// <param name="seen">What the peers that share the link see: a hardware address each, or an empty text.</param>
    /// <param name="now">The time.</param>
    public ClaimVerdict Judge(string resource, string hardware, ImmutableArray<string> seen, MonotonicTime now)
    {
        var known = unconfirmed.GetValueOrDefault(resource);
        if (seen.IsEmpty || seen.Contains(hardware))
        {
            Forget(resource);
            return known is { Announced: > 0 } && !seen.IsEmpty ? ClaimVerdict.Confirmed : ClaimVerdict.Fine;
        }

        if (known is null)
        {
            Remember(resource, new Claim(now + bound, 0));
            return ClaimVerdict.Fine;
        }

        if (now < known.Due) return ClaimVerdict.Fine;
        var announced = known.Announced + 1;
        Remember(resource, new Claim(announced < MostAnnouncements ? now + Pause : MonotonicTime.Never, announced));
        return announced == 1 ? ClaimVerdict.Unconfirmed : ClaimVerdict.StillUnconfirmed;
    }

    /// <summary>This node does not hold it any more.</summary>
    public void Forget(string resource)
    {
        if (unconfirmed.Remove(resource)) FindNext();
    }

    private void Remember(string resource, Claim claim)
    {
        unconfirmed[resource] = claim;
        FindNext();
    }

    private void FindNext()
    {
        Next = MonotonicTime.Never;
        foreach (var claim in unconfirmed.Values) Next = MonotonicTime.Min(Next, claim.Due);
    }

    private sealed record Claim(MonotonicTime Due, int Announced);
}
