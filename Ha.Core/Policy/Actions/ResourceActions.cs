using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.Actions;

/// <summary>The actions that bring one resource from where it is to where it belongs, done or merely
/// possible.</summary>
internal sealed class ResourceActions(ActionSet actions, RecurringMonitors monitors)
{
    private readonly WorkingCluster cluster = actions.Cluster;

    public void Add(Instance resource)
    {
        switch (resource.Kind)
        {
            case ResourceKind.Primitive:
                AddPrimitive(resource);
                break;
            case ResourceKind.Group:
                foreach (var member in resource.Members) Add(member);
                foreach (var kind in (ReadOnlySpan<ActionKind>)[ActionKind.Start, ActionKind.Stop])
                {
                    actions.AddPoint(kind, resource, end: false, optional: true, runnable: true);
                    actions.AddPoint(kind, resource, end: true, optional: true, runnable: true);
                }

                break;
            case ResourceKind.Clone:
                foreach (var copy in resource.Members) Add(copy);
                AddClonePoints(resource);
                break;
        }
    }

    /// <summary>What is known from the history comes first: steps that may happen in any order are told last
    /// first.</summary>
    public void AddKnown(Instance resource)
    {
        foreach (var (node, record) in resource.Monitors)
            actions.Add(ActionKind.Monitor, resource, node, optional: true, record.IntervalMs);
        foreach (var node in resource.FailedOn)
            actions.Add(ActionKind.Stop, resource, node, optional: false).Runnable &= resource.Managed;
    }

    private void AddClonePoints(Instance clone)
    {
        bool Does(ActionKind kind) => clone.Primitives.Any(one => one.Actions.Exists(action =>
            action.Kind == kind && !action.Optional && (action.Runnable || action.Implied)));

        var (starting, stopping) = (Does(ActionKind.Start), Does(ActionKind.Stop));
        actions.AddPoint(ActionKind.Start, clone, end: false, !starting, runnable: true);
        actions.AddPoint(ActionKind.Start, clone, end: true, !starting, runnable: starting || clone.IsActive);
        actions.AddPoint(ActionKind.Stop, clone, end: false, !stopping, runnable: true);
        actions.AddPoint(ActionKind.Stop, clone, end: true, !stopping, runnable: true);
    }

    private void AddPrimitive(Instance resource)
    {
        if (resource.NextRole == Role.Unknown)
            resource.NextRole = resource.Target is null ? Role.Stopped : Role.Started;
        var runs = resource.RunningOn.Count > 0;
        var stays = resource.NextRole == Role.Started && resource.Target is not null;
        var several = RunsOnSeveral(resource);
        // The copy where it belongs is not stopped, and counts as started anew, so that what depends on it is.
        var expected = several && stays && resource.MultipleActive == MultipleActive.StopUnexpected
            && (cluster.Options.AsPacemaker || resource.RunningOn.Contains(resource.Target!)) ? resource.Target : null;
        if (resource.StartPending && resource.Target is { } begun)
            actions.Add(ActionKind.Start, resource, begun, optional: true).Shown = true;
        if (runs)
        {
            var stop = MustStop(resource, several);
            Stop(resource, expected, optional: !stop);
            if (stays && !resource.Blocked) Start(resource, expected, optional: !stop);
            if (resource.NextRole != Role.Started) Stop(resource, expected: null, optional: false);
        }
        else if (stays)
        {
            Start(resource, expected: null, optional: false);
        }

        if (resource is { Orphan: true, Managed: true, Parent: null }) Forget(resource);
        monitors.Add(resource);
    }

    private bool RunsOnSeveral(Instance resource)
    {
        if (!resource.RunsOnSeveral) return false;
        var nodes = string.Join(", ", resource.RunningOn.Select(node => node.Name));
        cluster.Remarks.Add($"{resource.Id} runs on several nodes: {nodes}");
        return true;
    }

    private static bool MustStop(Instance resource, bool several)
    {
        var moves = resource is { NextRole: Role.Started, Target: { } target } && resource.Current != target;
        if (moves) return true;
        if (several && resource.MultipleActive is MultipleActive.StopStart or MultipleActive.StopUnexpected)
            return true;
        return resource.Failed ? resource.FailureStops : resource.Blocked;
    }

    private void Stop(Instance resource, NodeView? expected, bool optional)
    {
        foreach (var node in resource.RunningOn)
        {
            if (node == expected) continue;
            var stop = actions.Add(ActionKind.Stop, resource, node, optional);
            if (!resource.Managed) stop.Runnable = false;
        }
    }

    private void Start(Instance resource, NodeView? expected, bool optional)
    {
        var start = actions.Add(ActionKind.Start, resource, resource.Target!, optional: true);
        // Only what can be started must be; even where it is not managed: what is ordered after it waits, or is started
        // again.
        if (!optional && start.Runnable) start.Optional = false;
        if (start.Node == expected) start.Implied = true;
    }

    private void Forget(Instance resource)
    {
        if (resource.Failed) return;
        foreach (var node in cluster.Nodes)
        {
            if (!resource.Reported[node.Index] || !node.IsTidied) continue;
            var delete = actions.Add(ActionKind.Delete, resource, node, optional: false);
            foreach (var stop in resource.Actions.Where(action => action.Kind == ActionKind.Stop))
                ActionSet.Order(stop, delete, OrderEffect.Order);
        }
    }
}
