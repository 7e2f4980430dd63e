namespace Ha.Core.Resources;

/// <summary>A parameter that is a whole number.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Preset">What holds when it is left out.</param>
/// <param name="Least">Smallest value.</param>
/// <param name="Most">Greatest value.</param>
/// <param name="Unit">What it counts, for messages.</param>
public sealed record WholeNumber(string Name, int Preset, int Least, int Most, string Unit);

/// <summary>The numbers among the parameters of <c>builtin:vip</c>.</summary>
public static class VirtualIpNumbers
{
    /// <summary>How long the kernel keeps the address without renewal; 0: for ever.</summary>
    public static readonly WholeNumber Lease = new("lease", 3, 0, 3600, "seconds");

    /// <summary>Announcements of a claim, the first included.</summary>
    public static readonly WholeNumber AnnounceCount = new("arp_count", 6, 1, 60, "announcements");

    /// <summary>Time between two announcements of a claim.</summary>
    public static readonly WholeNumber AnnounceInterval = new("arp_interval", 200, 10, 5000, "milliseconds");

    /// <summary>Time between two announcements afterwards; 0: none.</summary>
    public static readonly WholeNumber AnnounceRefresh = new("arp_refresh", 60, 0, 3600, "seconds");

    /// <summary>Questions for a foreign holder before a claim that can wait; 0: none.</summary>
    public static readonly WholeNumber ConflictProbes = new("conflict_probes", 3, 0, 10, "questions");

    /// <summary>Time after each such question.</summary>
    public static readonly WholeNumber ConflictInterval = new("conflict_interval", 50, 10, 2000, "milliseconds");

    /// <summary>
    /// How long the interface may be without carrier. Left out: 500 for a bond or team, else <see
    /// cref="WholeNumber.Preset"/>.
    /// </summary>
    public static readonly WholeNumber CarrierDebounce = new("carrier_debounce", 0, 0, 10_000, "milliseconds");

    /// <summary>All of them.</summary>
    public static readonly ImmutableArray<WholeNumber> All =
    [
        Lease, AnnounceCount, AnnounceInterval, AnnounceRefresh, ConflictProbes, ConflictInterval, CarrierDebounce,
    ];
}
