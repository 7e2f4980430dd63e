using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ha.Api.Agent;

/// <summary>One connection to the agent's control socket: lines out, lines in.</summary>
internal sealed class ControlConnection : IAsyncDisposable
{
    private readonly NetworkStream stream;
    private readonly PipeReader reader;

    private ControlConnection(Socket socket)
    {
        stream = new NetworkStream(socket, ownsSocket: true);
        reader = PipeReader.Create(stream);
    }

    public static async Task<ControlConnection> OpenAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new ControlConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task SendAsync(ControlRequest request, CancellationToken cancel)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(request, HaJson.Default.ControlRequest);
        Array.Resize(ref line, line.Length + 1);
        line[^1] = (byte)'\n';
        await stream.WriteAsync(line, cancel);
    }

    /// <summary>The next line, or null when the agent closed the connection.</summary>
    /// <exception cref="InvalidDataException">The line is too long or is not what it should be.</exception>
    public async Task<T?> ReceiveAsync<T>(JsonTypeInfo<T> type, CancellationToken cancel) where T : class
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancel);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var message = Parse(result.Buffer.Slice(0, end), type);
                reader.AdvanceTo(result.Buffer.GetPosition(1, end));
                return message;
            }
            if (result.IsCompleted) return null;
            if (result.Buffer.Length > ControlProtocol.MaxLineBytes)
                throw new InvalidDataException(
                    $"The agent sent a line of more than {ControlProtocol.MaxLineBytes} bytes on its control socket.");
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static T Parse<T>(ReadOnlySequence<byte> line, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            var json = new Utf8JsonReader(line);
            return JsonSerializer.Deserialize(ref json, type)
                ?? throw new InvalidDataException("The agent sent null on its control socket.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The agent sent a line that is no {typeof(T).Name}: {error.Message}",
                error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await reader.CompleteAsync();
        await stream.DisposeAsync();
    }
}
