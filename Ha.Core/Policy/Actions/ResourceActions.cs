using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>The actions that bring one primitive from where it is to where it belongs, done or merely
/// possible.</summary>
internal sealed class ResourceActions(ActionSet actions, RecurringMonitors monitors)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void Add(Instance resource)
    {
        if (resource.NextRole == Role.Unknown)
            resource.NextRole = resource.Target is null ? Role.Stopped : Role.Started;
        var target = resource.NextRole == Role.Started ? resource.Target : null;
        var restart = MustStop(resource, target);
        var keepsOne = resource.MultipleActive == MultipleActive.StopUnexpected && resource.RunningOn.Count > 1;
        var keep = keepsOne ? target : null;
        foreach (var node in resource.RunningOn)
        {
            if (node == keep) continue;
            var stop = actions.Add(ActionKind.Stop, resource, node, optional: !restart);
            if (stop.Surplus) stop.Optional = false;
            else if (!resource.Managed) stop.Runnable = false;
            // What would have to be stopped, and may not be, stands in the way of what depends on that.
            if (resource is { Failed: true, Blocked: true }) stop.Optional = false;
        }

        if (resource is { Orphan: true, Managed: true, Parent: null }) Forget(resource);

        if (target is not null)
        {
            var stays = resource.RunningOn.Contains(target) && !restart && !resource.StartPending;
            var start = actions.Add(ActionKind.Start, resource, target, optional: stays);
            // Where it may stay it counts as started anew, so that what depends on it is.
            if (target == keep) start.Implied = true;
        }

        Order(resource);
        monitors.Add(resource, target);
    }

    /// <summary>What is known from the history comes first: steps that may happen in any order are told last
    /// first.</summary>
    public void AddKnown(Instance resource)
    {
        foreach (var (node, record) in resource.Monitors)
            actions.Add(ActionKind.Monitor, resource, node, optional: true, record.IntervalMs);
        foreach (var node in resource.FailedOn)
            actions.Add(ActionKind.Stop, resource, node, optional: true).Runnable &= resource.Managed;
    }

    private bool MustStop(Instance resource, NodeView? target)
    {
        if (resource.RunningOn.Count == 0) return false;
        if (target is null || resource.Failed) return true;
        if (resource.RunningOn.Count > 1)
        {
            var nodes = string.Join(", ", resource.RunningOn.Select(node => node.Name));
            cluster.Remarks.Add($"{resource.Id} runs on several nodes: {nodes}");
            return true;
        }

        return resource.RunningOn[0] != target;
    }

    private void Forget(Instance resource)
    {
        foreach (var node in cluster.Nodes)
        {
            if (!resource.Known[node.Index] || !node.IsTidied) continue;
            var delete = actions.Add(ActionKind.Delete, resource, node, optional: false);
            foreach (var stop in actions.Of(resource, ActionKind.Stop))
                actions.Order(stop, delete, OrderEffect.NeedsFirst);
        }
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
