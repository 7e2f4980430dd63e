using Ha.Core.Contracts;

namespace Ha.Core.Transitions;

/// <summary>
/// What operators want of the cluster besides its configuration; the greatest version any member knows holds. Kept on
/// disk by every node.
/// </summary>
public sealed record ClusterIntents
{
    // What a node of an older version wrote has no such member.
    private static readonly ImmutableSortedDictionary<string, ImmutableArray<ServerIntent>> NoServers =
        ImmutableSortedDictionary.Create<string, ImmutableArray<ServerIntent>>(StringComparer.Ordinal);

    /// <summary>Nothing wanted yet.</summary>
    public static readonly ClusterIntents None = new();

    /// <summary>Grows with each change.</summary>
    public long Version { get; init; }

    /// <summary>Nodes in standby.</summary>
    public ImmutableSortedSet<string> Standby { get; init; } =
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Groups an operator put on a node, overriding failback and stickiness.</summary>
    public ImmutableSortedDictionary<string, string> Pins { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Groups to forget failures of, each with the version at which it was asked for.</summary>
    public ImmutableSortedDictionary<string, long> Cleanups { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Whether nothing is started, stopped or watched anywhere.</summary>
    public bool Maintenance { get; init; }

    /// <summary>
    /// Servers of each HAProxy that shall be otherwise than configured, by backend and server; no resource without any.
    /// </summary>
    public ImmutableSortedDictionary<string, ImmutableArray<ServerIntent>> Servers
    {
        get;
        init => field = value ?? NoServers;
    } = NoServers;

    /// <summary>What is wanted of the servers of one HAProxy.</summary>
    public ImmutableArray<ServerIntent> ServersOf(string resource) =>
        Servers.TryGetValue(resource, out var known) && !known.IsDefault ? known : [];

    /// <summary>Whether both want the same, in the same version.</summary>
    public bool SameAs(ClusterIntents other) => Version == other.Version && Maintenance == other.Maintenance
        && Standby.SetEquals(other.Standby) && Pins.SequenceEqual(other.Pins) && Cleanups.SequenceEqual(other.Cleanups)
        && Servers.Count == other.Servers.Count
        && Servers.Keys.All(one => ServersOf(one).SequenceEqual(other.ServersOf(one)));
}
