using System.Buffers;
using Ha.Agent.Loop;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>
/// What one subscriber gets: the latest snapshot whenever there is a new one (a slow client misses those between),
/// every event in order, and signs of life.
/// </summary>
internal sealed class Subscription(ControlSources sources, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send)
{
    private const int Page = 100;

    /// <summary>Pushes until it is cancelled or sending fails.</summary>
    public async Task RunAsync(long? after, CancellationToken cancellation)
    {
        using var news = sources.Publication.Subscribe();
        var position = after is { } given ? sources.Position(given) : sources.NewestEvent();
        long sent = 0;
        var nextAlive = LoopClocks.Monotonic;
        while (true)
        {
            if (sources.Publication.Current is { } published && published.Number != sent)
            {
                await send(published.PushLine, cancellation);
                sent = published.Number;
            }

            var more = await PushEventsAsync(position, cancellation);
            var all = more == position;
            position = more;
            if (LoopClocks.Monotonic >= nextAlive)
            {
                nextAlive = LoopClocks.Monotonic + ControlProtocol.AliveInterval;
                await send(ControlLine.Of(new ControlPush { Alive = sources.AliveSign() }), cancellation);
            }

            if (all) await news.WaitAsync(Left(nextAlive), cancellation);
        }
    }

    private static TimeSpan Left(Core.Time.MonotonicTime until)
    {
        var left = until - LoopClocks.Monotonic;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task<long> PushEventsAsync(long position, CancellationToken cancellation)
    {
        var entries = sources.ReadEvents(position, Page);
        if (entries.Length == 0) return position;
        var lines = new ArrayBufferWriter<byte>();
        foreach (var entry in entries) lines.Write(ControlLine.Of(new ControlPush { Entry = entry }));
        await send(lines.WrittenMemory, cancellation);
        return entries[^1].Position;
    }
}
