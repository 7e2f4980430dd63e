using Ha.Core.ClusterConfiguration.Documents;

namespace Ha.Core.ClusterConfiguration.Versions;

/// <summary>
/// Two configurations of which neither comes from the other (S5). While it lasts nothing is adopted and nothing new is
/// started; an operator picks one, which becomes a version newer than both.
/// </summary>
public sealed record ConfigurationConflict
{
    /// <summary>This node.</summary>
    public required string Node { get; init; }

    /// <summary>Its version.</summary>
    public required ConfigurationAncestor Own { get; init; }

    /// <summary>The other node.</summary>
    public required string Peer { get; init; }

    /// <summary>Its version.</summary>
    public required ConfigurationAncestor Other { get; init; }

    /// <summary>Further nodes whose configuration does not come from this node's either, each once.</summary>
    public ImmutableArray<ConflictingNode> Further { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The newest version that both may come from; null when this node keeps none.</summary>
    public ConfigurationVersion? Predecessor { get; init; }

    /// <summary>What this node's differs in from the predecessor; without one, nothing.</summary>
    public ImmutableArray<ConfigurationChange> OwnChanges { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// What the other's differs in from the predecessor; without one, from this node's. Empty until it was fetched.
    /// </summary>
    public ImmutableArray<ConfigurationChange> OtherChanges { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What happened and what to do, for operators.</summary>
    public string Sentence => Own.Version == Other.Version
        ? $"{Node} and {Peer} both have version {Own.Version} of the cluster configuration, but with different content "
            + $"({Own.Hash[..8]} and {Other.Hash[..8]}){FurtherOnes}: {Advice}"
        : $"version {Own.Version} on {Node} and version {Other.Version} on {Peer} of the cluster configuration were "
            + $"made independently of each other{FurtherOnes}: {Advice}";

    private string FurtherOnes => string.Concat(Further.Select(
        one => $", and version {one.Has.Version} ({one.Has.Hash[..8]}) on {one.Node} of both of them"));

    private static string Advice =>
        "nothing new is started until an operator has compared them and picked one";

    /// <summary>Describes a conflict.</summary>
    /// <param name="history">This node's configurations; not empty.</param>
    /// <param name="node">Name of this node.</param>
    /// <param name="peer">Name of the other.</param>
    /// <param name="offer">What the other told.</param>
    /// <param name="document">The other's document; null until it was fetched.</param>
    public static ConfigurationConflict Between(ConfigurationHistory history, string node, string peer,
        ConfigurationOffer offer, ConfigurationDocument? document)
    {
        var own = history.Current ?? throw new ArgumentException("There is no own configuration.", nameof(history));
        var predecessor = history.Records.LastOrDefault(record => record.Version < own.Version
            && record.Version < offer.Version && (offer.Ancestors.IsEmpty || offer.Ancestors.Any(
                ancestor => ancestor.Version == record.Version && ancestor.Hash == record.Hash)));
        return new ConfigurationConflict
        {
            Node = node,
            Own = new ConfigurationAncestor(own.Version, own.Hash),
            Peer = peer,
            Other = new ConfigurationAncestor(offer.Version, offer.Hash),
            Predecessor = predecessor?.Version,
            OwnChanges = predecessor is null ? []
                : ConfigurationDiff.Between(predecessor.Document, own.Document),
            OtherChanges = document is null ? []
                : ConfigurationDiff.Between((predecessor ?? own).Document, document),
        };
    }
}

/// <summary>Whose configuration is in conflict, and which it is.</summary>
/// <param name="Node">The node.</param>
/// <param name="Has">Its version and content.</param>
public sealed record ConflictingNode(string Node, ConfigurationAncestor Has);
