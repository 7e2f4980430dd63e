using Ha.Core.Policy.Allocation;
using Ha.Core.Policy.Model;

namespace Ha.Core.Policy.History;

/// <summary>Finds out from the nodes' reports what runs where, and what has failed.</summary>
internal sealed class HistoryReader(WorkingCluster cluster)
{
    public static void Read(WorkingCluster cluster)
    {
        var reader = new HistoryReader(cluster);
        foreach (var history in cluster.Model.History)
        {
            if (cluster.NodeById(history.NodeId) is not { } node) continue;
            // Without fencing nothing can be done about what an absent node may have.
            if (!node.Online && !cluster.Options.FencingEnabled) continue;
            if (history.Operations.Length > 0) reader.Read(history, node);
        }
    }

    private void Read(ResourceHistory history, NodeView node)
    {
        var any = Candidate(history, node);
        var copies = any.OfClone?.Members.Count;
        var instance = any.OfClone is { Clone.Unique: false } ? CopyOn(any, node) : any;
        var observation = new Observation(cluster, instance, node, history);
        observation.Read();
        if (observation.Role <= Role.Stopped && any.OfClone is { } clone && clone.Members.Count > copies)
        {
            // It takes no copy to run nothing.
            clone.Members.RemoveAt(clone.Members.Count - 1);
            instance = any;
        }

        if (history.Agent != AgentName.None && history.Agent != instance.Model.Agent && !instance.Orphan)
            instance.OtherAgentOn.Add(node);
        Name(instance, history.Resource, observation.Role > Role.Stopped);
        Apply(observation, instance, node);
    }

    private Instance Candidate(ResourceHistory history, NodeView node)
    {
        if (cluster.FindPrimitive(history.Resource) is { } exact) return exact;
        var plain = PlainName(history.Resource);
        foreach (var primitive in cluster.Primitives)
        {
            if (primitive.OfClone is { Clone.Unique: false } && primitive.Model.Id == plain) return primitive;
        }

        var orphan = InstanceTree.Orphan(cluster, history.Resource, history.Agent);
        cluster.Add(orphan);
        cluster.Remarks.Add($"{history.Resource} is not configured but {node.Name} reports it");
        return orphan;
    }

    private static IEnumerable<Instance> Copies(Instance any) =>
        any.OfClone!.Primitives.Where(one => one.Model.Id == any.Model.Id);

    // The copy of a cloned group that already has a member on the node, else the first one that runs nowhere. What need
    // not be fenced does not use up a copy that could be started elsewhere.
    private Instance CopyOn(Instance any, NodeView node)
    {
        var clone = any.OfClone!;
        Instance? found = null;
        foreach (var copy in clone.Members)
        {
            var member = copy.Primitives.First(one => one.Model.Id == any.Model.Id);
            if (copy.Primitives.Any(one => one.RunningOn.Contains(node) || one.PendingOn == node))
            {
                // A node that reports the same twice runs one more than it should.
                found = member.RunningOn.Count == 0 ? member : null;
                break;
            }

            if (!copy.IsActive && !copy.Primitives.Any(one => one.Blocked || one.PendingOn is not null))
                found ??= member;
        }

        var isLost = found is { Requires: < Requirement.Fencing } && (!node.Online || node.Unclean)
            && clone.Clone!.Max != cluster.Nodes.Length;
        return found is null || isLost ? InstanceTree.Surplus(cluster, clone, any.Model.Id) : found;
    }

    // Nodes of old numbered the copies; where they do not, nobody does.
    private static void Name(Instance instance, string reported, bool active)
    {
        if (instance.OfClone is not { Clone.Unique: false }) return;
        if (active) instance.StepName = reported;
        if (reported != instance.ReportedName) return;
        foreach (var copy in Copies(instance))
        {
            if (copy.StepName == copy.Id) copy.StepName = reported;
        }
    }

