using Microsoft.AspNetCore.SignalR;

namespace Ha.Api.Live;

/// <summary>
/// What the hub pushes. Clients only listen: changes go through REST, where they are checked and kept.
/// </summary>
public interface IClusterClient
{
    /// <summary>The whole cluster: on connecting and after each change, at most one per 100 ms.</summary>
    Task Snapshot(ClusterSnapshot snapshot);

    /// <summary>A new event of the journal, in order.</summary>
    Task EventAppended(JournalEntry entry);

    /// <summary>Each second, and at once when the agent comes or goes.</summary>
    Task Alive(LiveSign sign);

    /// <summary>Events were left out for this client: it reads the list again.</summary>
    Task Resync(string reason);
}

/// <summary>The hub of one node.</summary>
internal sealed class ClusterHub(LiveClients clients) : Hub<IClusterClient>
{
    public const string Path = "/hubs/cluster";

    public override Task OnConnectedAsync()
    {
        clients.Add(Context);
        return Task.CompletedTask;
    }

    public override Task OnDisconnectedAsync(Exception? exception) => clients.RemoveAsync(Context.ConnectionId);
}
