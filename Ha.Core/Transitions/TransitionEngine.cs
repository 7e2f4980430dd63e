using Ha.Core.Contracts;
using Ha.Core.Time;

namespace Ha.Core.Transitions;

/// <summary>
/// Walks one transition graph: gives out actions whose prerequisites have succeeded, takes results in any order, any
/// number of times, and gives up what depends on a failure. It never blocks and never retries: a failure is the
/// policy engine's to judge.
/// </summary>
/// <param name="number">Number of the transition within its view.</param>
/// <param name="id">Its id, for people.</param>
/// <param name="why">Its trigger and evidence.</param>
/// <param name="graph">The plan.</param>
/// <param name="begun">When it was begun.</param>
/// <param name="batchLimit">How many actions are under way at once, at most.</param>
public sealed class TransitionEngine(
    long number, string id, string why, TransitionGraph graph, MonotonicTime begun, int batchLimit)
{
    private readonly StepState[] states = new StepState[graph.Actions.Length];

    /// <summary>Number of the transition within its view.</summary>
    public long Number { get; } = number;

    /// <summary>Its id, for people.</summary>
    public string Id { get; } = id;

    /// <summary>Its trigger and evidence.</summary>
    public string Why { get; } = why;

    /// <summary>The plan.</summary>
    public TransitionGraph Graph { get; } = graph;

    /// <summary>When it was begun.</summary>
    public MonotonicTime Begun { get; } = begun;

    /// <summary>State of an action.</summary>
    public StepState StateOf(int action) => states[action];

    /// <summary>True when an action failed.</summary>
    public bool Failed => states.Contains(StepState.Failed);

    /// <summary>True when nothing is left to do or to wait for.</summary>
    public bool Finished => !states.Any(state => state is StepState.Pending or StepState.Running);

    /// <summary>Takes the actions that can be begun now, in order; each is given out once.</summary>
    public ImmutableArray<TransitionAction> TakeReady()
    {
        var ready = ImmutableArray.CreateBuilder<TransitionAction>();
        var running = states.Count(state => state == StepState.Running);
        foreach (var action in Graph.Actions)
        {
            if (running >= batchLimit) break;
            if (states[action.Number] != StepState.Pending) continue;
            if (!action.After.All(one => states[one] == StepState.Succeeded)) continue;
            states[action.Number] = StepState.Running;
            running++;
            ready.Add(action);
        }

        return ready.ToImmutable();
    }

    /// <summary>Records the end of an action. A result of one that does not run is ignored: late or doubled.</summary>
    /// <returns>True when it changed anything.</returns>
    public bool Complete(int action, bool succeeded)
    {
        if (action < 0 || action >= states.Length || states[action] != StepState.Running) return false;
        states[action] = succeeded ? StepState.Succeeded : StepState.Failed;
        if (!succeeded) CancelDependents();
        return true;
    }

    /// <summary>
    /// Whether what is left to do is what would be planned now: an event that does not matter changes nothing, one that
    /// does calls for another transition. Who keeps an address is announced once, however long others take to let go.
    /// </summary>
    public bool StillFits(TransitionGraph planned)
    {
        var left = Graph.Actions.Where(action => states[action.Number] is StepState.Pending or StepState.Running);
        return planned.Actions.All(action => Graph.Actions.Any(one => one.IsSameAs(action)
                && (states[one.Number] is StepState.Pending or StepState.Running
                    || (one.Kind == OperationKind.Announce && states[one.Number] == StepState.Succeeded))))
            && left.All(action => states[action.Number] == StepState.Running
                || action.Kind == OperationKind.Announce || planned.Actions.Any(action.IsSameAs));
    }

    /// <summary>Calls off all that has not begun.</summary>
    public void Abort()
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] == StepState.Pending) states[i] = StepState.Cancelled;
        }
    }

    /// <summary>The transition for snapshots.</summary>
    public TransitionSnapshot Snapshot() => new(Id, Why,
        [.. Graph.Actions.Select(action =>
            new ActionSnapshot(action.Node, action.Resource, action.Kind, states[action.Number]))]);

    // Prerequisites have smaller numbers, so one pass reaches everything that depends on a failure.
    private void CancelDependents()
    {
        foreach (var action in Graph.Actions)
        {
            if (states[action.Number] == StepState.Pending
                && action.After.Any(one => states[one] is StepState.Failed or StepState.Cancelled))
            {
                states[action.Number] = StepState.Cancelled;
            }
        }
    }
}
