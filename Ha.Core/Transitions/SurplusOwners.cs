using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Resources;

namespace Ha.Core.Transitions;

/// <summary>
/// After a split a group may run on several nodes. Where the configuration wants one of them to go on (multiple-active
/// stop_unexpected), what runs on the others is surplus: it is stopped there, and nobody else notices. Where a stop
/// has failed nothing more is tried.
/// </summary>
internal static class SurplusOwners
{
    /// <summary>What is to be stopped, per node in reverse start order.</summary>
    public static IEnumerable<(string Node, string Resource)> Find(
        ActiveConfiguration configuration, ClusterState state, ClusterPlan plan)
    {
        foreach (var group in configuration.Groups)
        {
            if (group.IsClone || !group.KeepsOne) continue;
            var owners = state.Nodes.Where(node => node.Presence == NodePresence.Member && Owns(node, group)).ToList();
            if (owners.Count < 2 || Keeper(group, owners, plan) is not { } keeper) continue;
            foreach (var owner in owners.Where(one => one != keeper && !IsStuck(one, group)))
            {
                foreach (var resource in group.Resources.Reverse())
                {
                    if (Report(owner, resource) is { State: not ResourceState.Stopped })
                        yield return (owner.Name, resource.Id);
                }
            }
        }
    }

    // The node the plan wants, when it is one of them; when the plan may not decide, the one that has served longest.
    private static NodeSituation? Keeper(ResourceGroup group, List<NodeSituation> owners, ClusterPlan plan)
    {
        var placement = plan.Placements.First(one => one.Group == group.Resources[0].Id);
        var wanted = owners.Find(owner => owner.Name == placement.Node && !IsStuck(owner, group));
        if (wanted is not null || !(placement.Blocked || owners.Exists(owner => IsStuck(owner, group)))) return wanted;
        return owners.Where(owner => !IsStuck(owner, group))
            .OrderByDescending(owner => group.Resources.Max(one => Report(owner, one)?.ActiveForMs ?? 0))
            .FirstOrDefault();
    }

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
