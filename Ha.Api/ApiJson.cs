using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Api.Security;
using Ha.Api.Webhooks;
using Microsoft.AspNetCore.SignalR;

namespace Ha.Api;

/// <summary>
/// Source-generated JSON of what only this program reads and writes; the shared shapes are in HaJson.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredToken))]
[JsonSerializable(typeof(WebhookSettings))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(WebhookTestResult))]
[JsonSerializable(typeof(Page<Webhook>))]
[JsonSerializable(typeof(Page<WebhookDelivery>))]
[JsonSerializable(typeof(ImmutableArray<EventKind>))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    // Every answer is served as JSON and nothing else (nosniff), so quotes and umlauts may stay readable.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>The shapes of this program with the words of the shared ones.</summary>
    public static readonly ApiJson Shared = new(Spelled(new JsonSerializerOptions()));

    /// <summary>The shared shapes, for people who read answers with curl.</summary>
    public static readonly HaJson Readable =
        new(new JsonSerializerOptions(HaJson.Default.Options) { Encoder = Encoder });

    /// <summary>The same spelling for REST and for the hub.</summary>
    public static void AddTo(IServiceCollection parts)
    {
        parts.ConfigureHttpJsonOptions(json => Resolve(Spelled(json.SerializerOptions)));
        // ProblemPages says what is wrong.
        parts.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        parts.Configure<JsonHubProtocolOptions>(json => Resolve(Spelled(json.PayloadSerializerOptions)));
    }

    private static JsonSerializerOptions Spelled(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.PropertyNameCaseInsensitive = false;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.MaxDepth = 32;
        json.Encoder = Encoder;
        foreach (var converter in HaJson.Default.Options.Converters) json.Converters.Add(converter);
        json.Converters.Add(new CamelCaseEnumConverter<DeliveryState>());
        return json;
    }

    private static void Resolve(JsonSerializerOptions json)
    {
        json.TypeInfoResolverChain.Insert(0, HaJson.Default);
        json.TypeInfoResolverChain.Insert(1, Default);
    }
}
