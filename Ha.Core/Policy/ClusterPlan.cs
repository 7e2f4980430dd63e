using Ha.Core.Policy.Actions;

namespace Ha.Core.Policy;

/// <summary>What the general policy engine decided.</summary>
/// <param name="Placements">Where each primitive belongs, with what spoke for and against each node.</param>
/// <param name="Steps">What has to be done, in an order that can be executed.</param>
/// <param name="EndState">Where everything runs once every step has succeeded.</param>
/// <param name="Remarks">What an operator should know of the input.</param>
public sealed record ClusterPlan(
    ImmutableArray<Placement> Placements,
    ImmutableArray<PlanStep> Steps,
    ImmutableArray<ResourcePlace> EndState,
    ImmutableArray<string> Remarks);

/// <summary>One step of a plan.</summary>
/// <param name="Number">Its number in the plan, from 0.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Resource">The resource; empty for what is done to a node.</param>
/// <param name="Node">The node.</param>
/// <param name="IntervalMs">Interval of a monitor, ms; 0 otherwise.</param>
/// <param name="After">Numbers of the steps that must have succeeded before; all smaller than its own.</param>
public sealed record PlanStep(
    int Number, ActionKind Kind, string Resource, string Node, long IntervalMs, ImmutableArray<int> After);

/// <summary>Where a resource runs.</summary>
/// <param name="Resource">Its id; the copies of a clone that do not differ share one.</param>
/// <param name="Nodes">Names of the nodes; empty when it runs nowhere.</param>
public sealed record ResourcePlace(string Resource, ImmutableArray<string> Nodes);
