using System.Net;
using System.Net.Sockets;
using Ha.Lab.Interop;

namespace Ha.Lab.Running;

/// <summary>
/// A port of this machine (127.0.0.1 only) that leads into the lab: the browser of the machine reaches the nodes, and
/// the machine's own network, which may well be 192.168.1.0/24 too, never meets the lab's.
/// </summary>
internal sealed class PortForward : IDisposable
{
    private const int MaxConnections = 256;
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(1);
    private readonly TcpListener _listener;
    private readonly string _namespace;
    private readonly IPEndPoint[] _targets;
    private readonly SemaphoreSlim _free = new(MaxConnections);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _lastGood;

    /// <summary>Begins to listen.</summary>
    /// <param name="port">Port of this machine; 0: the kernel chooses one.</param>
    /// <param name="viaNamespace">Namespace from which the targets are reached.</param>
    /// <param name="targets">Tried in turn, the one that answered last first.</param>
    internal PortForward(int port, string viaNamespace, params IPEndPoint[] targets)
    {
        _namespace = viaNamespace;
        _targets = targets;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port of this machine.</summary>
    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _accepting.Wait();
        _stop.Dispose();
        _free.Dispose();
    }

    /// <summary>A connection into the lab.</summary>
    /// <exception cref="SocketException">The target does not answer.</exception>
    internal static async Task<Socket> ConnectAsync(
        string viaNamespace, IPEndPoint target, CancellationToken cancellation)
    {
        var socket = NetworkNamespace.Run(viaNamespace,
            () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(target, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _free.WaitAsync(_stop.Token);
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                connections.RemoveAll(task => task.IsCompleted);
                connections.Add(CarryAsync(client));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                if (_stop.IsCancellationRequested)
                {
                    break;
                }
                _free.Release();
            }
        }
        await Task.WhenAll(connections);
    }

    private async Task CarryAsync(Socket client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                using var target = await FirstThatAnswersAsync();
                if (target is not null)
                {
                    using var there = new NetworkStream(target);
                    using var here = new NetworkStream(client);
                    // When one side ends, the other is closed with it.
                    await Task.WhenAny(here.CopyToAsync(there, _stop.Token), there.CopyToAsync(here, _stop.Token));
                }
            }
        }
        catch (Exception e)
            when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            var targets = string.Join(" or ", _targets.AsEnumerable());
            Console.Error.WriteLine($"a connection to {targets} ended: {e.Message}");
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task<Socket?> FirstThatAnswersAsync()
    {
        for (var i = 0; i < _targets.Length; i++)
        {
            var index = (_lastGood + i) % _targets.Length;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(s_connectLimit);
            try
            {
                var socket = await ConnectAsync(_namespace, _targets[index], limit.Token);
                _lastGood = index;
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                continue; // the next target is tried; when none answers the caller closes the connection
            }
        }
        return null;
    }
}
