namespace Ha.Agent.Journal;

/// <summary>Bounds of the journal.</summary>
/// <param name="Directory">Where its files are; created when missing.</param>
internal sealed record JournalOptions(string Directory)
{
    /// <summary>Files kept; the oldest goes first.</summary>
    public int MaxFiles { get; init; } = 8;

    /// <summary>Size at which a new file is begun, bytes.</summary>
    public long MaxFileBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Entries kept in memory: what can be read, and still be written, while the disk does not work.</summary>
    public int MemoryEntries { get; init; } = 2000;

    /// <summary>Time between two attempts while the disk does not work.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the end waits for entries that are not on disk yet; a disk may hang.</summary>
    public TimeSpan FlushAtEnd { get; init; } = TimeSpan.FromSeconds(3);
}