    private void Apply(Observation observation, Instance instance, NodeView node)
    {
        if (observation.LastFailure is { } failure) instance.FailedOperations.Add((node, failure));
        instance.Reported[node.Index] = true;
        if (observation.HasPending) instance.PendingOn ??= node;
        if (observation.Known) instance.Known[node.Index] = true;
        if (observation.FailureIgnored) instance.FailureIgnored = true;
        if (observation.FailuresCleared) instance.FailuresCleared.Add(node);
        if (observation.BanReason is { } ban) Whole(instance).Ban(observation.BanEverywhere ? null : node, ban);
        if (observation.StopFailure is { } why) instance.Ban(node, why);
        if (observation.StopsForGood)
        {
            instance.NextRole = Role.Stopped;
            Whole(instance).Scores.BanEverywhere($"may not run it ({observation.Failure}, and on-fail says stop)");
        }

        if (observation.Blocks) Block(instance, $"{observation.Failure} on {node.Name}");
        foreach (var record in observation.Monitors) instance.Monitors.Add((node, record));
        if (observation.Role <= Role.Stopped) return;
        instance.Role = Role.Started;
        if (observation.StartPending) instance.StartPending = true;
        foreach (var record in observation.Expired) instance.Expired.Add((node, record));
        foreach (var record in observation.SinceStart) instance.SinceStart.Add((node, record));
        if (!node.Online && !node.Maintenance && instance.Managed && cluster.Options.FencingEnabled)
            node.MarkUnclean($"{instance.Id} is thought to be active there");
        // What is fenced needs no other answer to a failure.
        if (!node.Unclean) Fail(observation, instance, node);
        AddRunning(instance, node);
    }

    private static void Fail(Observation observation, Instance instance, NodeView node)
    {
        if (observation.OnFail is OnFail.Ignore) return;
        if (observation.OnFail == OnFail.Restart) instance.FailedOn.Add(node);
        if (observation.OnFail != OnFail.Block) instance.FailureStops = true;
        switch (observation.OnFail)
        {
            case OnFail.Ignore:
                break;
            case OnFail.Restart:
                instance.Failed = true;
                break;
            case OnFail.Ban:
                instance.Failed = true;
                instance.Ban(node, $"could not run {instance.Id} ({observation.Failure}, and on-fail says ban)");
                break;
            case OnFail.Block:
                instance.Failed = true;
                Block(instance, $"{observation.Failure} on {node.Name}");
                break;
            case OnFail.Stop:
                instance.Failed = true;
                instance.NextRole = Role.Stopped;
                break;
            case OnFail.Standby:
                instance.Failed = true;
                node.Standby = true;
                break;
            case OnFail.Fence:
                instance.Failed = true;
                node.MarkUnclean($"{observation.Failure}, and on-fail says fence");
                break;
        }
    }

    private static void AddRunning(Instance instance, NodeView node)
    {
        if (!instance.RunningOn.Contains(node)) instance.RunningOn.Add(node);
        if (node.Maintenance) instance.Managed = false;
        if (!instance.Managed)
        {
            instance.Scores.Add(node.Index, Score.Infinity, "runs it, and it is not managed");
            return;
        }

        if (!instance.RunsOnSeveral) return;
        if (instance.MultipleActive == MultipleActive.StopOnly) BanEverywhereNow(instance);
        if (instance.MultipleActive != MultipleActive.Block) return;
        // Members of a group hang together: if one may not be touched, none is.
        var whole = instance.Parent is { Kind: ResourceKind.Group, MultipleActive: MultipleActive.Block } group
            ? group : instance;
        var nodes = string.Join(" and ", instance.RunningOn.Select(one => one.Name));
        foreach (var primitive in whole.Primitives)
            Block(primitive, $"{instance.Id} runs on {nodes}, and multiple-active says block");
    }

    private static void BanEverywhereNow(Instance instance)
    {
        for (var node = 0; node < instance.Scores.Count; node++)
        {
            if (instance.Scores[node] > -Score.Infinity)
                instance.Scores.Add(node, -Score.Infinity,
                    "may not run it: it was found running on several nodes, and multiple-active says stop_only");
        }
    }

    private static void Block(Instance instance, string why)
    {
        if (!instance.Blocked) instance.BlockedBy = why;
        instance.Managed = false;
        instance.Blocked = true;
    }

    // What one of several equal copies cannot do, none can.
    private static Instance Whole(Instance instance) =>
        instance.OfClone is { Clone.Unique: false } clone ? clone : instance;

    /// <summary>The name without the number of a copy.</summary>
    public static string PlainName(string name)
    {
        var colon = name.LastIndexOf(':');
        return colon > 0 && name.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 && colon + 1 < name.Length
            ? name[..colon] : name;
    }
}
