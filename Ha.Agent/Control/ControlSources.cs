using System.Collections.Immutable;
using Ha.Agent.Loop;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>What the control socket tells and takes, for all its connections.</summary>
internal sealed class ControlSources
{
    /// <summary>Default of <see cref="SendLimit"/>.</summary>
    public static readonly TimeSpan DefaultSendLimit = TimeSpan.FromSeconds(10);

    /// <summary>The latest snapshot.</summary>
    public required Publication Publication { get; init; }

    /// <summary>Commands for the engine.</summary>
    public required PendingCommands Commands { get; init; }

    /// <summary>How the loop keeps its times.</summary>
    public required Lateness Lateness { get; init; }

    /// <summary>Reads the journal: at most so many entries after a position, oldest first.</summary>
    public required Func<long, int, ImmutableArray<JournalEntry>> ReadEvents { get; init; }

    /// <summary>Position of the newest journal entry.</summary>
    public required Func<long> NewestEvent { get; init; }

    /// <summary>Makes of what decisions are made from what a client is told.</summary>
    public required Func<PublishedState, ClusterSituation> Describe { get; init; }

    /// <summary>The cluster configurations that this node has adopted.</summary>
    public Func<ConfigurationHistory> Configurations { get; init; } = static () => ConfigurationHistory.Empty;

    /// <summary>Reads the state of every HAProxy resource of this node; asks them, so it may take a second.</summary>
    public Func<ImmutableArray<HaproxyStatus>> Haproxy { get; init; } = static () => [];

    /// <summary>Has one of them read its configuration anew; takes resource and who asks, answers what went wrong or
    /// null. Takes some seconds.</summary>
    public Func<string, string, string?> ReloadHaproxy { get; init; } = static (_, _) => "there is no HAProxy here";

    /// <summary>The last results of a resource on this node; of null: the last one of each.</summary>
    public Func<string?, ImmutableArray<ResourceResults>> Results { get; init; } = static _ => [];

    /// <summary>What this node can say about a configuration before the cluster takes it.</summary>
    public Func<ReadOnlyMemory<byte>, Task<ImmutableArray<DocumentFinding>>> CheckDocument { get; init; } =
        static _ => Task.FromResult(ImmutableArray<DocumentFinding>.Empty);

    /// <summary>Tells of something odd in a configuration that was taken.</summary>
    public Action<string> WarnOfDocument { get; init; } = static _ => { };

    /// <summary>A client that takes nothing for so long is dropped.</summary>
    public TimeSpan SendLimit { get; init; } = DefaultSendLimit;

    /// <summary>Takes a line for the log.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>The journal position that a client means: a negative one counts from the end.</summary>
    public long Position(long after) => after < 0 ? Math.Max(0, NewestEvent() + after) : after;

    /// <summary>Why a position cannot be followed from; null when it can.</summary>
    public string? PositionProblem(long? after) => after is { } position && position > NewestEvent()
        ? $"position {position} is after the newest event ({NewestEvent()}): the journal was begun anew; follow from 0"
        : null;

    /// <summary>A sign of life of the loop.</summary>
    public AliveSign AliveSign()
    {
        var now = LoopClocks.Monotonic;
        return new AliveSign(DateTimeOffset.UtcNow, Publication.Current?.Snapshot.Version ?? 0,
            (long)Lateness.SinceLastRun(now).TotalMilliseconds, Lateness.WorstOfLastMinute(now).TotalMilliseconds);
    }

    /// <summary>A connection ended other than by the client's good-bye.</summary>
    public void ConnectionEnded(ControlPeer peer, Exception why)
    {
        // A client that just goes away is everyday life; one that was dropped should be found in the log.
        if (why is TimeoutException or State.StateException) Log($"control connection of {peer.Name}: {why.Message}");
    }
}
