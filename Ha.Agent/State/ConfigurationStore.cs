using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Transitions;

namespace Ha.Agent.State;

/// <summary>
/// Keeps the cluster configuration, the operators' wishes and what wait-for-all must know on disk, on a thread of its
/// own: the loop hands over the newest and goes on. What could not be written is reported once and tried again.
/// </summary>
internal sealed class ConfigurationStore : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(2);

    private readonly string directory;
    private readonly Action<StorageReport> report;
    private readonly SemaphoreSlim news = new(0);
    private readonly Thread thread;
    private ConfigurationHistory? unwritten;
    private ClusterIntents? unwrittenIntents;
    private bool unwrittenFullView;
    private volatile ConfigurationHistory current;
    private volatile bool ended;
    private bool failed;

    /// <summary>Begins with what was read at the start.</summary>
    public ConfigurationStore(string directory, ConfigurationHistory start, Action<StorageReport> report)
    {
        this.directory = directory;
        this.report = report;
        current = start;
        thread = new Thread(Write) { Name = "ha-config", IsBackground = true };
        thread.Start();
    }

    /// <summary>The configurations that this node has adopted.</summary>
    public ConfigurationHistory Current => current;

    /// <summary>Loop only: keeps these.</summary>
    public void Store(ConfigurationHistory history)
    {
        current = history;
        Volatile.Write(ref unwritten, history);
        news.Release();
    }

    /// <summary>Loop only: keeps these.</summary>
    public void Store(ClusterIntents intents)
    {
        Volatile.Write(ref unwrittenIntents, intents);
        news.Release();
    }

    /// <summary>Where it is kept that this node has met all others.</summary>
    public required FullViewFile FullView { get; init; }

    /// <summary>Loop only: this node has met all others since the machine booted.</summary>
    public void RememberFullView()
    {
        Volatile.Write(ref unwrittenFullView, true);
        news.Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ended = true;
        news.Release();
        if (thread.Join(LongestFlush)) news.Dispose();
    }

    private void Write()
    {
        do
        {
            news.Wait(failed ? RetryPause : Timeout.InfiniteTimeSpan);
            WriteNewest();
        }
        while (!ended);
    }

    private void WriteNewest()
    {
        var history = Interlocked.Exchange(ref unwritten, null);
        var intents = Interlocked.Exchange(ref unwrittenIntents, null);
        var fullView = Interlocked.Exchange(ref unwrittenFullView, false);
        if (history is null && intents is null && !fullView) return;
        try
        {
            if (history is not null) ConfigurationFiles.Write(directory, history);
            if (intents is not null) ConfigurationFiles.Write(directory, intents);
            if (fullView) FullView.Write();
            if (failed) report(new StorageReport(directory, Works: true, $"{directory} can be written again"));
            failed = false;
        }
        catch (StateException e)
        {
            // A newer one that came meanwhile stands.
            Interlocked.CompareExchange(ref unwritten, history, null);
            Interlocked.CompareExchange(ref unwrittenIntents, intents, null);
            if (fullView) Volatile.Write(ref unwrittenFullView, true);
            if (!failed) report(new StorageReport(directory, Works: false,
                $"what this node must remember is not kept on this disk: {e.Message}; trying again"));
            failed = true;
        }
    }
}
