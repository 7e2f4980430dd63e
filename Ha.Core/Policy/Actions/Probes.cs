using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>Asks nodes about resources they have not reported on.</summary>
internal sealed class Probes(ActionSet actions)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void AddAll()
    {
        if (!cluster.Options.StartupProbes) return;
        foreach (var node in cluster.Nodes)
        {
            if (!node.Online || node.Unclean) continue;
            foreach (var resource in cluster.Resources) Add(resource, node);
        }
    }

    /// <summary>Until every answer is in nobody knows whether it runs somewhere already; an answer that cannot be had
    /// keeps back what is not known to run anywhere.</summary>
    public static void Order(ActionSet actions)
    {
        foreach (var probe in actions.All)
        {
            if (probe is not { Kind: ActionKind.Probe, Resource: { } resource }) continue;
            var asked = resource.OfClone is { Clone.Unique: false } ? resource.Parent! : resource;
            ActionSet.OrderAll(probe, asked, ActionKind.Start, OrderEffect.Asks);
        }
    }

    private void Add(Instance resource, NodeView node)
    {
        var isEmpty = resource.Kind != ResourceKind.Primitive && resource.Members.Count == 0;
        if (isEmpty || (resource.Orphan && resource.Parent is null)) return;
        if (resource is { Kind: ResourceKind.Clone, Clone.Unique: false })
        {
            // One copy asks for all of them: the one that belongs there, or else the first.
            var copy = resource.Members.Find(one => one.Place == node)
                ?? resource.Members.Find(one => one.Primitives.Any(primitive => primitive.RunningOn.Contains(node)))
                ?? resource.Members[0];
            foreach (var primitive in copy.Primitives)
            {
                if (!resource.Primitives.Any(one => one.Model.Id == primitive.Model.Id && one.Known[node.Index]))
                    Ask(primitive, node);
            }

            return;
        }

        foreach (var primitive in resource.Primitives)
        {
            if (!primitive.Known[node.Index]) Ask(primitive, node);
        }
    }

    private void Ask(Instance primitive, NodeView node)
    {
        if (IsDiscovered(primitive, node)) actions.Add(ActionKind.Probe, primitive, node, optional: false);
    }

    private static bool IsDiscovered(Instance primitive, NodeView node)
    {
        var discovery = primitive.Discovery?[node.Index] ?? ResourceDiscovery.Always;
        return primitive.IsExclusive || primitive.Outermost.IsExclusive
            ? discovery == ResourceDiscovery.Exclusive : discovery != ResourceDiscovery.Never;
    }
}
