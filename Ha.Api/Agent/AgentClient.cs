using System.Net.Sockets;
using Ha.Api.Journal;

namespace Ha.Api.Agent;

/// <summary>
/// The only user of the agent's control socket: keeps one subscription alive, holds the last state for readers,
/// and asks questions, each on a connection of its own so that none waits behind another.
/// </summary>
internal sealed class AgentClient(ApiOptions options, TimeProvider clock, ILogger<AgentClient> log) : BackgroundService
{
    public static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(2);
    private const int MostQuestionsAtOnce = 16;

    private readonly string path = Path.Combine(options.RuntimeDirectory, ControlProtocol.SocketName);
    private readonly SemaphoreSlim questions = new(MostQuestionsAtOnce);
    private readonly Lock gate = new();
    private ImmutableArray<AgentListener> listeners = [];
    private volatile AgentState state = AgentState.Nothing;
    private JournalMark? lastPushed;

    public AgentState State => state;

    /// <summary>Opens a mailbox that gets every state and event from now on; dispose it to close it.</summary>
    public AgentListener Listen(int eventCapacity)
    {
        var listener = new AgentListener(this, eventCapacity);
        lock (gate) listeners = listeners.Add(listener);
        return listener;
    }

    internal void Remove(AgentListener listener)
    {
        lock (gate) listeners = listeners.Remove(listener);
    }

    /// <summary>Asks the agent one question.</summary>
    /// <exception cref="AgentUnavailableException">It could not be asked, or did not answer in time.</exception>
    public async Task<ControlReply> AskAsync(ControlRequest request, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(CommandTimeout);
        var sent = false;
        try
        {
            await questions.WaitAsync(limit.Token);
            try
            {
                await using var connection = await ControlConnection.OpenAsync(path, limit.Token);
                sent = true;
                await connection.SendAsync(request, limit.Token);
                return Checked(await connection.ReceiveAsync(HaJson.Default.ControlReply, limit.Token), request);
            }
            finally
            {
                questions.Release();
            }
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && IsConnectionFault(error))
        {
            throw sent
                ? new AgentUnavailableException(AgentFault.NoAnswer,
                    "The agent of this node took the request but gave no answer within " +
                    $"{CommandTimeout.TotalSeconds:0} s; whether it was carried out is not known.", error)
                : NotRunning(error);
        }
    }

    private AgentUnavailableException NotRunning(Exception error) => new(AgentFault.NotRunning,
        $"ha-agent of this node does not answer on {path} ({Reason(error)}). Start it, or ask another node.", error);

    // What connect(2) says about a unix socket, in words that lead somewhere.
    private static string Reason(Exception error) => error switch
    {
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "there is no such socket",
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "nobody listens on it",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "access denied: is this user in the group ha?",
        _ => error.Message.TrimEnd('.'),
    };

    private static ControlReply Checked(ControlReply? reply, ControlRequest request)
    {
        if (reply is null) throw new EndOfStreamException("The agent closed the connection without an answer.");
        if (reply.Error is { } refusal) throw new AgentUnavailableException(AgentFault.Refused, refusal);
        if (reply.Id != request.Id)
            throw new InvalidDataException($"The agent answered request {reply.Id} instead of {request.Id}.");
        return reply;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the host starts the next part while the socket is tried
        var retry = FirstRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(() => retry = FirstRetry, stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested && IsConnectionFault(error))
            {
                if (state.Connected || retry == FirstRetry) log.AgentLost(path, Reason(error));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            SetState(state with { Connected = false });
            await Task.Delay(retry, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, LongestRetry.Ticks));
        }
    }

    private async Task FollowAsync(Action connected, CancellationToken cancel)
    {
        await using var connection = await ControlConnection.OpenAsync(path, cancel);
        if (lastPushed is not null && await lastPushed.CompareAsync(this, cancel) is not MarkState.Holds)
        {
            lastPushed = null;
            foreach (var listener in Listeners()) listener.PostGap();
        }
        var request = new ControlRequest { Id = 1, Method = ControlMethod.Subscribe, After = lastPushed?.Position };
        await connection.SendAsync(request, cancel);
        Checked(await connection.ReceiveAsync(HaJson.Default.ControlReply, cancel), request);
        connected();
        log.AgentConnected(path);
        while (await connection.ReceiveAsync(HaJson.Default.ControlPush, cancel) is { } push) Apply(push);
        throw new EndOfStreamException("the agent closed the subscription");
    }

    private void Apply(ControlPush push)
    {
        var heard = clock.GetTimestamp();
        if (push.Snapshot is { } snapshot)
            SetState(state with { Connected = true, Snapshot = snapshot, HeardAt = heard });
        else if (push.Alive is { } alive)
            SetState(state with { Connected = true, Alive = alive, HeardAt = heard }, quietly: state.Connected);
        else if (push.Entry is { } entry)
            Publish(entry);
    }

    private void Publish(JournalEntry entry)
    {
        lastPushed = JournalMark.Of(entry);
        foreach (var listener in Listeners()) listener.PostEntry(entry);
    }

    private void SetState(AgentState next, bool quietly = false)
    {
        if (next == state) return;
        state = next;
        if (quietly) return;
        foreach (var listener in Listeners()) listener.PostState();
    }

    private ImmutableArray<AgentListener> Listeners()
    {
        lock (gate) return listeners;
    }

    private static bool IsConnectionFault(Exception error) =>
        error is SocketException or IOException or InvalidDataException or OperationCanceledException
            or AgentUnavailableException;

    public override void Dispose()
    {
        questions.Dispose();
        base.Dispose();
    }
}
