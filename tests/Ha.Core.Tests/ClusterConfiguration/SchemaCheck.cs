using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>Validates JSON against the keywords of JSON Schema 2020-12 that the published schema uses; any other
/// keyword is an error of the schema.</summary>
internal sealed class SchemaCheck(JsonElement root)
{
    public bool IsValid(JsonElement value) => IsValid(value, root);

    private bool IsValid(JsonElement value, JsonElement schema)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Holds(keyword, value, schema)) return false;
        }

        return true;
    }

    private bool Holds(JsonProperty keyword, JsonElement value, JsonElement schema)
    {
        var rule = keyword.Value;
        switch (keyword.Name)
        {
            case "$schema" or "$id" or "$defs" or "title" or "description":
                return true;
            case "$ref":
                return IsValid(value, root.GetProperty("$defs").GetProperty(rule.GetString()!["#/$defs/".Length..]));
            case "type":
                return IsOfType(value, rule.GetString()!);
            case "enum":
                return rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value));
            case "anyOf":
                return rule.EnumerateArray().Any(one => IsValid(value, one));
            case "pattern":
                return value.ValueKind != JsonValueKind.String
                    || Regex.IsMatch(value.GetString()!, rule.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
            case "maxLength":
                return value.ValueKind != JsonValueKind.String
                    || value.GetString()!.EnumerateRunes().Count() <= rule.GetInt32();
            case "minimum":
                return value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= rule.GetDecimal();
            case "maximum":
                return value.ValueKind != JsonValueKind.Number || value.GetDecimal() <= rule.GetDecimal();
            case "minItems":
                return value.ValueKind != JsonValueKind.Array || value.GetArrayLength() >= rule.GetInt32();
            case "maxItems":
                return value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= rule.GetInt32();
            case "items":
                return value.ValueKind != JsonValueKind.Array
                    || value.EnumerateArray().All(item => IsValid(item, rule));
            default:
                return HoldsForObject(keyword, value, schema);
        }
    }

    private bool HoldsForObject(JsonProperty keyword, JsonElement value, JsonElement schema)
    {
        if (value.ValueKind != JsonValueKind.Object) return true;
        var rule = keyword.Value;
        switch (keyword.Name)
        {
            case "required":
                return rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _));
            case "properties":
                return value.EnumerateObject().All(member =>
                    !rule.TryGetProperty(member.Name, out var known) || IsValid(member.Value, known));
            case "additionalProperties":
                return value.EnumerateObject().All(member =>
                    (schema.TryGetProperty("properties", out var known) && known.TryGetProperty(member.Name, out _))
                    || (rule.ValueKind == JsonValueKind.Object && IsValid(member.Value, rule)));
            case "propertyNames":
                return value.EnumerateObject().All(member =>
                    IsValid(JsonSerializer.SerializeToElement(member.Name), rule));
            case "minProperties":
                return value.EnumerateObject().Count() >= rule.GetInt32();
            case "maxProperties":
                return value.EnumerateObject().Count() <= rule.GetInt32();
            default:
                throw new InvalidOperationException($"The schema uses '{keyword.Name}'.");
        }
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        _ => throw new InvalidOperationException($"The schema uses type '{type}'."),
    };
}
