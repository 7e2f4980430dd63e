using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Resources;
using Ha.Core.Transitions;

namespace Ha.Core.WhatIf;

/// <summary>What the nodes would report once an action of a transition has succeeded.</summary>
public static class SimulatedOutcome
{
    /// <summary>The state after the action.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="state">The state before.</param>
    /// <param name="action">The action.</param>
    public static ClusterState Apply(ActiveConfiguration configuration, ClusterState state, TransitionAction action)
    {
        if (action.Kind == OperationKind.Announce) return state;
        if (action.Kind == OperationKind.Fence) return Fenced(state, action.Node);
        var before = state.Find(action.Node, action.Resource)
            ?? new ResourceReport { Id = action.Resource, State = ResourceState.Unknown };
        var digest = configuration.Find(action.Resource)?.Digest ?? "";
        var after = action.Kind switch
        {
            // Only what nobody has looked at yet is asked for: it is supposed not to run.
            OperationKind.Probe => Once(before, OperationKind.Probe, OperationOutcome.NotRunning, digest) with
            {
                State = before.State == ResourceState.Unknown ? ResourceState.Stopped : before.State,
            },
            OperationKind.Start => Once(before, OperationKind.Start, OperationOutcome.Succeeded, digest) with
            {
                State = ResourceState.Started, Detail = "", ActiveForMs = 0,
            },
            OperationKind.Stop => Once(before, OperationKind.Stop, OperationOutcome.Succeeded, digest) with
            {
                State = ResourceState.Stopped, Detail = "", ActiveForMs = 0, StopFailure = null,
            },
            OperationKind.Monitor => before with
            {
                History = [.. WithoutMonitor(before, action.IntervalMs), new OperationReport(OperationKind.Monitor,
                    action.IntervalMs, OperationOutcome.Succeeded, 0, digest, IsLastFailure: false)],
            },
            OperationKind.Cancel => before with { History = [.. WithoutMonitor(before, action.IntervalMs)] },
            OperationKind.Announce or OperationKind.Fence =>
                throw new System.Diagnostics.UnreachableException($"{action.Kind} was handled before"),
        };
        return state.Replace(action.Node, after with { Busy = null });
    }

    private static ClusterState Fenced(ClusterState state, string node) => state with
    {
        Nodes = [.. state.Nodes.Select(one => one.Name != node ? one : one with
        {
            Presence = NodePresence.Off, WhyAbsent = "was fenced", Resources = [],
        })],
    };

    // Start and stop end the monitors; of what failed one copy is kept.
    private static ResourceReport Once(
        ResourceReport before, OperationKind kind, OperationOutcome outcome, string digest)
    {
        var failure = before.History.FirstOrDefault(one => one.IsLastFailure)
            ?? before.History.LastOrDefault(one => OperationText.IsFailure(one.Kind, one.Outcome));
        var once = new OperationReport(kind, 0, outcome, 0, digest, IsLastFailure: false);
        return before with
        {
            History = failure is null ? [once] : [failure with { IsLastFailure = true }, once],
        };
    }

    private static IEnumerable<OperationReport> WithoutMonitor(ResourceReport report, long intervalMs) =>
        report.History.Where(one => one.Kind != OperationKind.Monitor || one.IntervalMs != intervalMs
            || one.IsLastFailure);
}
