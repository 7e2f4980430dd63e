using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.Json;
using Ha.Core.Contracts;
using Ha.Lab.Hosts;

namespace Ha.Lab.Clusters;

/// <summary>Asks a node's agent on its control socket, one connection a question.</summary>
public static class ControlClient
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    /// <summary>The agent's present snapshot; null when no agent answers.</summary>
    public static ClusterSnapshot? Snapshot(LabNode node) =>
        Ask(node, new ControlRequest { Id = 1, Method = ControlMethod.Snapshot })?.Snapshot;

    /// <summary>Every event that the node's journal still has; empty when no agent answers.</summary>
    public static IReadOnlyList<JournalEntry> Events(LabNode node)
    {
        var all = new List<JournalEntry>();
        while (true)
        {
            var page = Ask(node, new ControlRequest
            {
                Id = 1,
                Method = ControlMethod.Events,
                After = all.Count == 0 ? 0 : all[^1].Position,
                Limit = ControlProtocol.MaxEventsPage,
            })?.Entries ?? ImmutableArray<JournalEntry>.Empty;
            if (page.IsEmpty)
            {
                return all;
            }
            all.AddRange(page);
        }
    }

    /// <summary>Sends a command.</summary>
    public static CommandAnswer Command(LabNode node, OperatorCommand command) =>
        Ask(node, new ControlRequest { Id = 1, Method = ControlMethod.Command, Command = command })?.Answer
            ?? throw new InvalidOperationException($"the agent of {node.Name} does not answer a command");

    private static ControlReply? Ask(LabNode node, ControlRequest request)
    {
        var path = node.PathOf($"/run/ha-appliance/{ControlProtocol.SocketName}");
        if (!node.IsRunning || !File.Exists(path))
        {
            return null;
        }
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)s_limit.TotalMilliseconds,
            SendTimeout = (int)s_limit.TotalMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            using var stream = new NetworkStream(socket);
            JsonSerializer.Serialize(stream, request, HaJson.Default.ControlRequest);
            stream.WriteByte((byte)'\n');
            using var reader = new StreamReader(stream);
            return reader.ReadLine() is { } line
                ? JsonSerializer.Deserialize(line, HaJson.Default.ControlReply)
                : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null; // the agent is being killed, frozen or started: asked again by whoever waits
        }
    }
}
