using System.Collections.Concurrent;
using Ha.Api.Agent;
using Ha.Api.Security;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Ha.Api.Live;

/// <summary>One pump for each client of the hub, so that a slow one holds up nobody but itself.</summary>
internal sealed class LiveClients(
    AgentClient agent, IHubContext<ClusterHub, IClusterClient> hub, TokenStore tokens, TimeProvider clock)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (CancellationTokenSource Stop, Task Pump)> pumps = new();

    public static void AddTo(IServiceCollection parts)
    {
        parts.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = 4096; // clients send nothing but pings
            hub.KeepAliveInterval = TimeSpan.FromSeconds(5);
            hub.ClientTimeoutInterval = TimeSpan.FromSeconds(40);
        });
        parts.AddSingleton<LiveClients>();
    }

    public static void OverWebSockets(HttpConnectionDispatcherOptions options) =>
        options.Transports = HttpTransportType.WebSockets;

    public void Add(HubCallerContext connection)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionAborted);
        var pump = new LivePump(agent, hub.Clients.Client(connection.ConnectionId), clock);
        pumps[connection.ConnectionId] = (stop, RunAsync(pump, connection, stop.Token));
    }

    public async Task RemoveAsync(string connectionId)
    {
        if (!pumps.TryRemove(connectionId, out var running)) return;
        await running.Stop.CancelAsync();
        await running.Pump;
        running.Stop.Dispose();
    }

    private async Task RunAsync(LivePump pump, HubCallerContext connection, CancellationToken stop)
    {
        await Task.Yield();
        var token = tokens.Fingerprint;
        try
        {
            await pump.RunAsync(mayStay: () => tokens.Fingerprint == token, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left, or this process ends.
        }
        finally
        {
            connection.Abort(); // the token was replaced, or the pump broke: never a connection that nothing comes from
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var id in pumps.Keys) await RemoveAsync(id);
    }
}
