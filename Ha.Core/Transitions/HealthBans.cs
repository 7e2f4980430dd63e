using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Health;
using Ha.Core.Policy;
using Ha.Core.Policy.Model;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>Why a group stays away from a node.</summary>
public enum HealthBanCause
{
    /// <summary>The check is unhealthy there.</summary>
    Unhealthy,

    /// <summary>It has begun to fail there: what failed elsewhere may just be failing here, too.</summary>
    Failing,

    /// <summary>It has not passed there yet.</summary>
    Unknown,
}

/// <summary>A node that a group stays away from because of a health check.</summary>
/// <param name="Group">Id of the group.</param>
/// <param name="Node">The node.</param>
/// <param name="Check">Id of the check.</param>
/// <param name="Cause">Why.</param>
/// <param name="Detail">What it found; may be empty.</param>
public sealed record HealthBan(string Group, string Node, string Check, HealthBanCause Cause, string Detail)
{
    /// <summary>The ban as the policy engine knows it.</summary>
    public LocationConstraint ToConstraint() => new()
    {
        Id = $"check-{Check}", Resource = Group, Node = Node, Score = -Score.Infinity, Why = Why,
    };

    private string Why => Cause switch
    {
        HealthBanCause.Unhealthy => $"fails check {Check}{Evidence}",
        HealthBanCause.Failing => $"begins to fail check {Check}{Evidence}",
        HealthBanCause.Unknown => $"has not passed check {Check} yet",
    };

    private string Evidence => Detail.Length > 0 ? $" ({Detail})" : "";
}

/// <summary>
/// Where groups do not belong because of their health checks. A node that has not been seen to be healthy takes no
/// group from one that is, nor does one that begins to fail. Bans are lifted when the group would run nowhere: a check
/// that fails everywhere may be wrong itself, and bad service is better than none. Then it stays where it is, if it
/// can.
/// </summary>
internal static class HealthBans
{
    /// <summary>Finds all bans.</summary>
    public static ImmutableArray<HealthBan> Find(ActiveConfiguration configuration, ClusterState state)
    {
        var bans = ImmutableArray.CreateBuilder<HealthBan>();
        foreach (var check in configuration.Checks)
        {
            if (configuration.Groups.FirstOrDefault(group => group.Id == check.Group) is not { } group) continue;
            var serves = check.Where == CheckPlace.Everywhere && state.Nodes.Any(node =>
                node.Presence == NodePresence.Member && Verdict(node, check) == CheckVerdict.Healthy
                && Runs(node, group));
            foreach (var node in state.Nodes)
            {
                if (node.Presence != NodePresence.Member || !check.IsFor(node.Name)) continue;
                if (CauseOf(node, check, group, serves) is { } cause)
                    bans.Add(new HealthBan(group.Id, node.Name, check.Id, cause, Report(node, check)?.Detail ?? ""));
            }
        }

        return bans.ToImmutable();
    }

    private static HealthBanCause? CauseOf(
        NodeSituation node, CheckDefinition check, ResourceGroup group, bool servesElsewhere) =>
        Report(node, check)?.State switch
        {
            CheckState.Unhealthy or CheckState.Recovering or CheckState.Flapping => HealthBanCause.Unhealthy,
            CheckState.Failing => Runs(node, group) ? null : HealthBanCause.Failing,
            CheckState.Healthy => null,
            CheckState.Unknown or null => servesElsewhere && !Runs(node, group) ? HealthBanCause.Unknown : null,
        };

    /// <summary>Which bans are to be lifted after a plan that leaves groups nowhere; empty: none.</summary>
    public static ImmutableArray<HealthBan> Lift(ActiveConfiguration configuration, ClusterState state,
        ImmutableArray<HealthBan> bans, ClusterPlan plan)
    {
        var lifted = ImmutableArray.CreateBuilder<HealthBan>();
        foreach (var group in configuration.Groups)
        {
            var own = bans.Where(ban => ban.Group == group.Id).ToList();
            if (own.Count == 0 || !IsNowhere(group, plan)) continue;
            // First to where nothing is known against it, then where it is, then anywhere.
            var unknown = own.FindAll(ban => ban.Cause == HealthBanCause.Unknown);
            var here = own.FindAll(ban => state.Nodes.Any(node => node.Name == ban.Node && MayServe(node, group)));
            lifted.AddRange(unknown.Count > 0 ? unknown : here.Count > 0 ? here : own);
        }

        return lifted.ToImmutable();
    }

    private static bool IsNowhere(ResourceGroup group, ClusterPlan plan)
    {
        var own = plan.Placements.Where(one => GroupPlacement.IsOf(group, one)).ToList();
        return group.IsClone ? own.TrueForAll(one => one.Node is null)
            : own.Exists(one => one.Node is null && !one.Blocked);
    }

    /// <summary>The attributes that checks give a node.</summary>
    public static ImmutableArray<AttributeSet> Attributes(ActiveConfiguration configuration, NodeSituation node)
    {
        var values = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var check in configuration.Checks)
        {
            if (check.Attribute is not { } attribute || !check.IsFor(node.Name)) continue;
            var verdict = Verdict(node, check);
            if (verdict == CheckVerdict.None) continue;
            values.Add(KeyValuePair.Create(attribute.Name,
                verdict == CheckVerdict.Healthy ? attribute.Healthy : attribute.Unhealthy));
        }

        return values.Count == 0 ? [] : [new AttributeSet("", 0, null, values.ToImmutable())];
    }

    private static CheckReport? Report(NodeSituation node, CheckDefinition check)
    {
        foreach (var report in node.Checks)
        {
            if (report.Id == check.Id) return report;
        }

        return null;
    }

    private static CheckVerdict Verdict(NodeSituation node, CheckDefinition check) =>
        Report(node, check)?.Verdict ?? CheckVerdict.None;

    private static bool MayServe(NodeSituation node, ResourceGroup group) =>
        node.Resources.Any(report => report.State == ResourceState.Started
            && group.Resources.Any(resource => resource.Id == report.Id));

    private static bool Runs(NodeSituation node, ResourceGroup group) =>
        group.Resources.All(resource => node.Resources.Any(
            report => report.Id == resource.Id && report.State == ResourceState.Started));
}
