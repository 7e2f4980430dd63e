using System.Collections.Immutable;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Engine;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Agent.Loop;

/// <summary>The five things that the loop wants from an engine.</summary>
/// <param name="Step">Handles one input.</param>
/// <param name="NextDeadline">When time must be advanced at the latest.</param>
/// <param name="SnapshotVersion">Grows when a snapshot would show something new.</param>
/// <param name="Snapshot">The cluster as the engine sees it.</param>
/// <param name="State">What decisions are made from.</param>
internal sealed record LoopEngine(
    Action<ClusterTime, ClusterInput, EffectList> Step,
    Func<MonotonicTime> NextDeadline,
    Func<long> SnapshotVersion,
    Func<ClusterTime, ClusterSnapshot> Snapshot,
    Func<ClusterTime, ClusterState> State)
{
    /// <summary>The real one.</summary>
    public static LoopEngine Of(ClusterEngine engine) =>
        new(engine.Step, () => engine.NextDeadline, () => engine.SnapshotVersion, engine.Snapshot,
            engine.State);
}

/// <summary>Where effects go that are not datagrams. None of these may wait.</summary>
/// <param name="Run">Begins operations or does them; <see cref="ClusterLoop.Completed"/> tells the end of each. The list
/// is used again afterwards.</param>
/// <param name="Append">Writes an event to journal and logs.</param>
/// <param name="Answer">Answers an operator's command.</param>
/// <param name="Extend">This node may act until then. Null: nobody wants to know.</param>
internal sealed record LoopOutlets(
    Action<IReadOnlyList<RunOperation>> Run, Action<ClusterEvent> Append, Action<AnswerCommand> Answer,
    Action<MonotonicTime>? Extend = null)
{
    /// <summary>Keeps adopted cluster configurations.</summary>
    public Action<StoreConfiguration> StoreConfiguration { get; init; } = static _ => { };

    /// <summary>Which virtual IPs must not be here unless they were started.</summary>
    public Action<ImmutableArray<string>> GuardAddresses { get; init; } = static _ => { };

    /// <summary>This node has met all others since the machine booted.</summary>
    public Action RememberFullView { get; init; } = static () => { };

    /// <summary>Looks for a health check; a <see cref="CheckCompleted"/> is posted when it has ended.</summary>
    public Action<RunCheck> Look { get; init; } = static _ => { };

    /// <summary>Keeps what operators want.</summary>
    public Action<ClusterIntents> StoreIntents { get; init; } = static _ => { };

    /// <summary>Tells an HAProxy what operators want of its servers.</summary>
    public Action<ApplyServerIntents> ApplyServerIntents { get; init; } = static _ => { };
}
