using Ha.Core.ClusterConfiguration.Documents;

namespace Ha.Core.ClusterConfiguration.Versions;

/// <summary>A document that was adopted: which, when, by whom and why.</summary>
public sealed record ConfigurationRecord
{
    /// <summary>The document with its version.</summary>
    public required ConfigurationDocument Document { get; init; }

    /// <summary>SHA-256 of its text.</summary>
    public required string Hash { get; init; }

    /// <summary>Length of its text, bytes.</summary>
    public required int Size { get; init; }

    /// <summary>Who changed it.</summary>
    public required string Actor { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why, in the actor's words; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>What changed against the record before; empty for the first.</summary>
    public ImmutableArray<ConfigurationChange> Changes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Versions before it that are not kept here: what its maker had, and what was decided against when it ended a
    /// conflict.
    /// </summary>
    public ImmutableArray<ConfigurationAncestor> Ancestors { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Its version.</summary>
    public ConfigurationVersion Version => Document.Version;
}

/// <summary>What a node says of its configuration to others.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Hash">SHA-256 of its text.</param>
/// <param name="Ancestors">The versions before it, newest first, as far as they are told.</param>
public sealed record ConfigurationOffer(
    ConfigurationVersion Version, string Hash, ImmutableArray<ConfigurationAncestor> Ancestors);

/// <summary>An earlier version.</summary>
/// <param name="Version">Version.</param>
/// <param name="Hash">SHA-256 of its text.</param>
public sealed record ConfigurationAncestor(ConfigurationVersion Version, string Hash);

/// <summary>How another node's configuration stands to this one's.</summary>
public enum ConfigurationRelation
{
    /// <summary>It is the same.</summary>
    Same,

    /// <summary>It is newer and comes from this one: to be fetched and adopted.</summary>
    Newer,

    /// <summary>It is older and this one comes from it: the other adopts this one.</summary>
    Older,

    /// <summary>
    /// Equal versions with different content, or one that does not come from the other (S5): nobody adopts anything
    /// until an operator has picked one.
    /// </summary>
    Conflict,
}

/// <summary>
/// The configurations that a node has adopted, oldest first. A value: adopting makes a new one. Bounded in number and
/// in bytes.
/// </summary>
public sealed record ConfigurationHistory
{
    /// <summary>Most records.</summary>
    public const int MaxRecords = 100;

    /// <summary>Most bytes of all texts; the newest two stay in any case.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Most ancestors in an offer.</summary>
    public const int MaxAncestors = 16;

    /// <summary>A node that has no configuration yet.</summary>
    public static ConfigurationHistory Empty { get; } = new() { Records = [] };

    /// <summary>Records, oldest first.</summary>
    public required ImmutableArray<ConfigurationRecord> Records { get; init; }

    /// <summary>What holds now; null when nothing was adopted yet.</summary>
    public ConfigurationRecord? Current => Records.IsEmpty ? null : Records[^1];

    /// <summary>Finds a version; null when it is not kept.</summary>
    public ConfigurationRecord? Find(ConfigurationVersion version) =>
        Records.FirstOrDefault(record => record.Version == version);

    /// <summary>Adopts a checked document that is newer than the current one.</summary>
    /// <param name="document">The document.</param>
    /// <param name="actor">Who made it.</param>
    /// <param name="at">When.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="ancestors">Versions before it, as far as they are not kept here.</param>
    /// <exception cref="ArgumentException">It is not newer (S5).</exception>
    public ConfigurationHistory Adopt(ConfigurationDocument document, string actor, DateTimeOffset at, string reason,
        ImmutableArray<ConfigurationAncestor> ancestors = default)
    {
        if (Current is { } current && document.Version <= current.Version)
            throw new ArgumentException(
                $"Version {document.Version} is not newer than {current.Version}.", nameof(document));
        var text = ConfigurationText.Write(document);
        var record = new ConfigurationRecord
        {
            Document = document, Hash = ConfigurationText.Hash(text), Size = text.Length, Actor = actor, At = at,
            Reason = reason,
            Ancestors = ancestors,
            Changes = Current is { } before ? ConfigurationDiff.Between(before.Document, document) : [],
        };
        return this with { Records = Bounded(Records.Add(record)) };
    }

    /// <summary>A document as the next version: what an operator's edit becomes.</summary>
    public ConfigurationDocument Next(ConfigurationDocument document) => Next(document, ConfigurationVersion.None);

    /// <summary>A document as a version that is newer than this node's and another's: what ends a conflict.</summary>
    public ConfigurationDocument Next(ConfigurationDocument document, ConfigurationVersion other)
    {
        var newest = Current?.Version ?? ConfigurationVersion.None;
        if (other > newest) newest = other;
        return document with { Version = new ConfigurationVersion(newest.Epoch + 1, 0) };
    }

    /// <summary>The content of an earlier version as the next version; null when it is not kept.</summary>
    public ConfigurationDocument? RollBack(ConfigurationVersion version) =>
        Find(version) is { } record ? Next(record.Document) : null;

    /// <summary>What this node tells others of its configuration; null when it has none.</summary>
    public ConfigurationOffer? Offer() => Current is not { } current ? null
        : new(current.Version, current.Hash,
            [.. Records.Reverse().Skip(1).Select(record => new ConfigurationAncestor(record.Version, record.Hash))
                .Concat(current.Ancestors).Distinct().OrderByDescending(one => one.Version).Take(MaxAncestors)]);

    /// <summary>How another node's configuration stands to this one's.</summary>
    public ConfigurationRelation Compare(ConfigurationOffer offer)
    {
        if (Current is not { } current) return ConfigurationRelation.Newer;
        if (offer.Version == current.Version)
            return offer.Hash == current.Hash ? ConfigurationRelation.Same : ConfigurationRelation.Conflict;
        if (offer.Version > current.Version)
        {
            return Contradicts(offer.Ancestors, current.Version, current.Hash) ? ConfigurationRelation.Conflict
                : ConfigurationRelation.Newer;
        }

        var known = Offer()!.Ancestors;
        return Contradicts(known, offer.Version, offer.Hash) ? ConfigurationRelation.Conflict
            : ConfigurationRelation.Older;
    }

    // A node that is further behind than ancestors are told has no say: it adopts what is newer.
    private static bool Contradicts(
        ImmutableArray<ConfigurationAncestor> ancestors, ConfigurationVersion version, string hash)
    {
        if (ancestors.IsEmpty || version < ancestors[^1].Version) return false;
        return !ancestors.Any(ancestor => ancestor.Version == version && ancestor.Hash == hash);
    }

    private static ImmutableArray<ConfigurationRecord> Bounded(ImmutableArray<ConfigurationRecord> records)
    {
        var first = Math.Max(0, records.Length - MaxRecords);
        var bytes = records.Skip(first).Sum(record => (long)record.Size);
        while (bytes > MaxBytes && first < records.Length - 2) bytes -= records[first++].Size;
        return first == 0 ? records : records.RemoveRange(0, first);
    }
}
