using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>The actions that bring one primitive from where it is to where it belongs, done or merely possible.</summary>
internal sealed class ResourceActions(ActionSet actions, RecurringMonitors monitors)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void Add(Instance resource)
    {
        if (resource.NextRole == Role.Unknown) resource.NextRole = resource.Target is null ? Role.Stopped : Role.Started;
        var target = resource.NextRole == Role.Started ? resource.Target : null;
        var restart = MustStop(resource, target);
        var keep = resource.MultipleActive == MultipleActive.StopUnexpected && resource.RunningOn.Count > 1 ? target : null;
        foreach (var node in resource.RunningOn)
        {
            if (node == keep && !resource.Failed) continue;
            var stop = actions.Add(ActionKind.Stop, resource, node, optional: !restart);
            if (!resource.Managed) stop.Runnable = false;
            if (resource.Orphan && resource.Managed) Forget(resource, node, stop);
        }

        if (target is not null)
        {
            var stays = resource.RunningOn.Contains(target) && (!restart || target == keep);
            actions.Add(ActionKind.Start, resource, target, optional: stays);
        }

        Order(resource);
        monitors.Add(resource, target);
    }

    private bool MustStop(Instance resource, NodeView? target)
    {
        if (resource.RunningOn.Count == 0) return false;
        if (target is null || resource.Failed) return true;
        if (resource.RunningOn.Count > 1)
        {
            cluster.Remarks.Add($"{resource.Id} runs on several nodes: {string.Join(", ", resource.RunningOn.Select(node => node.Name))}");
            return true;
        }

        return resource.RunningOn[0] != target;
    }

    private void Forget(Instance resource, NodeView node, PlannedAction stop)
    {
        if (!node.Online || node.Unclean) return;
        actions.Order(stop, actions.Add(ActionKind.Delete, resource, node, optional: false), OrderEffect.NeedsFirst);
    }

    // A resource is started nowhere before it has stopped everywhere else.
    private void Order(Instance resource)
    {
        foreach (var stop in actions.Of(resource, ActionKind.Stop))
        {
            foreach (var start in actions.Of(resource, ActionKind.Start))
                actions.Order(stop, start, OrderEffect.Restart);
        }
    }
}
