using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ha.Core.Contracts;
using Ha.Core.Fencing;
using Ha.Core.Health;
using Ha.Core.Policy.Model;
using Ha.Core.Policy.Rules;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>JSON of the document. <see cref="ConfigurationText"/> writes and reads it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(DurationConverter), typeof(SortedTextConverter),
        typeof(CamelCaseEnumConverter<NoQuorumPolicy>), typeof(CamelCaseEnumConverter<ResourceTarget>),
        typeof(CamelCaseEnumConverter<MultipleActivePolicy>), typeof(CamelCaseEnumConverter<ResourceRequirement>),
        typeof(CamelCaseEnumConverter<OperationName>), typeof(CamelCaseEnumConverter<FailurePolicy>),
        typeof(CamelCaseEnumConverter<ResourceDiscovery>), typeof(CamelCaseEnumConverter<Comparison>),
        typeof(CamelCaseEnumConverter<ValueKind>), typeof(CamelCaseEnumConverter<OrderKind>),
        typeof(CamelCaseEnumConverter<OrderedAction>), typeof(CamelCaseEnumConverter<FencingGoal>),
        typeof(CamelCaseEnumConverter<UnprotectedTakeover>), typeof(CamelCaseEnumConverter<CheckKind>),
        typeof(CamelCaseEnumConverter<CheckStart>), typeof(CamelCaseEnumConverter<CheckPlace>)])]
[JsonSerializable(typeof(ConfigurationDocument))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;

/// <summary>
/// The one text of a document: camelCase, members in the order of the records, names in the order of their code
/// points, nothing that has its default. Equal documents have equal texts, on every node.
/// </summary>
public static class ConfigurationText
{
    private static readonly JsonSerializerOptions Options = new(ConfigurationJson.Default.Options)
    {
        WriteIndented = true,
        NewLine = "\n",
        // Ids of haresources are full of slashes and plus signs; the text is no part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = ConfigurationJson.Default.WithAddedModifier(LeaveOutEmptyLists),
    };

    internal static JsonTypeInfo<ConfigurationDocument> TypeInfo { get; } =
        (JsonTypeInfo<ConfigurationDocument>)Options.GetTypeInfo(typeof(ConfigurationDocument));

    /// <summary>Writes a document as UTF-8.</summary>
    public static byte[] Write(ConfigurationDocument document) =>
        JsonSerializer.SerializeToUtf8Bytes(document, TypeInfo);

    /// <summary>Reads a text that <see cref="Write"/> made. What operators write is read by the reader, which finds
    /// mistakes.</summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    public static ConfigurationDocument Read(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, TypeInfo) ?? throw new JsonException("the document is null");

    /// <summary>SHA-256 of the text, in lower-case hexadecimal digits.</summary>
    public static string Hash(ConfigurationDocument document) => Hash(Write(document));

    /// <summary>SHA-256 of a text, in lower-case hexadecimal digits.</summary>
    public static string Hash(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text));

    private static void LeaveOutEmptyLists(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.PropertyType.IsAssignableTo(typeof(System.Collections.ICollection)))
                property.ShouldSerialize = static (_, value) => value is System.Collections.ICollection { Count: > 0 };
        }
    }
}
