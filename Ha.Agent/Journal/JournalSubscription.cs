using System.Threading.Channels;

namespace Ha.Agent.Journal;

/// <summary>
/// Tells one reader that there is something new. Wait on <see cref="News"/>, then read the journal until it gives
/// nothing more: several entries may be one piece of news, and none is missed.
/// </summary>
internal sealed class JournalSubscription : IDisposable
{
    private readonly EventJournal journal;
    private readonly Channel<long> channel = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    internal JournalSubscription(EventJournal journal) => this.journal = journal;

    /// <summary>The last position, whenever it has grown; completed when the journal is closed.</summary>
    public ChannelReader<long> News => channel.Reader;

    internal void Tell(long position) => channel.Writer.TryWrite(position);

    internal void End() => channel.Writer.TryComplete();

    public void Dispose() => journal.Remove(this);
}
