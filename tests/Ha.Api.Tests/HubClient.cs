using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Ha.Api.Tests;

/// <summary>The JSON hub protocol over a real WebSocket: what a client of the hub hears.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const char Separator = '\u001e';
    private readonly ClientWebSocket socket = new();
    private readonly Channel<(string Target, JsonElement Argument)> calls =
        Channel.CreateUnbounded<(string, JsonElement)>();
    private readonly CancellationTokenSource stop = new(TimeSpan.FromMinutes(5));
    private Task reading = Task.CompletedTask;

    public static async Task<HubClient> ConnectAsync(
        ApiApplication api, bool tokenInQuery = false, string? token = null, bool read = true)
    {
        var client = new HubClient();
        token ??= api.Token;
        var address = new UriBuilder(api.Address)
        {
            Scheme = api.Address.Scheme == "https" ? "wss" : "ws", Path = "/hubs/cluster",
        };
        if (tokenInQuery) address.Query = "access_token=" + token;
        else client.socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        client.socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        client.socket.Options.CollectHttpResponseDetails = true;
        await client.socket.ConnectAsync(address.Uri, client.stop.Token);
        await client.socket.SendAsync(Encoding.UTF8.GetBytes("""{"protocol":"json","version":1}""" + Separator),
            WebSocketMessageType.Text, true, client.stop.Token);
        if (read) client.reading = client.ReadAsync();
        return client;
    }

    public bool IsClosed => reading.IsCompleted;

    /// <summary>The next call of a method, leaving out all others.</summary>
    public async Task<JsonElement> NextAsync(string target)
    {
        while (true)
        {
            var call = await calls.Reader.ReadAsync(stop.Token);
            if (call.Target == target) return call.Argument;
        }
    }

    public async Task<ClusterSnapshot> SnapshotAsync() =>
        (await NextAsync("Snapshot")).Deserialize(HaJson.Default.ClusterSnapshot)!;

    public async Task<JournalEntry> EventAsync() =>
        (await NextAsync("EventAppended")).Deserialize(HaJson.Default.JournalEntry)!;

    private async Task ReadAsync()
    {
        var received = new ArrayBufferWriter<byte>();
        try
        {
            while (await socket.ReceiveAsync(received.GetMemory(4096), stop.Token)
                is { MessageType: not WebSocketMessageType.Close } part)
            {
                received.Advance(part.Count);
                if (!part.EndOfMessage) continue;
                foreach (var message in Encoding.UTF8.GetString(received.WrittenSpan)
                    .Split(Separator, StringSplitOptions.RemoveEmptyEntries))
                    Take(JsonDocument.Parse(message).RootElement);
                received.ResetWrittenCount();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or WebSocketException)
        {
            // The test ends, or the server closed the connection: the channel tells.
        }
        calls.Writer.TryComplete();
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("type", out var type) && type.GetInt32() == 1)
            calls.Writer.TryWrite((message.GetProperty("target").GetString()!, message.GetProperty("arguments")[0]));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        socket.Dispose();
        stop.Dispose();
    }
}
