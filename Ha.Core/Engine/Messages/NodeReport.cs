using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Health;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.Engine.Messages;

/// <summary>
/// What a node tells its peers about itself (<c>t=ha_report</c>), whole each time it changes. The coordinator decides
/// from the reports of all members; its own report carries what it decided, so that a successor can go on.
/// </summary>
internal sealed record NodeReport
{
    /// <summary>
    /// Grows with each report of a life; announced in every status, so that a lost report is asked for.
    /// </summary>
    public required long Version { get; init; }

    /// <summary>The view the node is in, as <c>epoch.proposer</c>; <c>0.0</c> when in none.</summary>
    public required string View { get; init; }

    /// <summary>True when it wants to leave: resources must be moved away.</summary>
    public required bool Leaving { get; init; }

    /// <summary>Newest transition of this view that it has orders of: it begins nothing of an older one any more.
    /// </summary>
    public long NewestTransition { get; init; }

    /// <summary>
    /// How often in this life it has given up what it ran on its own account: it obeys no order of before.
    /// </summary>
    public long Releases { get; init; }

    /// <summary>
    /// How often in this life a monitor found that something was no longer well: it starts nothing that was ordered
    /// before that was known.
    /// </summary>
    public long Setbacks { get; init; }

    /// <summary>All resources as they are on this node.</summary>
    public required ImmutableArray<ResourceReport> Resources { get; init; }

    /// <summary>Its health checks.</summary>
    public ImmutableArray<CheckReport> Checks { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What operators want, as far as this node knows.</summary>
    public required ClusterIntents Intents { get; init; }

    /// <summary>What its self-fencing counts on; null without a watchdog.</summary>
    public SafetyTimes? Safety { get; init; }

    /// <summary>Its latest calls of fence devices and operators' acknowledgements.</summary>
    public ImmutableArray<FenceRecord> Fencings { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The cluster configuration it runs; null from a node of an older version of this product.</summary>
    public ConfigurationOffer? Configuration { get; init; }

    /// <summary>Who made that configuration, when and why.</summary>
    public ConfigurationOrigin? Origin { get; init; }

    /// <summary>The newer configuration that it cannot run; null when there is none.</summary>
    public ConfigurationRefusal? Refused { get; init; }

    /// <summary>The configurations of services as this node has them, by resource.</summary>
    public ImmutableArray<ServiceConfiguration> ServiceConfigurations
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>Whom it sees behind the virtual IPs, by resource; none of links that it does not see.</summary>
    public ImmutableArray<AddressMapping> Mappings { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Coordinator only: where each group belongs and why.</summary>
    public ImmutableArray<GroupPlacement>? Placements { get; init; }

    /// <summary>Coordinator only: operators' operations.</summary>
    public ImmutableArray<OperationSnapshot>? Operations { get; init; }

    /// <summary>Coordinator only: the transition under way.</summary>
    public TransitionSnapshot? Transition { get; init; }
}

/// <summary>Who made a configuration.</summary>
internal sealed record ConfigurationOrigin(string Actor, DateTimeOffset At, string Reason);

/// <summary>A configuration that a node cannot run, and why.</summary>
internal sealed record ConfigurationRefusal(ConfigurationVersion Version, string Hash, string Why);
