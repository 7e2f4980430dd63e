using System.Text.Json.Serialization;

namespace Ha.Core.Contracts;

/// <summary>
/// Source-generated JSON of everything that leaves a process: camelCase names, enums as camelCase words, no nulls.
/// Control socket, journal, REST, SignalR and webhooks all use it, so that one shape has one spelling.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(CamelCaseEnumConverter<NodeState>), typeof(CamelCaseEnumConverter<NodeMode>),
        typeof(CamelCaseEnumConverter<NodeProduct>), typeof(CamelCaseEnumConverter<LinkState>),
        typeof(CamelCaseEnumConverter<GroupState>), typeof(CamelCaseEnumConverter<ResourceState>),
        typeof(CamelCaseEnumConverter<OperationKind>), typeof(CamelCaseEnumConverter<OperationOutcome>),
        typeof(CamelCaseEnumConverter<OperationState>), typeof(CamelCaseEnumConverter<StepState>),
        typeof(CamelCaseEnumConverter<CommandKind>), typeof(CamelCaseEnumConverter<GroupSet>),
        typeof(CamelCaseEnumConverter<RejectionCode>), typeof(CamelCaseEnumConverter<EventSeverity>),
        typeof(CamelCaseEnumConverter<EventKind>), typeof(CamelCaseEnumConverter<ControlMethod>),
        typeof(CamelCaseEnumConverter<HaproxyServerState>), typeof(CamelCaseEnumConverter<HaproxyServerAdmin>),
        typeof(CamelCaseEnumConverter<CheckState>),
        typeof(CamelCaseEnumConverter<Transitions.NodePresence>)])]
[JsonSerializable(typeof(ClusterSnapshot))]
[JsonSerializable(typeof(ClusterEvent))]
[JsonSerializable(typeof(HaproxyOverview))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(OperationSnapshot))]
[JsonSerializable(typeof(ConfigurationView))]
[JsonSerializable(typeof(Transitions.ClusterIntents))]
[JsonSerializable(typeof(ImmutableArray<ConfigurationView>))]
[JsonSerializable(typeof(ImmutableArray<ConfigurationDifference>))]
[JsonSerializable(typeof(HaproxyStatus))]
[JsonSerializable(typeof(ImmutableArray<HaproxyStatus>))]
[JsonSerializable(typeof(ImmutableArray<CheckSnapshot>))]
[JsonSerializable(typeof(ImmutableArray<ResourceResults>))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(ControlPush))]
[JsonSerializable(typeof(ClusterSituation))]
[JsonSerializable(typeof(LiveSign))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ModeChange))]
[JsonSerializable(typeof(TakeoverRequest))]
[JsonSerializable(typeof(ServerStateChange))]
[JsonSerializable(typeof(HaproxyServer))]
[JsonSerializable(typeof(Page<HaproxyFrontend>))]
[JsonSerializable(typeof(Page<HaproxyBackend>))]
[JsonSerializable(typeof(Page<ClusterEvent>))]
[JsonSerializable(typeof(Page<NodeSnapshot>))]
[JsonSerializable(typeof(Page<GroupSnapshot>))]
[JsonSerializable(typeof(Page<VipStatus>))]
[JsonSerializable(typeof(Page<OperationSnapshot>))]
[JsonSerializable(typeof(Page<ResourceResult>))]
public sealed partial class HaJson : JsonSerializerContext;

/// <summary>Writes an enum as a camelCase word; an unknown word is an error, a number is refused.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
public sealed class CamelCaseEnumConverter<TEnum>()
    : JsonStringEnumConverter<TEnum>(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
