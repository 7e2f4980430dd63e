using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Health;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>How a node stands to the view that decides.</summary>
public enum NodePresence
{
    /// <summary>Nobody has seen it since the cluster started.</summary>
    NeverSeen = 0,

    /// <summary>Member of the view: it takes orders.</summary>
    Member = 1,

    /// <summary>Lost without a word: it may still run anything.</summary>
    Lost = 2,

    /// <summary>Known to run nothing: it left cleanly, or was fenced.</summary>
    Off = 3,
}

/// <summary>One node as the coordinator knows it.</summary>
public sealed record NodeSituation
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>How it stands to the view.</summary>
    public required NodePresence Presence { get; init; }

    /// <summary>Why it is not a member, as the end of the sentence "s1 ..."; empty for a member.</summary>
    public string WhyAbsent { get; init; } = "";

    /// <summary>Whether it wants to leave.</summary>
    public bool Leaving { get; init; }

    /// <summary>Whether it coordinates.</summary>
    public bool IsCoordinator { get; init; }

    /// <summary>Its resources as it reported them last.</summary>
    public ImmutableArray<ResourceReport> Resources { get; init; } = [];

    /// <summary>Its health checks as it reported them last.</summary>
    public ImmutableArray<CheckReport> Checks { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>How long ago that report was made, ms.</summary>
    public long ReportAgeMs { get; init; }
}

/// <summary>
/// Everything that decisions depend on besides the configuration: what the coordinator sees at one moment. Equal
/// states and configurations give equal plans; a what-if changes a copy.
/// </summary>
public sealed record ClusterState
{
    /// <summary>All nodes, in the order of ha.cf.</summary>
    public required ImmutableArray<NodeSituation> Nodes { get; init; }

    /// <summary>Whether this partition has quorum.</summary>
    public required bool HaveQuorum { get; init; }

    /// <summary>What operators want.</summary>
    public required ClusterIntents Intents { get; init; }

    /// <summary>The moment; decides rules with dates and whether failures have expired.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What one node reported of a resource; null when it did not.</summary>
    public ResourceReport? Find(string node, string resource)
    {
        foreach (var one in Nodes)
        {
            if (one.Name != node) continue;
            foreach (var report in one.Resources)
            {
                if (report.Id == resource) return report;
            }
        }

        return null;
    }

    /// <summary>The same state with another report of one resource on one node.</summary>
    public ClusterState Replace(string node, ResourceReport report) => this with
    {
        Nodes = [.. Nodes.Select(one => one.Name != node ? one : one with
        {
            Resources = one.Resources.Any(known => known.Id == report.Id)
                ? [.. one.Resources.Select(known => known.Id == report.Id ? report : known)]
                : one.Resources.Add(report),
        })],
    };
}
