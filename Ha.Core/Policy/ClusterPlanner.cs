using Ha.Core.Policy.Actions;
using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.History;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy;

/// <summary>
/// The general policy engine: a pure function from what the cluster is configured to be and what is known of it to
/// where everything belongs and how to get there. Semantics are Pacemaker's (docs/policy.md).
/// </summary>
public static class ClusterPlanner
{
    /// <summary>Makes a plan. Equal models give equal plans.</summary>
    public static ClusterPlan Plan(ClusterModel model)
    {
        var cluster = new WorkingCluster(model);
        cluster.SortByPriority();
        NodeStates.Judge(cluster);
        HistoryReader.Read(cluster);
        FenceActions.Decide(cluster);
        Preferences.Apply(cluster);
        Colocations.Unfold(cluster);
        new Allocator(cluster).AssignAll();

        var actions = new ActionSet(cluster);
        var resources = new ResourceActions(actions, new RecurringMonitors(actions));
        foreach (var primitive in cluster.Primitives) resources.AddKnown(primitive);
        new Probes(actions).AddAll();
        foreach (var resource in cluster.Resources) resources.Add(resource);
        new ChangedParameters(actions).AddAll();
        FenceActions.AddAll(actions);
        new OrderConstraints(actions).AddAll();
        new InternalOrders(actions).AddAll();
        ColocationBlocks.AddApart(actions);
        Probes.Order(actions);
        OrderPropagation.Run(actions);
        return PlanWriter.Write(actions);
    }
}
