using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>
/// After a split a group may run on several nodes. Where the configuration wants one of them to go on (multiple-active
/// stop_unexpected), what runs on the others is surplus: it is stopped there, and nobody else notices. Where a stop
/// has failed nothing more is tried. Addresses that go on elsewhere are the first to go, so that nobody is led to a
/// copy that is about to end.
/// </summary>
internal static class SurplusOwners
{
    /// <summary>What is to be stopped, per node: virtual IPs that the keeper has, then the rest in reverse start order.
    /// </summary>
    public static IEnumerable<(string Node, string Resource)> Find(
        ActiveConfiguration configuration, ClusterState state, ClusterPlan plan)
    {
        foreach (var group in configuration.Groups)
        {
            if (group.IsClone) continue;
            var stuck = IsStuck(group, state, plan);
            if (!group.KeepsOne && !stuck) continue;
            var owners = state.Nodes.Where(node => node.Presence == NodePresence.Member && Owns(node, group)).ToList();
            var keeper = stuck ? KeeperOfStuck(group, owners, state)
                : owners.Find(owner => owner.Name == PlaceOf(group.Resources[0], plan));
            if (!stuck && (owners.Count < 2 || keeper is null)) continue;
            foreach (var owner in owners.Where(one => one != keeper && !IsStuck(one, group)))
            {
                foreach (var resource in group.Resources.Reverse().OrderByDescending(one => IsKept(one, keeper)))
                {
                    if (Report(owner, resource) is { State: not ResourceState.Stopped }
                        && !IsLeftAlone(configuration, state, owner, resource)
                        && (stuck || PlaceOf(resource, plan) != owner.Name))
                        yield return (owner.Name, resource.Id);
                }
            }
        }
    }

    /// <summary>
    /// Whether a stop of a member failed and nothing can be done about it: then it is left where it is, nothing of the
    /// group is started, and at most one other copy goes on.
    /// </summary>
    public static bool IsStuck(ResourceGroup group, ClusterState state, ClusterPlan plan) =>
        state.Nodes.Any(node => node.Presence == NodePresence.Member && IsStuck(node, group))
        && plan.Placements.Any(one => one.Blocked && group.Resources.Any(resource => resource.Id == one.Group));

    private static bool IsKept(ResourceDefinition resource, NodeSituation? keeper) => resource.IsVip
        && keeper is not null && Report(keeper, resource) is { State: ResourceState.Started };

    // In maintenance, or not managed: whoever runs it as well, an operator sees to it.
    private static bool IsLeftAlone(
        ActiveConfiguration configuration, ClusterState state, NodeSituation owner, ResourceDefinition resource) =>
        !resource.IsManaged || state.Intents.Maintenance || configuration.NodesInMaintenance.Contains(owner.Name);

    // All of a group are put where its first member is, but for those that follow one that nobody may touch: stopped as
    // surplus they would be started again by the next plan.
    private static string? PlaceOf(ResourceDefinition resource, ClusterPlan plan) =>
        plan.Placements.First(one => one.Group == resource.Id).Node;

    private static NodeSituation? KeeperOfStuck(ResourceGroup group, List<NodeSituation> owners, ClusterState state) =>
        owners.Where(owner => !IsStuck(owner, group) && !owner.Leaving && !state.Intents.Standby.Contains(owner.Name))
            .OrderByDescending(owner => group.Resources.Max(one => Report(owner, one)?.ActiveForMs ?? 0))
            .FirstOrDefault();

    private static bool Owns(NodeSituation node, ResourceGroup group) => group.Resources.Any(resource =>
        Report(node, resource) is { State: not (ResourceState.Stopped or ResourceState.Unknown) });

    private static bool IsStuck(NodeSituation node, ResourceGroup group) =>
        group.Resources.Any(resource => Report(node, resource)?.StopFailure is not null);

    private static ResourceReport? Report(NodeSituation node, ResourceDefinition resource)
    {
        foreach (var report in node.Resources)
        {
            if (report.Id == resource.Id) return report;
        }

        return null;
    }
}
