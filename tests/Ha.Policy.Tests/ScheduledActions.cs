namespace Ha.Policy.Tests;

/// <summary>What is done to a resource on a node, in words that both schedulers share.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Operation">start, stop, monitor, cancel, delete.</param>
/// <param name="IntervalMs">Interval of a monitor, ms; 0 for a probe and for everything else.</param>
/// <param name="Node">The node.</param>
internal sealed record ScheduledAction(string Resource, string Operation, long IntervalMs, string Node)
{
    public override string ToString() =>
        IntervalMs > 0 ? $"{Operation}={IntervalMs} {Resource} {Node}" : $"{Operation} {Resource} {Node}";
}

/// <summary>What a scheduler wants done.</summary>
/// <param name="Actions">Actions on resources, in order.</param>
/// <param name="Fenced">Nodes that are fenced, sorted.</param>
/// <param name="Places">Where each resource runs afterwards, nodes sorted; without clones.</param>
internal sealed record ScheduledActions(
    ImmutableArray<ScheduledAction> Actions,
    ImmutableArray<string> Fenced,
    ImmutableSortedDictionary<string, string> Places)
{
    /// <summary>Whether the scheduler itself says that its plan cannot be carried out.</summary>
    public bool IsInvalid { get; init; }

    /// <summary>Whether both do the same; the order apart.</summary>
    public bool DoesTheSame(ScheduledActions other) =>
        Fenced.SequenceEqual(other.Fenced) && Sorted.SequenceEqual(other.Sorted, StringComparer.Ordinal);

    /// <summary>Whether everything that both tell of ends up in the same places.</summary>
    public bool PlacesTheSame(ScheduledActions other) =>
        Places.All(one => !other.Places.TryGetValue(one.Key, out var nodes) || nodes == one.Value);

    private IEnumerable<string> Sorted =>
        Actions.Select(action => action.ToString()).Order(StringComparer.Ordinal);
}
