using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Time;

namespace Ha.Core.Engine;

/// <summary>
/// One document on its way here from one peer: a few pieces are asked for at a time, and again when they do not come,
/// so that it never takes the place of heartbeats.
/// </summary>
internal sealed class ConfigurationFetch
{
    /// <summary>Pieces on the way at once.</summary>
    public const int Window = 8;

    private readonly ConfigurationTransfer transfer = new(maxPeers: 1);
    private int awaited;

    public ConfigurationFetch(string peer, ConfigurationVersion version, string hash, MonotonicTime now)
    {
        (Peer, Version, Hash, Progress) = (peer, version, hash, now);
    }

    /// <summary>Who has it.</summary>
    public string Peer { get; }

    /// <summary>Its version.</summary>
    public ConfigurationVersion Version { get; }

    /// <summary>SHA-256 of its text.</summary>
    public string Hash { get; }

    /// <summary>When a piece came in last, or when it began.</summary>
    public MonotonicTime Progress { get; private set; }

    /// <summary>When to ask again for what has not come.</summary>
    public MonotonicTime AskAgain { get; private set; }

    /// <summary>True when all that was asked for has come: the next pieces can be asked for.</summary>
    public bool IsAnswered => awaited == 0;

    /// <summary>What to ask for next.</summary>
    public ConfigurationRequest Ask(MonotonicTime now, TimeSpan pause)
    {
        var all = transfer.Fetch(Peer, Version, Hash);
        var request = all with { Missing = [.. all.Missing.Take(Window)] };
        awaited = request.Missing.Length;
        AskAgain = now + pause;
        return request;
    }

    /// <summary>Whether a piece is one of this document.</summary>
    public bool Awaits(string peer, ConfigurationChunk chunk) =>
        Peer == peer && Version == chunk.Version && Hash == chunk.Hash;

    /// <summary>Takes a piece.</summary>
    public ChunkResult Take(ConfigurationChunk chunk, MonotonicTime now)
    {
        var result = transfer.Receive(Peer, chunk);
        if (result.Outcome == ChunkOutcome.Kept)
        {
            Progress = now;
            awaited = Math.Max(0, awaited - 1);
        }

        return result;
    }
}
