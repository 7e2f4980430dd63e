using Ha.Api.Webhooks;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ha.Api.Documentation;

/// <summary>What is never null is required, and bodies have an example.</summary>
internal sealed partial class SchemaRules : ISchemaFilter
{
    private static readonly Dictionary<Type, string> Examples = new()
    {
        [typeof(ModeChange)] = """{"mode":"standby","reason":"kernel update"}""",
        [typeof(TakeoverRequest)] =
            """{"group":"192.168.1.100/24/eth0:0","from":"s1","to":"s2","reason":"patching s1"}""",
        [typeof(ServerStateChange)] =
            """{"state":"drain","until":"2026-11-22T12:30:00Z","reason":"kernel update of web1"}""",
        [typeof(WebhookSettings)] = """{"url":"https://alerts.example.com/ha","minimumSeverity":"warning"}""",
        [typeof(Problem)] =
            """
            {"type":"/problems/wrong-belief","title":"The group runs somewhere else than believed","status":409,
             "code":"wrong-belief","detail":"192.168.1.100/24/eth0:0 runs on s2, not on s1.",
             "instance":"/api/v1/takeovers","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","retryable":false,"errors":[]}
            """,
    };

    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        schema.Description = Plain(schema.Description);
        if (schema is not OpenApiSchema own) return;
        if (Examples.TryGetValue(context.Type, out var example)) own.Examples = [JsonNode.Parse(example)!];
        if (own.Properties is null) return;
        foreach (var (name, property) in own.Properties)
        {
            property.Description = Plain(property.Description);
            if (property.Type is { } type && type.HasFlag(JsonSchemaType.Null)) continue;
            if (property is OpenApiSchema { AnyOf.Count: > 0 } or OpenApiSchema { OneOf.Count: > 0 }) continue;
            if (IsNullable(context.Type, name)) continue;
            (own.Required ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
        }
    }

    // The comments refer to members by their full names in C#; readers of the document know them as fields.
    private static string? Plain(string? description) => description is null
        ? null
        : FullName().Replace(description, name => JsonNamingPolicy.CamelCase.ConvertName(name.Groups["member"].Value));

    [GeneratedRegex(@"\bHa\.[\w.]*\.(?<member>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FullName();

    // A reference to another schema does not say whether it may be null: the property does.
    private static bool IsNullable(Type type, string name)
    {
        var property = type.GetProperties()
            .Single(candidate => string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase));
        return Nullable.GetUnderlyingType(property.PropertyType) is not null
            || (!property.PropertyType.IsValueType
                && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable);
    }
}
