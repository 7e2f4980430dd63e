using System.Text.Json.Serialization;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Versions;
using Ha.Core.Contracts;
using Ha.Core.Membership;

namespace Ha.Core.Engine.Messages;

/// <summary>Message types of our own that ride in Heartbeat's frame; a real Heartbeat ignores them.</summary>
internal static class ClusterMessageTypes
{
    /// <summary>View proposal or commit.</summary>
    public static ReadOnlySpan<byte> View => "ha_view"u8;

    /// <summary>Acknowledgement of a proposal.</summary>
    public static ReadOnlySpan<byte> ViewAck => "ha_viewack"u8;

    /// <summary>Report of a node.</summary>
    public static ReadOnlySpan<byte> Report => "ha_report"u8;

    /// <summary>Request for a report that was lost.</summary>
    public static ReadOnlySpan<byte> ReportRequest => "ha_ask"u8;

    /// <summary>Orders of the coordinator to one node.</summary>
    public static ReadOnlySpan<byte> Order => "ha_order"u8;

    /// <summary>An operator's command on its way to the coordinator.</summary>
    public static ReadOnlySpan<byte> Command => "ha_command"u8;

    /// <summary>Request for pieces of a configuration.</summary>
    public static ReadOnlySpan<byte> ConfigurationRequest => "ha_confask"u8;

    /// <summary>A piece of a configuration.</summary>
    public static ReadOnlySpan<byte> ConfigurationChunk => "ha_config"u8;

    /// <summary>An event for the peers' journals.</summary>
    public static ReadOnlySpan<byte> Event => "ha_event"u8;
}

/// <summary>Fields of our own in Heartbeat's frame.</summary>
internal static class ClusterFields
{
    /// <summary>Version of our protocol; its presence says that the sender is this product.</summary>
    public static ReadOnlySpan<byte> Product => "hap"u8;

    /// <summary>The view the sender is in.</summary>
    public static ReadOnlySpan<byte> View => "vw"u8;

    /// <summary>Greatest view epoch the sender has seen, hex.</summary>
    public static ReadOnlySpan<byte> Epoch => "ep"u8;

    /// <summary>Version of the sender's last report, hex.</summary>
    public static ReadOnlySpan<byte> ReportVersion => "rv"u8;

    /// <summary>
    /// Echo: <c>name:generation:sequence</c> in hex of the last status heard from each peer, comma-separated.
    /// </summary>
    public static ReadOnlySpan<byte> Echo => "ec"u8;

    /// <summary>Bytes of a piece of a configuration.</summary>
    public static ReadOnlySpan<byte> Piece => "pc"u8;

    /// <summary>JSON body of a message of our own.</summary>
    public static ReadOnlySpan<byte> Body => "j"u8;

    /// <summary>The same, large: compressed (Brotli, RFC 7932) and in base64.</summary>
    public static ReadOnlySpan<byte> PackedBody => "jz"u8;
}

/// <summary>How far a view agreement is.</summary>
internal enum ViewPhase
{
    /// <summary>Members are asked to acknowledge.</summary>
    Propose = 0,

    /// <summary>All have acknowledged: the view holds.</summary>
    Commit = 1,
}

/// <summary>A view proposal or commit.</summary>
internal sealed record ViewMessage(string View, ViewPhase Phase, ImmutableArray<Member> Members);

/// <summary>Orders of one transition to one node. Repeated until the node's report shows the outcome.</summary>
/// <param name="View">The view it belongs to.</param>
/// <param name="Transition">Number of the transition in that view.</param>
/// <param name="Actions">What to do; none: what was ordered before and has not begun is called off.</param>
/// <param name="Releases">What the receiver had told of <see cref="NodeReport.Releases"/> when this was ordered.</param>
/// <param name="Setbacks">The same of <see cref="NodeReport.Setbacks"/>.</param>
internal sealed record OrderMessage(
    string View, long Transition, ImmutableArray<OrderedAction> Actions, long Releases = 0, long Setbacks = 0);

/// <summary>One ordered action.</summary>
internal sealed record OrderedAction(
    int Number, string Resource, OperationKind Kind, bool Urgent, long IntervalMs = 0);

/// <summary>An operator's command on its way to the coordinator.</summary>
/// <param name="OperationId">Id of the operation.</param>
/// <param name="Command">The command, without a document.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="DocumentHash">SHA-256 of the document, which the coordinator fetches from the sender; null: none.</param>
internal sealed record CommandMessage(
    string OperationId, OperatorCommand Command, DateTimeOffset RequestedAt, string? DocumentHash = null);

/// <summary>Which piece of a configuration the message carries.</summary>
internal sealed record ChunkMessage(ConfigurationVersion Version, string Hash, int Index, int Count);

/// <summary>
/// Fencing token of an ordered action: a node obeys none that is older than the newest it has seen (S7).
/// </summary>
internal readonly record struct ActionToken(ViewId View, long Transition, int Action)
{
    public override string ToString() => $"{View}/{Transition}/{Action}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeReport))]
[JsonSerializable(typeof(ViewMessage))]
[JsonSerializable(typeof(OrderMessage))]
[JsonSerializable(typeof(CommandMessage))]
[JsonSerializable(typeof(ConfigurationRequest))]
[JsonSerializable(typeof(ChunkMessage))]
[JsonSerializable(typeof(ClusterEvent))]
internal sealed partial class EngineJson : JsonSerializerContext;
