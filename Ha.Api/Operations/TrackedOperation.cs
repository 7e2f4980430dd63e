namespace Ha.Api.Operations;

/// <summary>An operation and the life of the agent in which it was last seen.</summary>
internal sealed record TrackedOperation(OperationSnapshot Operation, long Generation)
{
    public bool IsFinal => Operation.State switch
    {
        OperationState.Queued or OperationState.Running => false,
        OperationState.Succeeded or OperationState.Failed => true,
    };

    /// <summary>
    /// The agent has begun a new life and does not know the operation: nobody will ever report its end, and a client
    /// that waits must be told so.
    /// </summary>
    public TrackedOperation Orphaned(ClusterSnapshot snapshot) => new(Operation with
    {
        State = OperationState.Failed,
        FinishedAt = snapshot.TakenAt,
        Detail = $"The agent of {snapshot.Node} restarted before it reported the end; " +
            "look at the groups and events for what was done.",
    }, snapshot.Generation);
}
