using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ha.Agent.Control;
using Ha.Agent.Interop;
using Ha.Agent.Loop;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Contracts;
using Ha.Core.Engine;

namespace Ha.Agent.Tests;

/// <summary>
/// A real control socket over a list of events and a loop that the test plays: it takes a snapshot when one is wanted
/// and answers commands as <see cref="OnCommand"/> says.
/// </summary>
internal sealed class ControlFixture : IAsyncDisposable
{
    private readonly InputQueue inputs = new();
    private readonly PendingCommands commands;
    private readonly Thread loop;
    private readonly ControlServer server;
    private readonly Lock gate = new();
    private readonly List<string> log = [];
    private readonly List<OperatorCommand> arrived = [];
    private ImmutableArray<JournalEntry> events = [];
    private volatile bool ended;

    public ControlFixture(int eventCount = 0, TimeSpan? sendLimit = null, TimeSpan? freshLimit = null)
    {
        Publication = new Publication(freshLimit ?? TimeSpan.FromMinutes(1));
        events = [.. Enumerable.Range(1, eventCount).Select(static number => ExampleCluster.Entry(number))];
        commands = new PendingCommands(inputs);
        Publication.WakeLoop = inputs.Wake;
        Publication.Publish(Snapshot);
        Access = ControlAccess.OfThisMachine();
        server = ControlServer.Start(RuntimeDirectory, Access, new ControlSources
        {
            Publication = Publication,
            Commands = commands,
            Lateness = new Lateness(),
            ReadEvents = Read,
            NewestEvent = () => events.Length,
            SendLimit = sendLimit ?? ControlSources.DefaultSendLimit,
            Describe = static published => ExampleCluster.Situation(published),
            Log = line => { lock (gate) log.Add(line); },
            Haproxy = () => Haproxies,
            Results = resource =>
            {
                ResultsAsked = resource;
                return Results;
            },
            CheckDocument = _ => Task.FromResult(DocumentFindings),
            WarnOfDocument = line => { lock (gate) log.Add(line); },
        });
        loop = new Thread(PlayLoop) { IsBackground = true };
        loop.Start();
    }

    public ControlAccess Access { get; }

    public string RuntimeDirectory { get; } = Directory.CreateTempSubdirectory("hl-agent-").FullName;

    public string SocketPath => Path.Combine(RuntimeDirectory, ControlProtocol.SocketName);

    public Publication Publication { get; }

    public ClusterSnapshot Snapshot { get; set; } = ExampleCluster.Snapshot();


    /// <summary>What the agents of this node say about a configuration.</summary>
    public ImmutableArray<DocumentFinding> DocumentFindings { get; set; } = [];

    /// <summary>True: the loop takes no snapshots any more.</summary>
    public bool Hangs { get; set; }

    /// <summary>Whether a client was dropped because it took nothing.</summary>
    public bool Dropped => HasLogged("was dropped");

    /// <summary>Commands that arrived, in order.</summary>
    public ImmutableArray<OperatorCommand> Commands
    {
        get
        {
            lock (gate) return [.. arrived];
        }
    }

    /// <summary>What the node's own HAProxies are found to do.</summary>
    public ImmutableArray<HaproxyStatus> Haproxies { get; set; } = [];

    /// <summary>What the last operations came to.</summary>
    public ImmutableArray<ResourceResults> Results { get; set; } = [];

    /// <summary>The resource whose results were asked for last.</summary>
    public string? ResultsAsked { get; private set; }

    public bool HasLogged(string text)
    {
        lock (gate) return log.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }

    public Func<OperatorCommand, CommandAnswer> OnCommand { get; set; } = static command => new(command.Id, null);

    public void Add(int count)
    {
        events = [.. events, .. Enumerable.Range(events.Length + 1, count).Select(static n => ExampleCluster.Entry(n))];
        Publication.Announce();
    }

    public void Publish(ClusterSnapshot snapshot)
    {
        Snapshot = snapshot;
        Publication.Publish(snapshot);
    }

    public ControlClient Connect() => ControlClient.Connect(RuntimeDirectory);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        ended = true;
        inputs.Wake();
        loop.Join();
        Publication.Dispose();
        inputs.Dispose();
        Directory.Delete(RuntimeDirectory, recursive: true);
    }

    private ImmutableArray<JournalEntry> Read(long after, int limit) =>
        [.. events.Skip((int)after).Take(limit)];

    private void PlayLoop()
    {
        Span<PollEntry> wait = [new() { Descriptor = inputs.Descriptor, Events = Libc.PollIn }];
        while (!ended)
        {
            LoopCalls.Poll(wait, TimeSpan.FromSeconds(1));
            inputs.Awake();
            while (inputs.TryTake(out var input))
            {
                if (input is not OperatorCommanded commanded) continue;
                lock (gate) arrived.Add(commanded.Command);
                commands.Answered(new AnswerCommand(commanded.Ticket, OnCommand(commanded.Command)));
            }

            if (!Hangs && (Publication.TakeFreshWanted() | Publication.TakeStateWanted()))
                Publication.Publish(Snapshot with { TakenAt = DateTimeOffset.UtcNow }, ExampleCluster.State());
        }
    }
}

/// <summary>A client that writes and reads whatever it likes.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly LineBuffer lines = new();

    public RawClient(string path)
    {
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.ReceiveTimeout = socket.SendTimeout = 60_000;
    }

    public void Send(string text) => socket.Send(Encoding.UTF8.GetBytes(text));

    /// <summary>The next line; null when the connection has ended.</summary>
    public string? Line()
    {
        ReadOnlyMemory<byte> line;
        while (!lines.TryTake(out line))
        {
            int count;
            try
            {
                count = socket.Receive(lines.Free.Span);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                return null;
            }

            if (count == 0) return null;
            lines.Added(count);
        }

        return Encoding.UTF8.GetString(line.Span);
    }

    public ControlReply Reply() => JsonSerializer.Deserialize(Line()!, HaJson.Default.ControlReply)!;

    public ControlPush Push() => JsonSerializer.Deserialize(Line()!, HaJson.Default.ControlPush)!;

    public void Dispose() => socket.Dispose();
}
