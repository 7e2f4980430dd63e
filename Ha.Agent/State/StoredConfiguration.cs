using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Versions;

namespace Ha.Agent.State;

/// <summary>One version of the cluster configuration as its file in <c>cluster-history</c> holds it.</summary>
internal sealed record StoredConfiguration
{
    /// <summary>Who made it.</summary>
    public required string Actor { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Versions before it that are not kept here.</summary>
    public ImmutableArray<ConfigurationAncestor> Ancestors { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The document.</summary>
    public required JsonElement Document { get; init; }

    /// <summary>The file of a record.</summary>
    public static byte[] Write(ConfigurationRecord record)
    {
        using var document = JsonDocument.Parse(ConfigurationText.Write(record.Document));
        return JsonSerializer.SerializeToUtf8Bytes(
            new StoredConfiguration
            {
                Actor = record.Actor, At = record.At, Reason = record.Reason, Ancestors = record.Ancestors,
                Document = document.RootElement,
            },
            StoredJson.Default.StoredConfiguration);
    }

    /// <summary>Reads a file; null when it is damaged.</summary>
    public static (StoredConfiguration Stored, ConfigurationDocument Document)? Read(byte[] content)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(content, StoredJson.Default.StoredConfiguration);
            if (stored is null) return null;
            return (stored, ConfigurationText.Read(JsonSerializer.SerializeToUtf8Bytes(
                stored.Document, StoredJson.Default.JsonElement)));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON of the files of the state directory.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(StoredConfiguration))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class StoredJson : JsonSerializerContext;
