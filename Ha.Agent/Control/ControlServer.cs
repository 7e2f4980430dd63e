using System.Net.Sockets;
using System.Text;
using Ha.Core.Contracts;

namespace Ha.Agent.Control;

/// <summary>The control socket (<see cref="ControlProtocol"/>): who may connect, and how many at a time.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>How many clients may be connected at a time; more are told so and disconnected.</summary>
    public const int MaxConnections = 64;

    private const int LongestPath = 107;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAndGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    private readonly string path;
    private readonly ControlAccess access;
    private readonly ControlSources sources;
    private readonly Socket listener;
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private readonly List<Task> connections = [];
    private readonly Task accepting;

    private ControlServer(string path, ControlAccess access, ControlSources sources, Socket listener)
    {
        this.path = path;
        this.access = access;
        this.sources = sources;
        this.listener = listener;
        accepting = AcceptAsync();
    }

    /// <summary>
    /// Listens in a runtime directory. The caller holds the lock of that directory: a socket there is a dead one's.
    /// </summary>
    /// <exception cref="IOException">The socket cannot be made there; the message says why.</exception>
    public static ControlServer Start(string runtimeDirectory, ControlAccess access, ControlSources sources)
    {
        var place = Path.Combine(runtimeDirectory, ControlProtocol.SocketName);
        if (PathProblem(place) is { } problem) throw new IOException(problem);
        File.Delete(place);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(place));
            // Before it listens nobody can connect, so there is no moment with a wider mode.
            access.Protect(place, OwnerAndGroup, OwnerOnly);
            socket.Listen(MaxConnections);
            return new ControlServer(place, access, sources, socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot listen on {place}: {e.Message}", e);
        }
    }

    /// <summary>What is wrong with a socket path; null when nothing.</summary>
    public static string? PathProblem(string path) => Encoding.UTF8.GetByteCount(path) > LongestPath
        ? $"the socket path {path} is longer than {LongestPath} bytes; choose a shorter --runtime-dir"
        : null;

    /// <summary>Ends all connections and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await accepting;
        Task[] open;
        lock (gate) open = [.. connections];
        await Task.WhenAll(open);
        listener.Dispose();
        File.Delete(path);
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(ending.Token);
                lock (gate)
                {
                    connections.RemoveAll(static task => task.IsCompleted);
                    connections.Add(ServeAsync(client, connections.Count < MaxConnections));
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors, or a client that gave up while it waited: the next one may do better.
                sources.Log($"control socket: cannot accept a connection: {e.Message}");
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket client, bool room)
    {
        // Off the accepting task at once: reading credentials may ask a slow user database.
        await Task.Yield();
        try
        {
            var peer = ControlAccess.PeerOf(client);
            using var connection = new ControlConnection(client, peer, sources);
            if (!access.Allows(client, peer))
            {
                sources.Log($"control socket: user {peer.Name} was refused");
                await RefuseAsync(client, $"user {peer.Name} may not use the control socket; " +
                    $"ask as root or as a member of group {ControlAccess.GroupName}");
            }
            else if (!room)
            {
                await RefuseAsync(client, $"{MaxConnections} connections are open already; close one and try again");
            }
            else
            {
                await connection.RunAsync(ending.Token);
            }
        }
        catch (SocketException)
        {
            // The client went away before it was known who it is.
            client.Dispose();
        }
        catch (Exception e)
        {
            // A bug in one connection must not take the agent with it; the log keeps it for its author.
            sources.Log($"control connection ended by a fault of this program: {e}");
            client.Dispose();
        }
    }

    private static async Task RefuseAsync(Socket client, string why)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await client.SendAsync(ControlLine.Of(new ControlReply { Id = 0, Error = why }), limit.Token);
        }
        catch (OperationCanceledException)
        {
            // It does not read: it is disconnected without a word.
        }
    }
}
