using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Time;
using Ha.Core.Transitions;

namespace Ha.Simulation;

/// <summary>What an agent keeps on disk besides its generation, and begins its next life with.</summary>
/// <param name="History">The documents that it adopted.</param>
/// <param name="Active">The last of them as engines run it.</param>
public sealed record KeptState(ConfigurationHistory History, ActiveConfiguration Active)
{
    /// <summary>What operators wanted.</summary>
    public ClusterIntents Intents { get; init; } = ClusterIntents.None;

    /// <summary>The document that holds.</summary>
    public ConfigurationDocument Document => History.Current!.Document;
}

/// <summary>
/// The state directory of one node. Files are replaced whole: a write takes a moment, and whoever is killed before that
/// leaves what was there. A full disk keeps what it has.
/// </summary>
/// <param name="first">What it holds at first.</param>
/// <param name="random">Its own stream.</param>
public sealed class StateDirectory(KeptState first, SplitMix64 random)
{
    private const int VersionsKept = 8;
    private readonly List<KeptState> durable = [first];
    private readonly Queue<(long At, KeptState State)> writing = new();

    /// <summary>What the agent that runs now has adopted, on disk or not.</summary>
    public KeptState Newest { get; private set; } = first;

    /// <summary>Writes.</summary>
    /// <param name="now">World time.</param>
    /// <param name="state">What the next life shall begin with.</param>
    /// <param name="full">Whether the disk takes nothing now.</param>
    public void Write(long now, KeptState state, bool full)
    {
        Newest = state;
        if (!full) writing.Enqueue((now + random.Next(1_000, 30_000), state));
    }

    /// <summary>The next life begins: what had not reached the disk is gone.</summary>
    public KeptState Read(long now)
    {
        while (writing.TryPeek(out var next) && next.At <= now)
        {
            writing.Dequeue();
            durable.Add(next.State);
            if (durable.Count > VersionsKept) durable.RemoveAt(0);
        }

        writing.Clear();
        return Newest = durable[^1];
    }

    /// <summary>A backup is played back: documents and intents are as they were some writes ago.</summary>
    public void Restore(long now, int writes)
    {
        Read(now);
        var back = Math.Min(writes, durable.Count - 1);
        durable.RemoveRange(durable.Count - back, back);
        Newest = durable[^1];
    }

    /// <summary>Somebody edits the documents while no agent runs.</summary>
    public void Edit(long now, Func<KeptState, KeptState> edit)
    {
        durable.Add(edit(Read(now)));
        Newest = durable[^1];
    }
}
