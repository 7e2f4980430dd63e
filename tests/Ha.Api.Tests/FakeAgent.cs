using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Ha.Api.Tests;

/// <summary>Speaks the agent's side of the control protocol on a real unix socket.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<Channel<string>> subscribers = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task accepting;
    private readonly string path;
    private ClusterSnapshot snapshot = Sample.Cluster();
    private ImmutableList<JournalEntry> journal = [];

    public FakeAgent(
        string runtimeDirectory, ImmutableList<JournalEntry>? journal = null, ClusterSnapshot? snapshot = null)
    {
        if (snapshot is not null) this.snapshot = snapshot;
        if (journal is not null) this.journal = journal;
        Directory.CreateDirectory(runtimeDirectory);
        path = Path.Combine(runtimeDirectory, ControlProtocol.SocketName);
        File.Delete(path);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        accepting = AcceptAsync();
    }

    /// <summary>Commands that arrived, in order.</summary>
    public List<OperatorCommand> Commands { get; } = [];

    /// <summary>What a command is answered with; null: no answer at all.</summary>
    public Func<OperatorCommand, CommandAnswer?> Answer { get; set; } = command => new($"op/{command.Id}", null);

    /// <summary>What the node's own HAProxies are found to do.</summary>
    public ImmutableArray<HaproxyStatus> Haproxies { get; set; } = [];

    /// <summary>What the last operations came to.</summary>
    public ImmutableArray<ResourceResults> Results { get; set; } = [];

    public ImmutableList<JournalEntry> Journal => journal;

    public int Subscribers
    {
        get
        {
            lock (gate) return subscribers.Count;
        }
    }

    public void Show(ClusterSnapshot next)
    {
        lock (gate)
        {
            snapshot = next;
            Push(new ControlPush { Snapshot = next });
        }
    }

    public void Append(params ReadOnlySpan<ClusterEvent> events)
    {
        lock (gate)
        {
            foreach (var happened in events)
            {
                var entry = new JournalEntry((journal.LastOrDefault()?.Position ?? 0) + 1, happened);
                journal = journal.Add(entry);
                Push(new ControlPush { Entry = entry });
            }
        }
    }

    public void SignalAlive(long lastLoopMs = 1)
    {
        lock (gate) Push(new ControlPush { Alive = new AliveSign(Sample.Noon, snapshot.Version, lastLoopMs, 0.5) });
    }

    /// <summary>Sends subscribers something that is no push.</summary>
    public void SendLine(string line)
    {
        lock (gate)
            foreach (var subscriber in subscribers) subscriber.Writer.TryWrite(line);
    }

    // The gate is held.
    private void Push(ControlPush push)
    {
        foreach (var subscriber in subscribers) subscriber.Writer.TryWrite(Line(push));
    }

    private static string Line(ControlPush push) => JsonSerializer.Serialize(push, HaJson.Default.ControlPush);

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true) serving.Add(ServeAsync(await listener.AcceptAsync(stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        try
        {
            while (await reader.ReadLineAsync(stop.Token) is { } line)
            {
                var request = JsonSerializer.Deserialize(line, HaJson.Default.ControlRequest)!;
                if (request.Method == ControlMethod.Subscribe) await SubscribeAsync(stream, request);
                else if (Reply(request) is { } reply)
                    await WriteAsync(stream, JsonSerializer.Serialize(reply, HaJson.Default.ControlReply));
                else await Task.Delay(Timeout.Infinite, stop.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The client left, or the test ends.
        }
    }

    private ControlReply? Reply(ControlRequest request)
    {
        lock (gate)
        {
            switch (request.Method)
            {
                case ControlMethod.Snapshot:
                    return new ControlReply { Id = request.Id, Snapshot = snapshot };
                case ControlMethod.Events:
                    return new ControlReply
                    {
                        Id = request.Id,
                        Entries =
                            [.. journal.Where(entry => entry.Position > request.After).Take(request.Limit ?? 100)],
                    };
                case ControlMethod.Command:
                    Commands.Add(request.Command!);
                    return Answer(request.Command!) is { } answer
                        ? new ControlReply { Id = request.Id, Answer = answer } : null;
                case ControlMethod.Haproxy:
                    return new ControlReply { Id = request.Id, Haproxy = Haproxies };
                case ControlMethod.Results:
                    return new ControlReply
                    {
                        Id = request.Id, Results = [.. Results.Where(one => one.Resource == request.Resource)],
                    };
                case ControlMethod.Subscribe:
                default:
                    throw new InvalidOperationException($"{request.Method} is not answered here.");
            }
        }
    }

    private async Task SubscribeAsync(NetworkStream stream, ControlRequest request)
    {
        var pushes = Channel.CreateUnbounded<string>();
        lock (gate)
        {
            pushes.Writer.TryWrite(Line(new ControlPush { Snapshot = snapshot }));
            foreach (var entry in journal.Where(entry => entry.Position > (request.After ?? long.MaxValue)))
                pushes.Writer.TryWrite(Line(new ControlPush { Entry = entry }));
            subscribers.Add(pushes);
        }
        try
        {
            await WriteAsync(stream,
                JsonSerializer.Serialize(new ControlReply { Id = request.Id }, HaJson.Default.ControlReply));
            // More often than a real one: a busy machine brings some late, and three seconds without are too many.
            using (var alive = new PeriodicTimer(ControlProtocol.AliveInterval / 4))
            {
                var tick = alive.WaitForNextTickAsync(stop.Token).AsTask();
                var push = pushes.Reader.ReadAsync(stop.Token).AsTask();
                while (true)
                {
                    if (await Task.WhenAny(tick, push) == push)
                    {
                        await WriteAsync(stream, await push);
                        push = pushes.Reader.ReadAsync(stop.Token).AsTask();
                        continue;
                    }
                    if (!await tick) return;
                    SignalAlive();
                    tick = alive.WaitForNextTickAsync(stop.Token).AsTask();
                }
            }
        }
        finally
        {
            lock (gate) subscribers.Remove(pushes);
        }
    }

    private async Task WriteAsync(NetworkStream stream, string line) =>
        await stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), stop.Token);

    public async ValueTask DisposeAsync()
    {
        if (accepting.IsCompleted) return;
        await stop.CancelAsync();
        await accepting;
        listener.Dispose();
        File.Delete(path);
        stop.Dispose();
    }
}
