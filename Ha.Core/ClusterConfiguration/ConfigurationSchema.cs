using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Policy;

namespace Ha.Core.ClusterConfiguration;

/// <summary>
/// The JSON Schema (draft 2020-12) of the cluster configuration, made from what the reader itself checks. It knows
/// members, types, words and bounds; what members mean together only the reader knows, and how long a duration may be.
/// </summary>
public static class ConfigurationSchema
{
    private const string MomentPattern =
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})$";

    /// <summary>Writes the schema as UTF-8; always the same text.</summary>
    public static byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions
        {
            Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("$id", "urn:ha-appliance:cluster-configuration");
            json.WriteString("title", "Cluster configuration of HaAppliance");
            Members(DocumentShapes.Document, json);
            json.WriteStartObject("$defs");
            foreach (var shape in Objects(DocumentShapes.Document))
            {
                json.WriteStartObject(shape.Name);
                Members(shape, json);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Every object below one, each once, in the order of their names.</summary>
    private static ImmutableArray<ObjectShape> Objects(ObjectShape root)
    {
        var found = new SortedDictionary<string, ObjectShape>(StringComparer.Ordinal);
        void Find(ObjectShape shape)
        {
            foreach (var member in shape.Members)
            {
                var value = member.Value is ListShape list ? list.Item : member.Value;
                if (value is ObjectShape known && found.TryAdd(known.Name, known)) Find(known);
            }
        }

        Find(root);
        return [.. found.Values];
    }

    private static void Members(ObjectShape shape, Utf8JsonWriter json)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var member in shape.Members)
        {
            json.WriteStartObject(member.Name);
            json.WriteString("description", member.Meaning);
            Value(member.Value, json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (!shape.Members.Any(member => member.Required)) return;
        json.WriteStartArray("required");
        foreach (var member in shape.Members.Where(member => member.Required)) json.WriteStringValue(member.Name);
        json.WriteEndArray();
    }

    private static void Value(Shape shape, Utf8JsonWriter json)
    {
        switch (shape)
        {
            case ObjectShape known:
                json.WriteString("$ref", $"#/$defs/{known.Name}");
                break;
            case ReferenceShape reference:
                json.WriteString("$ref", $"#/$defs/{reference.Name}");
                break;
            case ListShape list:
                List(list, json);
                break;
            case NamesShape names:
                Names(names, json);
                break;
            case TextShape text:
                Text(text.Pattern, text.Longest, json);
                break;
            case WordShape words:
                json.WriteStartArray("enum");
                foreach (var word in words.Words) json.WriteStringValue(word);
                json.WriteEndArray();
                break;
            case FlagShape:
                json.WriteString("type", "boolean");
                break;
            case NumberShape number:
                Number(number.Least, number.Most, json);
                break;
            case ScoreShape score:
                ScoreOf(score, json);
                break;
            case DurationShape:
                Text(DurationText.Pattern, null, json);
                break;
            case MomentShape:
                Text(MomentPattern, null, json);
                break;
            default:
                throw new InvalidOperationException($"No schema for {shape.GetType().Name}.");
        }
    }

    private static void List(ListShape list, Utf8JsonWriter json)
    {
        json.WriteString("type", "array");
        if (list.Least > 0) json.WriteNumber("minItems", list.Least);
        json.WriteNumber("maxItems", list.Most);
        json.WriteStartObject("items");
        Value(list.Item, json);
        json.WriteEndObject();
    }

    private static void Names(NamesShape names, Utf8JsonWriter json)
    {
        json.WriteString("type", "object");
        if (names.Least > 0) json.WriteNumber("minProperties", names.Least);
        json.WriteNumber("maxProperties", names.Most);
        json.WriteStartObject("propertyNames");
        Text(names.Key.Pattern, names.Key.Longest, json);
        json.WriteEndObject();
        json.WriteStartObject("additionalProperties");
        Text(names.Value.Pattern, names.Value.Longest, json);
        json.WriteEndObject();
    }

    private static void Text(string pattern, int? longest, Utf8JsonWriter json)
    {
        json.WriteString("type", "string");
        json.WriteString("pattern", pattern);
        if (longest is { } most) json.WriteNumber("maxLength", most);
    }

    private static void Number(long least, long most, Utf8JsonWriter json)
    {
        json.WriteString("type", "integer");
        json.WriteNumber("minimum", least);
        json.WriteNumber("maximum", most);
    }

    private static void ScoreOf(ScoreShape score, Utf8JsonWriter json)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        Number(score.CanBeNegative ? 1 - Score.Infinity : 0, Score.Infinity - 1, json);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteStartArray("enum");
        json.WriteStringValue(ScoreText.Infinity);
        if (score.CanBeNegative) json.WriteStringValue(ScoreText.MinusInfinity);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
