using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Ha.Web.Client;

/// <summary>
/// Carries SignalR over one WebSocket. SignalR's own transport package is not to be had everywhere, and this way the
/// socket shares the certificate judgement of <see cref="ApiEndpoint"/> with REST.
/// </summary>
internal sealed class WebSocketTransport(ApiEndpoint api, string token) : IConnectionFactory
{
    public async ValueTask<ConnectionContext> ConnectAsync(
        EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = TimeSpan.Zero; // SignalR pings by itself
            await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, api.WebSockets, cancellationToken);
            return new WebSocketConnection(socket);
        }
        catch (WebSocketException error) when (socket.HttpStatusCode >= HttpStatusCode.BadRequest)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw new ApiException(ApiFault.OfStatus(status, api.Name), error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>One WebSocket as the two pipes that SignalR reads and writes.</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private const long MaxBufferedBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ClientWebSocket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Pipe _received = new(PipeLimits);
    private readonly Pipe _toSend = new(PipeLimits);
    private readonly Task _loops;

    public WebSocketConnection(ClientWebSocket socket)
    {
        _socket = socket;
        Transport = new TwoPipes(_received.Reader, _toSend.Writer);
        _loops = Task.WhenAll(ReceiveAsync(), SendAsync());
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; }

    private static PipeOptions PipeLimits =>
        new(
            pauseWriterThreshold: MaxBufferedBytes,
            resumeWriterThreshold: MaxBufferedBytes / 2,
            useSynchronizationContext: false);

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        _stop.CancelAfter(CloseTimeout);
        await _loops;
        _socket.Dispose();
        _stop.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>
    /// Loss of the connection is told to SignalR as the error of the pipe it reads; nothing is thrown here.
    /// </summary>
    private async Task ReceiveAsync()
    {
        Exception? end = null;
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(_received.Writer.GetMemory(4096), _stop.Token);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                _received.Writer.Advance(result.Count);
                if ((await _received.Writer.FlushAsync(_stop.Token)).IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            end = error;
        }

        await _received.Writer.CompleteAsync(end);
    }

    private async Task SendAsync()
    {
        Exception? end = null;
        try
        {
            while (true)
            {
                var read = await _toSend.Reader.ReadAsync(_stop.Token);
                if (!read.Buffer.IsEmpty)
                {
                    await _socket.SendAsync(
                        read.Buffer.ToArray(), WebSocketMessageType.Text, endOfMessage: true, _stop.Token);
                }

                _toSend.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", _stop.Token);
                    break;
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            end = error;
            await _stop.CancelAsync();
        }

        await _toSend.Reader.CompleteAsync(end);
    }

    private sealed class TwoPipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
