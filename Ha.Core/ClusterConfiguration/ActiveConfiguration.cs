using Ha.Core.Fencing;
using Ha.Core.Health;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.ClusterConfiguration;

/// <summary>
/// A cluster configuration in the form the engine runs: validated, with every reference resolved and every default
/// filled in. Made from a configuration document, or from haresources where there is none.
/// </summary>
public sealed record ActiveConfiguration
{
    /// <summary>Version of the document it was made from.</summary>
    public required ConfigurationVersion Version { get; init; }

    /// <summary>SHA-256 of that document's text; equal versions with different hashes are a conflict.</summary>
    public string Hash { get; init; } = "";

    /// <summary>
    /// What the policy engine needs: options, nodes with attributes, resources, constraints, defaults. Without history;
    /// <see cref="ClusterModel.Now"/> is not set.
    /// </summary>
    public required ClusterModel Model { get; init; }

    /// <summary>
    /// The top-level units of resources in configured order, as operators see and move them: a group, or a primitive or
    /// clone that is in no group (its own only member).
    /// </summary>
    public required ImmutableArray<ResourceGroup> Groups { get; init; }

    /// <summary>Fencing, watchdog and arbiter.</summary>
    public SafetySettings Safety { get; init; } = new();

    /// <summary>Health checks, in configured order.</summary>
    public ImmutableArray<CheckDefinition> Checks { get; init; } = [];

    /// <summary>Votes of the nodes, in the order of ha.cf; empty: one each.</summary>
    public ImmutableArray<int> Votes { get; init; } = [];

    /// <summary>The group that a resource belongs to; null when it is not configured.</summary>
    public ResourceGroup? GroupOf(string resource)
    {
        foreach (var group in Groups)
        {
            foreach (var one in group.Resources)
            {
                if (one.Id == resource) return group;
            }
        }

        return null;
    }

    /// <summary>A resource; null when it is not configured.</summary>
    public ResourceDefinition? Find(string resource)
    {
        foreach (var one in GroupOf(resource)?.Resources ?? [])
        {
            if (one.Id == resource) return one;
        }

        return null;
    }

    /// <summary>Nodes on which the configuration wants nothing touched (<c>maintenance</c>).</summary>
    public ImmutableArray<string> NodesInMaintenance { get; init; } = [];

    /// <summary>How many actions are under way in the cluster at once, at most. Default 30.</summary>
    public int BatchLimit { get; init; } = 30;

    /// <summary>
    /// How often time-based rules and failure timeouts are looked at, at least. Default 15 min.
    /// </summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromMinutes(15);
}

/// <summary>Version of a configuration: compared epoch first.</summary>
/// <param name="Epoch">Grows when an operator changes the configuration.</param>
/// <param name="Update">Grows with what the cluster itself records in it; from 0 in each epoch.</param>
public readonly record struct ConfigurationVersion(long Epoch, long Update) : IComparable<ConfigurationVersion>
{
    /// <summary>Older than any.</summary>
    public static ConfigurationVersion None => default;

    /// <inheritdoc/>
    public int CompareTo(ConfigurationVersion other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Update.CompareTo(other.Update);

    /// <summary>Whether the first is newer.</summary>
    public static bool operator >(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the first is older.</summary>
    public static bool operator <(ConfigurationVersion left, ConfigurationVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the first is newer or the same.</summary>
    public static bool operator >=(ConfigurationVersion left, ConfigurationVersion right) =>
        left.CompareTo(right) >= 0;

    /// <summary>Whether the first is older or the same.</summary>
    public static bool operator <=(ConfigurationVersion left, ConfigurationVersion right) =>
        left.CompareTo(right) <= 0;

    /// <summary>Reads <c>epoch.update</c>.</summary>
    public static bool TryParse(string text, out ConfigurationVersion version)
    {
        version = None;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !TryParseNumber(text.AsSpan(0, dot), out var epoch)
            || !TryParseNumber(text.AsSpan(dot + 1), out var update)) return false;
        version = new ConfigurationVersion(epoch, update);
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture,
            out number);

    /// <summary><c>epoch.update</c>.</summary>
    public override string ToString() => $"{Epoch}.{Update}";
}
