using Ha.Core.ClusterConfiguration;
using Ha.Core.Contracts;
using Ha.Core.Policy;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Core.WhatIf;

/// <summary>What becomes of the service of one group.</summary>
public enum ServiceEffect
{
    /// <summary>It serves all the time.</summary>
    Unaffected = 0,

    /// <summary>It stops, and serves again at the end.</summary>
    Interrupted = 1,

    /// <summary>It stops and does not serve at the end.</summary>
    Lost = 2,

    /// <summary>It did not serve, and serves at the end.</summary>
    Begins = 3,

    /// <summary>It did not serve, and does not at the end.</summary>
    StaysDown = 4,
}

/// <summary>One transition of a simulated walk.</summary>
/// <param name="Decided">The decision and what is ordered.</param>
/// <param name="Placements">Where each group belongs, as events would tell it.</param>
/// <param name="Waves">Numbers of the actions that are ordered together; every one succeeds.</param>
public sealed record SimulatedTransition(
    TransitionPlan Decided, ImmutableArray<GroupPlacement> Placements, ImmutableArray<ImmutableArray<int>> Waves);

/// <summary>One group from the begin to the end of a walk.</summary>
/// <param name="Group">Group id.</param>
/// <param name="Before">Nodes that ran all of it before anything happened.</param>
/// <param name="After">Nodes that run all of it at the end.</param>
/// <param name="Effect">What becomes of its service.</param>
public sealed record SimulatedGroup(
    string Group, ImmutableArray<string> Before, ImmutableArray<string> After, ServiceEffect Effect);

/// <summary>
/// A what-if: the real planner and the real transition engine on a supposed state, with every action succeeding in its
/// turn, until nothing is left to do.
/// </summary>
public sealed record SimulatedWalk
{
    /// <summary>More transitions than this in a row mean that the plan does not come to rest.</summary>
    public const int MaxTransitions = 12;

    /// <summary>The transitions, in order. The last one may have nothing to do: it only decides.</summary>
    public required ImmutableArray<SimulatedTransition> Transitions { get; init; }

    /// <summary>The groups, in configured order.</summary>
    public required ImmutableArray<SimulatedGroup> Groups { get; init; }

    /// <summary>The state at the end.</summary>
    public required ClusterState End { get; init; }

    /// <summary>False when it did not come to rest.</summary>
    public required bool Settles { get; init; }

    /// <summary>Walks.</summary>
    /// <param name="configuration">What is configured.</param>
    /// <param name="before">What was before anything was supposed.</param>
    /// <param name="supposed">What is supposed.</param>
    public static SimulatedWalk Run(ActiveConfiguration configuration, ClusterState before, ClusterState supposed)
    {
        var transitions = ImmutableArray.CreateBuilder<SimulatedTransition>();
        var state = supposed;
        var interrupted = new HashSet<string>(StringComparer.Ordinal);
        NoteInterruptions(configuration, state, interrupted);
        var settles = false;
        while (!settles && transitions.Count < MaxTransitions)
        {
            state = DropObsoletePins(state);
            var decided = TransitionPlanner.Plan(configuration, state);
            settles = decided.Graph.IsEmpty;
            if (settles && transitions.Count > 0) break;
            var waves = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
            var placements = GroupPlacement.Read(configuration, state, decided.Plan);
            var engine = new TransitionEngine(
                transitions.Count + 1, "simulated", "", decided.Graph, new MonotonicTime(0), configuration.BatchLimit);
            while (engine.TakeReady() is { IsEmpty: false } ready)
            {
                waves.Add([.. ready.Select(action => action.Number)]);
                foreach (var action in ready)
                {
                    state = SimulatedOutcome.Apply(configuration, state, action);
                    engine.Complete(action.Number, succeeded: true);
                    NoteInterruptions(configuration, state, interrupted);
                }
            }

            transitions.Add(new SimulatedTransition(decided, placements, waves.ToImmutable()));
        }

        return new SimulatedWalk
        {
            Transitions = transitions.ToImmutable(),
            Groups = [.. configuration.Groups.Select(group =>
                Tell(group.Id, Serving(before, group), Serving(state, group), interrupted.Contains(group.Id)))],
            End = state,
            Settles = settles,
        };
    }

    /// <summary>Nodes that run every resource of a group.</summary>
    public static ImmutableArray<string> Serving(ClusterState state, Resources.ResourceGroup group) =>
        [.. state.Nodes.Where(node => node.Presence == NodePresence.Member && group.Resources.All(resource =>
            state.Find(node.Name, resource.Id)?.State == ResourceState.Started)).Select(node => node.Name)];

    private static SimulatedGroup Tell(
        string group, ImmutableArray<string> before, ImmutableArray<string> after, bool interrupted) =>
        new(group, before, after, (!before.IsEmpty, !after.IsEmpty) switch
        {
            (true, true) => interrupted ? ServiceEffect.Interrupted : ServiceEffect.Unaffected,
            (true, false) => ServiceEffect.Lost,
            (false, true) => ServiceEffect.Begins,
            (false, false) => ServiceEffect.StaysDown,
        });

    private static void NoteInterruptions(
        ActiveConfiguration configuration, ClusterState state, HashSet<string> interrupted)
    {
        foreach (var group in configuration.Groups)
        {
            if (Serving(state, group).IsEmpty) interrupted.Add(group.Id);
        }
    }

    // As the coordinator does: an operator's choice of a node ends when that node cannot run anything.
    private static ClusterState DropObsoletePins(ClusterState state)
    {
        var obsolete = state.Intents.Pins
            .Where(pin => !state.Nodes.Any(node => node.Name == pin.Value && node.Presence == NodePresence.Member
                && !node.Leaving && !state.Intents.Standby.Contains(node.Name)))
            .Select(pin => pin.Key)
            .ToList();
        return obsolete.Count == 0 ? state
            : state with { Intents = state.Intents with { Pins = state.Intents.Pins.RemoveRange(obsolete) } };
    }
}
