using Ha.Core.Contracts;

namespace Ha.Simulation;

/// <summary>
/// What a cluster without faults must look like: one view of all nodes with one coordinator, nothing under way, every
/// operation ended, and each group on exactly one node - the one that the policy promises. What runs is taken from the
/// machines, not from what the engines say of them.
/// </summary>
public sealed class LivenessChecker
{
    private readonly SimulationProfile profile;
    private readonly SafetyChecker checker;
    private readonly ImmutableArray<SimulatedNode> nodes;

    /// <summary>Watches these machines.</summary>
    public LivenessChecker(SimulationProfile profile, SafetyChecker checker, ImmutableArray<SimulatedNode> nodes)
    {
        this.profile = profile;
        this.checker = checker;
        this.nodes = nodes;
    }

    /// <summary>Whether the last look saw a node in standby.</summary>
    public bool StandbySeen { get; private set; }

    /// <summary>The first thing that is not as it should be; null when the cluster has converged.</summary>
    /// <param name="now">World time.</param>
    /// <param name="restored">
    /// True after the operator cleaned up and set all nodes online: then no failure and no standby excuses anything.
    /// </param>
    public string? WhatIsMissing(long now, bool restored)
    {
        StandbySeen = false;
        // An operator must pick one of two configurations: until then the cluster stands still, and says so.
        var conflict = !restored && nodes.All(node => node.Snapshot(now) is { } told && IsInConflict(told));
        ClusterSnapshot? first = null;
        foreach (var node in nodes)
        {
            if (node.Snapshot(now) is not { } snapshot)
                return $"{SimulationProfile.NodeName(node.Index)} has no agent";
            first ??= snapshot;
            if (WhatIsWrong(snapshot, first, conflict) is { } wrong) return $"{snapshot.Node} {wrong}";
            if (snapshot.ConfigurationVersion != first.ConfigurationVersion && !conflict)
                return $"{snapshot.Node} runs {snapshot.ConfigurationVersion}, {first.Node} {first.ConfigurationVersion}";
        }

        if (conflict) return null;

        for (var group = 0; group < profile.Groups.Length; group++)
        {
            if (WhatIsWrong(first!, group, restored) is { } wrong) return $"{profile.Groups[group].Id} {wrong}";
        }

        return null;
    }

    /// <summary>A snapshot in one line.</summary>
    public static string Describe(ClusterSnapshot snapshot)
    {
        var view = snapshot.View is { } agreed ? $"view {agreed.Id} of {string.Join(' ', agreed.Members)}" : "no view";
        var seen = string.Join(", ", snapshot.Nodes.Where(node => !node.IsLocal)
            .Select(node => $"{node.Name} {node.State} {node.HeartbeatStatus} {node.Reason}"));
        var groups = string.Join(", ", snapshot.Groups
            .Select(group => $"{group.Id} {group.State} on [{string.Join(' ', group.ActiveOn)}]"));
        return $"{view}; {seen}; {groups}; {snapshot.Transition?.Why ?? "no transition"}";
    }

    /// <summary>Whether a node tells that the configuration is one of two.</summary>
    public static bool IsInConflict(ClusterSnapshot snapshot)
    {
        foreach (var warning in snapshot.Warnings)
        {
            if (warning.EndsWith("until an operator has compared them and picked one", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private string? WhatIsWrong(ClusterSnapshot snapshot, ClusterSnapshot first, bool conflict)
    {
        if (snapshot.View is not { } view) return "has no view";
        if (view.Members.Length != nodes.Length) return $"is in view {view.Id} of {string.Join(' ', view.Members)}";
        if (view.Id != first.View!.Id || view.Coordinator != first.View.Coordinator)
            return $"is in view {view.Id}, {first.Node} is in {first.View.Id}";
        // Where a device has lied it is trusted no more: what is to be fenced then waits for an operator, and so does
        // whoever asked for something that needs it.
        var waits = profile.Lies && snapshot.Transition is not null;
        if (!waits && snapshot.Transition is { } transition)
            return $"walks transition {transition.Id}: {transition.Why}";
        for (var node = 0; node < snapshot.Nodes.Length; node++)
        {
            var seen = snapshot.Nodes[node];
            if (seen.State != NodeState.Online) return $"sees {seen.Name} as {seen.State}: {seen.Reason}";
            if (seen.Mode != first.Nodes[node].Mode) return $"sees {seen.Name} as {seen.Mode}, {first.Node} does not";
        }

        foreach (var operation in snapshot.Operations)
        {
            if (conflict || waits) break;
            if (operation.State is OperationState.Queued or OperationState.Running)
                return $"shows operation {operation.Id} ({operation.Kind}) as {operation.State}";
        }

        return null;
    }

    private string? WhatIsWrong(ClusterSnapshot snapshot, int group, bool restored)
    {
        // Where operations lie nobody can say what is true.
        if (profile.Lies) return null;
        var owner = -1;
        for (var node = 0; node < nodes.Length; node++)
        {
            var running = CountRunning(node, group);
            if (running == 0) continue;
            if (owner >= 0 && !Excused(group, restored))
                return $"runs on {SimulationProfile.NodeName(owner)} and {SimulationProfile.NodeName(node)}";
            owner = node;
            if (checker.IsInStandby(node) && !Excused(group, restored))
                return $"runs on {SimulationProfile.NodeName(node)}, which is in standby";
            if (running != profile.Groups[group].Resources.Length && !Excused(group, restored))
                return $"runs only in part on {SimulationProfile.NodeName(node)}";
        }

        var standing = nodes.Count(node => checker.IsInStandby(node.Index));
        StandbySeen |= standing > 0;
        if (Excused(group, restored)) return null;
        if (owner < 0) return standing == nodes.Length ? null : "runs nowhere";
        return restored ? WhatIsWrongWithPlace(snapshot, group, owner) : null;
    }

    private string? WhatIsWrongWithPlace(ClusterSnapshot snapshot, int group, int owner)
    {
        foreach (var node in snapshot.Nodes)
        {
            if (node.Mode == NodeMode.Standby) return $"cannot be judged: {node.Name} is still in standby";
        }

        var told = snapshot.Groups[group];
        if (told.State != GroupState.Active || told.ActiveOn is not [var active]
            || active != SimulationProfile.NodeName(owner))
        {
            return $"runs on {SimulationProfile.NodeName(owner)}, but {snapshot.Node} shows it as {told.State}: "
                + told.Reason;
        }

        var preferred = profile.Groups[group].PreferredNode;
        if (profile.AutoFailback == Core.Configuration.AutoFailback.Off || preferred == active) return null;
        return $"runs on {active}, though failback is on and {preferred} is online: {told.Reason}";
    }

    /// <summary>A failed operation may leave a group stopped or blocked until an operator cleans up.</summary>
    private bool Excused(int group, bool restored) =>
        !restored && (checker.FailedSinceCleanup[group] || checker.IsLeftAlone(group));

    private int CountRunning(int node, int group)
    {
        var count = 0;
        foreach (var resource in profile.Groups[group].Resources)
        {
            if (nodes[node].Host[checker.IndexOf(resource.Id)] != ResourceTruth.Stopped) count++;
        }

        return count;
    }
}
