using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Ha.Agent.State;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>
/// One client of the control socket: its requests are answered one after the other, its subscription runs beside.
/// </summary>
internal sealed class ControlConnection(Socket socket, ControlPeer peer, ControlSources sources) : IDisposable
{
    private const int DefaultPage = 100;
    private const int MaxActor = 64;
    private readonly LineBuffer lines = new();
    private readonly SemaphoreSlim writing = new(1, 1);
    private Task? subscription;

    /// <summary>Serves the client until it goes away, misbehaves, or the agent ends.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            while (await ReadLineAsync(end.Token) is { } line)
            {
                var request = Parse(line, out var error);
                var reply = request is null ? Failed(0, error) : await AnswerAsync(request, end.Token);
                await SendAsync(ControlLine.Of(reply), end.Token);
                if (request?.Method == ControlMethod.Subscribe && reply.Error is null)
                    subscription = PushAsync(request.After, end);
            }
        }
        catch (Exception e) when (IsConnectionEnd(e))
        {
            // The client went away, was too slow, or the agent ends: nothing is left to be told to anybody.
            sources.ConnectionEnded(peer, e);
        }
        finally
        {
            await end.CancelAsync();
            if (subscription is not null) await subscription;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Dispose();
        writing.Dispose();
    }

    private static bool IsConnectionEnd(Exception e) =>
        e is SocketException or OperationCanceledException or TimeoutException or ObjectDisposedException
            or StateException;

    private static ControlReply Failed(long id, string error) => new() { Id = id, Error = error };

    private static ControlRequest? Parse(ReadOnlyMemory<byte> line, out string error)
    {
        try
        {
            error = "the request is null; send an object with id and method";
            return JsonSerializer.Deserialize(line.Span, HaJson.Default.ControlRequest);
        }
        catch (JsonException e)
        {
            error = $"not a control request: {e.Message}";
            return null;
        }
    }

    private async Task<ControlReply> AnswerAsync(ControlRequest request, CancellationToken cancellation)
    {
        switch (request.Method)
        {
            case ControlMethod.Snapshot:
                return await sources.Publication.FreshAsync(cancellation) is { } published
                    ? new ControlReply { Id = request.Id, Snapshot = published.Snapshot }
                    : Failed(request.Id, "the heartbeat loop has not taken its first step yet; ask again in a second");
            case ControlMethod.Events:
                return EventsReply(request);
            case ControlMethod.Subscribe:
                return subscription is not null
                    ? Failed(request.Id, "this connection has a subscription already; open another connection")
                    : sources.PositionProblem(request.After) is { } problem
                        ? Failed(request.Id, problem)
                        : new ControlReply { Id = request.Id };
            case ControlMethod.Situation:
                return await SituationReplyAsync(request.Id, cancellation);
            case ControlMethod.Command:
                return await CommandReplyAsync(request, cancellation);
            case ControlMethod.Configuration:
            case ControlMethod.ConfigurationHistory:
            case ControlMethod.ConfigurationDifferences:
                return ConfigurationReplies.Of(request, sources.Configurations());
            case ControlMethod.Haproxy:
                return await HaproxyReplyAsync(request.Id, cancellation);
            case ControlMethod.HaproxyReload:
                if (request.Resource is not { } resource)
                    return Failed(request.Id, "method haproxyReload needs the field resource");
                var failure = await Task.Run(() => sources.ReloadHaproxy(resource, peer.Name), cancellation);
                return new ControlReply { Id = request.Id, Error = failure };
            case ControlMethod.Results:
                return Bounded(new ControlReply { Id = request.Id, Results = sources.Results(request.Resource) },
                    "what the operations printed");
        }

        throw new System.Diagnostics.UnreachableException($"control method {request.Method}");
    }

    private ControlReply EventsReply(ControlRequest request)
    {
        var limit = request.Limit ?? DefaultPage;
        if (limit is < 1 or > ControlProtocol.MaxEventsPage)
            return Failed(request.Id, $"limit {limit} is not in 1..{ControlProtocol.MaxEventsPage}");
        ImmutableArray<JournalEntry> entries;
        try
        {
            entries = sources.ReadEvents(sources.Position(request.After ?? 0), limit);
        }
        catch (StateException e)
        {
            return Failed(request.Id, e.Message);
        }

        var reply = new ControlReply { Id = request.Id, Entries = entries };
        // A page of long events is cut until its line is allowed; the client goes on after the last one that it got.
        while (entries.Length > 1 && ControlLine.Of(reply).Length > ControlProtocol.MaxLineBytes)
        {
            entries = entries[..(entries.Length / 2)];
            reply = reply with { Entries = entries };
        }

        return reply;
    }

    private async Task<ControlReply> SituationReplyAsync(long id, CancellationToken cancellation)
    {
        if (await sources.Publication.StateAsync(cancellation) is not { } published)
            return Failed(id, "the heartbeat loop does not answer; look at 'ha-agent status'");
        return Bounded(new ControlReply { Id = id, Situation = sources.Describe(published) }, "the state");
    }

    private async Task<ControlReply> HaproxyReplyAsync(long id, CancellationToken cancellation) => Bounded(
        new ControlReply { Id = id, Haproxy = await Task.Run(sources.Haproxy, cancellation) }, "the state of HAProxy");

    private static ControlReply Bounded(ControlReply reply, string what) =>
        ControlLine.Of(reply).Length <= ControlProtocol.MaxLineBytes ? reply
            : Failed(reply.Id, $"{what} has more than {ControlProtocol.MaxLineBytes >> 20} MiB");

    private async Task<ControlReply> CommandReplyAsync(ControlRequest request, CancellationToken cancellation)
    {
        if (request.Command is not { } command)
            return Failed(request.Id, "method command needs the field command");
        var findings = command is { Kind: CommandKind.Configure, Document: { } document }
            ? await sources.CheckDocument(document) : [];
        if (!command.Force && DocumentReplies.Refusal(findings) is { } refusal)
            return new ControlReply { Id = request.Id, Answer = new CommandAnswer(null, refusal) };
        try
        {
            // Who asks is the kernel's word; what the client adds (the API's signed-in user) stands behind it.
            var answer = await sources.Commands.AskAsync(command with { Actor = Actor(command.Actor) }, cancellation);
            if (answer.Rejection is null) DocumentReplies.Warn(findings, sources.WarnOfDocument);
            return new ControlReply { Id = request.Id, Answer = answer };
        }
        catch (TimeoutException)
        {
            return Failed(request.Id,
                "the heartbeat loop did not answer; the command may still be carried out: look at 'ha-agent status'");
        }
    }

    private string Actor(string claimed)
    {
        var clean = string.Concat(claimed.Where(static c => !char.IsControl(c))).Trim();
        if (clean.Length > MaxActor) clean = clean[..MaxActor];
        return clean.Length == 0 ? peer.Name : $"{peer.Name} ({clean})";
    }

    private async Task PushAsync(long? after, CancellationTokenSource end)
    {
        try
        {
            await new Subscription(sources, SendAsync).RunAsync(after, end.Token);
        }
        catch (Exception e) when (IsConnectionEnd(e))
        {
            sources.ConnectionEnded(peer, e);
        }
        finally
        {
            // The reading side ends as well: a client without its pushes must notice.
            await end.CancelAsync();
        }
    }

    private async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> line;
        while (!lines.TryTake(out line))
        {
            if (lines.IsTooLong)
            {
                var why = $"the line is longer than {ControlProtocol.MaxLineBytes} bytes; the connection ends";
                await SendAsync(ControlLine.Of(Failed(0, why)), cancellation);
                return null;
            }

            var count = await socket.ReceiveAsync(lines.Free, cancellation);
            if (count == 0) return null;
            lines.Added(count);
        }

        return line;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(sources.SendLimit);
        await writing.WaitAsync(limit.Token);
        try
        {
            while (line.Length > 0) line = line[await socket.SendAsync(line, limit.Token)..];
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"it took nothing for {sources.SendLimit.TotalSeconds} s and was dropped", e);
        }
        finally
        {
            writing.Release();
        }
    }
}
