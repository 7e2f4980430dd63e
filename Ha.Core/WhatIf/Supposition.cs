using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Membership;
using Ha.Core.Resources;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.WhatIf;

/// <summary>A state in which something is supposed to have happened, or why that cannot be supposed.</summary>
/// <param name="State">The state; null when it cannot be.</param>
/// <param name="Words">What is supposed, as a sentence; or what is wrong with it, and what to write instead.</param>
public sealed record Supposition(ClusterState? State, string Words)
{
    /// <summary>A node dies without a word; the others notice.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">What is.</param>
    /// <param name="node">The node.</param>
    public static Supposition NodeFails(ActiveConfiguration configuration, ClusterState state, string node)
    {
        if (UnknownNode(state, node) is { } unknown) return unknown;
        var failing = state.Nodes.First(one => one.Name == node);
        if (failing.Presence != NodePresence.Member)
            return Refuse($"{node} takes no part in the cluster already: it {failing.WhyAbsent}");
        if (state.Nodes.Count(one => one.Presence == NodePresence.Member) == 1)
            return Refuse($"{node} is the only node that is up: nobody would be left to decide");
        ImmutableArray<NodeSituation> nodes = [.. state.Nodes.Select(one => one.Name != node ? one
            : one with { Presence = NodePresence.Lost, WhyAbsent = "is dead", Leaving = false })];
        var changed = state with
        {
            Nodes = Coordinated(nodes),
            HaveQuorum = HaveQuorum(configuration, nodes),
        };
        return new Supposition(changed, $"{node} dies");
    }

    /// <summary>A monitor finds that a resource does not run any more.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">What is.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="node">Where; null: where it runs.</param>
    public static Supposition ResourceFails(
        ActiveConfiguration configuration, ClusterState state, string resource, string? node)
    {
        if (configuration.Find(resource) is not { } definition)
        {
            var known = configuration.Groups.SelectMany(group => group.Resources).Select(one => one.Id);
            return Refuse($"there is no resource {resource}; the resources are {string.Join(", ", known)}");
        }

        if (node is not null && UnknownNode(state, node) is { } unknown) return unknown;
        ImmutableArray<string> runsOn = [.. state.Nodes
            .Where(one => one.Presence == NodePresence.Member && IsThere(state.Find(one.Name, resource)))
            .Select(one => one.Name)];
        if (node is not null && !runsOn.Contains(node))
            return Refuse($"{resource} does not run on {node}: it {Place(runsOn)}");
        if (runsOn.Length != 1 && node is null)
        {
            return Refuse(runsOn.IsEmpty ? $"{resource} runs nowhere, so it cannot fail"
                : $"{resource} {Place(runsOn)}: write {resource}@NODE");
        }

        if (definition.Monitors.IsEmpty)
            return Refuse($"{resource} has no monitor: nobody would notice that it fails");
        var where = node ?? runsOn[0];
        return new Supposition(state.Replace(where, Failed(definition, state.Find(where, resource)!)),
            $"the monitor of {resource} on {where} finds it not running");
    }

    /// <summary>An operator puts a node in standby.</summary>
    /// <param name="state">What is.</param>
    /// <param name="node">The node.</param>
    public static Supposition NodeInStandby(ClusterState state, string node)
    {
        if (UnknownNode(state, node) is { } unknown) return unknown;
        if (state.Intents.Standby.Contains(node)) return Refuse($"{node} is in standby already");
        var nodes = state.Nodes.Select(one => one.Name == node && one.Presence == NodePresence.Member
            ? one with { WhyAbsent = "is in standby" } : one);
        return new Supposition(state with
        {
            Nodes = [.. nodes],
            Intents = state.Intents with
            {
                Standby = state.Intents.Standby.Add(node),
                Pins = state.Intents.Pins.RemoveRange(
                    state.Intents.Pins.Where(pin => pin.Value == node).Select(pin => pin.Key)),
            },
        }, $"{node} is put in standby");
    }

    /// <summary>An operator ends the standby of a node.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">What is.</param>
    /// <param name="node">The node.</param>
    public static Supposition NodeOnline(ActiveConfiguration configuration, ClusterState state, string node)
    {
        if (UnknownNode(state, node) is { } unknown) return unknown;
        if (!state.Intents.Standby.Contains(node)) return Refuse($"{node} is not in standby");
        var nodes = state.Nodes.Select(one => one.Name == node && one.Presence == NodePresence.Member
            ? one with { WhyAbsent = "" } : one);
        return new Supposition(state with
        {
            Nodes = [.. nodes],
            Intents = state.Intents with
            {
                Standby = state.Intents.Standby.Remove(node),
                Pins = state.Intents.Pins.RemoveRange(configuration.Groups
                    .Where(group => group.PreferredNode == node).Select(group => group.Id)),
            },
        }, $"{node} is put online");
    }

    private static Supposition Refuse(string why) => new(null, why);

    private static Supposition? UnknownNode(ClusterState state, string node) =>
        state.Nodes.Any(one => one.Name == node) ? null
            : Refuse($"there is no node {node}; the nodes are "
                + string.Join(", ", state.Nodes.Select(one => one.Name)));

    private static bool IsThere(ResourceReport? report) =>
        report is { State: ResourceState.Started or ResourceState.Failed };

    private static string Place(ImmutableArray<string> nodes) =>
        nodes.IsEmpty ? "runs nowhere" : $"runs on {string.Join(" and ", nodes)}";

    // Who dies coordinates no more; the first member does.
    private static ImmutableArray<NodeSituation> Coordinated(ImmutableArray<NodeSituation> nodes)
    {
        var first = nodes.FirstOrDefault(one => one.Presence == NodePresence.Member)?.Name;
        return [.. nodes.Select(one => one with { IsCoordinator = one.Name == first })];
    }

    private static bool HaveQuorum(ActiveConfiguration configuration, ImmutableArray<NodeSituation> nodes)
    {
        var quorum = new Quorum(
            [.. nodes.Select(one => one.Name)], configuration.Votes, waitForAll: false, seenFullView: true);
        quorum.Update(new MembershipView(default, [.. nodes.Select((one, index) => (one, index))
            .Where(pair => pair.one.Presence == NodePresence.Member)
            .Select(pair => new Member(pair.index, 0))]), new MonotonicTime(0));
        return quorum.HaveQuorum;
    }

    private static ResourceReport Failed(ResourceDefinition definition, ResourceReport report)
    {
        var interval = (long)definition.Monitors[0].Interval.TotalMilliseconds;
        var operation = $"monitor_{interval}";
        var detail = OperationText.Describe(OperationKind.Monitor, definition.Id, new OperationCompleted
        {
            Number = 0, Outcome = OperationOutcome.NotRunning, Output = "", Duration = TimeSpan.Zero,
        });
        var before = report.Failures.FirstOrDefault(one => one.Operation == operation)?.Count ?? 0;
        return report with
        {
            State = ResourceState.Failed,
            Detail = detail,
            History =
            [
                .. report.History.Where(one => !one.IsLastFailure
                    && (one.Kind != OperationKind.Monitor || one.IntervalMs != interval)),
                new OperationReport(OperationKind.Monitor, interval, OperationOutcome.NotRunning, 0,
                    definition.Digest, IsLastFailure: false),
            ],
            Failures =
            [
                .. report.Failures.Where(one => one.Operation != operation),
                new FailureReport(operation, before + 1, 0, detail),
            ],
        };
    }
}
