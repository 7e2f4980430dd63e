using System.Net.Sockets;
using System.Text.Json;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>A connection to the agent, for the command line: blocking, every wait bounded.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan ReplyLimit = TimeSpan.FromSeconds(15);
    private readonly Socket socket;
    private readonly LineBuffer lines = new();
    private long lastId;

    private ControlClient(Socket socket) => this.socket = socket;

    /// <summary>Connects to the agent of a runtime directory.</summary>
    /// <exception cref="NotRunningException">No agent answers there.</exception>
    /// <exception cref="RequestFailedException">This user may not ask it.</exception>
    public static ControlClient Connect(string runtimeDirectory)
    {
        var path = Path.Combine(runtimeDirectory, ControlProtocol.SocketName);
        if (ControlServer.PathProblem(path) is { } problem) throw new NotRunningException(problem);
        var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(path));
            return new ControlClient(connection);
        }
        catch (SocketException e)
        {
            connection.Dispose();
            throw e.SocketErrorCode == SocketError.AccessDenied
                ? new RequestFailedException(
                    $"no permission to ask the agent at {path}; be root or a member of group {ControlAccess.GroupName}")
                : new NotRunningException(
                    $"no agent answers at {path} ({e.Message}); start 'ha-agent run', or name its --runtime-dir");
        }
    }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="RequestFailedException">The agent says that the request is wrong.</exception>
    /// <exception cref="NotRunningException">The agent went away.</exception>
    public ControlReply Ask(ControlRequest request)
    {
        var id = ++lastId;
        Send(ControlLine.Of(request with { Id = id }));
        var line = ReadLine(ReplyLimit) ??
            throw new RequestFailedException($"the agent did not answer within {ReplyLimit.TotalSeconds} s");
        var reply = JsonSerializer.Deserialize(line.Span, HaJson.Default.ControlReply) ??
            throw new RequestFailedException("the agent answered null");
        if (reply.Error is { } error) throw new RequestFailedException(error);
        if (reply.Id != id) throw new RequestFailedException($"the agent answered request {reply.Id}, not {id}");
        return reply;
    }

    /// <summary>The next push of a subscription; null when none came within the limit.</summary>
    public ControlPush? Next(TimeSpan limit) => ReadLine(limit) is { } line
        ? JsonSerializer.Deserialize(line.Span, HaJson.Default.ControlPush)
        : null;

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    private void Send(byte[] line)
    {
        try
        {
            for (var sent = 0; sent < line.Length;) sent += socket.Send(line.AsSpan(sent));
        }
        catch (SocketException)
        {
            // A refused connection has its reason waiting to be read: that is the better answer.
        }
    }

    private ReadOnlyMemory<byte>? ReadLine(TimeSpan limit)
    {
        ReadOnlyMemory<byte> line;
        while (!lines.TryTake(out line))
        {
            if (lines.IsTooLong) throw new RequestFailedException("the agent sent a line that is too long");
            try
            {
                if (!socket.Poll(limit, SelectMode.SelectRead)) return null;
                var count = socket.Receive(lines.Free.Span);
                if (count == 0) throw new NotRunningException("the agent closed the connection");
                lines.Added(count);
            }
            catch (SocketException e)
            {
                throw new NotRunningException($"the connection to the agent broke: {e.Message}");
            }
        }

        return line;
    }
}

/// <summary>There is no agent to ask: exit code 3.</summary>
internal sealed class NotRunningException(string message) : Exception(message);

/// <summary>The agent could not do what was asked, or answered nonsense: exit code 1.</summary>
internal sealed class RequestFailedException(string message) : Exception(message);
