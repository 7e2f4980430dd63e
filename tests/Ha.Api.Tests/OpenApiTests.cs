using System.Net;
using System.Text.Json;

namespace Ha.Api.Tests;

public sealed class OpenApiTests(SharedApi shared) : IClassFixture<SharedApi>
{
    private static readonly string[] Verbs = ["get", "put", "post", "delete", "head", "patch", "options"];

    [Fact]
    public async Task Document_KeepsTheRules()
    {
        var api = shared.Api;
        using var document = await DocumentAsync(api);
        var root = document.RootElement;
        var broken = new List<string>();
        var ids = new HashSet<string>();

        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        foreach (var (path, verb, operation) in Operations(root))
        {
            var name = $"{verb} {path}";
            if (!operation.TryGetProperty("operationId", out var id) || !ids.Add(id.GetString()!))
                broken.Add($"{name}: operationId");
            foreach (var text in new[] { "summary", "description" })
            {
                if (!operation.TryGetProperty(text, out var value) || value.GetString() is not { Length: > 7 })
                    broken.Add($"{name}: {text}");
            }
            if (!operation.TryGetProperty("tags", out _)) broken.Add($"{name}: tags");
            CheckResponses(operation, path.StartsWith("/api/", StringComparison.Ordinal), name, broken);
            foreach (var parameter in Parameters(operation))
            {
                if (!parameter.TryGetProperty("description", out _))
                    broken.Add($"{name}: parameter {parameter.GetProperty("name")} says nothing");
            }
        }
        foreach (var schema in root.GetProperty("components").GetProperty("schemas").EnumerateObject())
            CheckTyped(schema.Value, schema.Name, broken);

        Assert.DoesNotContain("Ha.Core", root.ToString(), StringComparison.Ordinal);
        Assert.True(broken.Count == 0, string.Join('\n', broken));
        Assert.True(ids.Count > 25, $"only {ids.Count} operations");
    }

    [Fact]
    public async Task Enumerations_AreTheWordsOfTheJson()
    {
        var api = shared.Api;
        using var document = await DocumentAsync(api);

        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["unknown", "joining", "online", "left", "dead", "leaving", "halfConnected"],
            Words(schemas.GetProperty("NodeState")));
        var kinds = Parameters(document.RootElement.GetProperty("paths").GetProperty("/api/v1/events")
            .GetProperty("get"))
            .Single(parameter => parameter.GetProperty("name").GetString() == "kind");
        Assert.Contains("groupActive", Words(kinds.GetProperty("schema").GetProperty("items")));
    }

    [Fact]
    public async Task SnapshotSchema_RequiresWhatIsNeverNull()
    {
        var api = shared.Api;
        using var document = await DocumentAsync(api);

        var snapshot = document.RootElement.GetProperty("components").GetProperty("schemas")
            .GetProperty("ClusterSnapshot");
        var required = snapshot.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToArray();
        Assert.Contains("nodes", required);
        Assert.Contains("version", required);
        Assert.DoesNotContain("view", required);
        Assert.DoesNotContain("transition", required);
    }

    [Fact]
    public async Task SwaggerUi_IsServedFromHereAlone()
    {
        var api = shared.Api;

        var page = await api.Anonymous.GetStringAsync("/swagger/index.html");

        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        using var script = await api.Anonymous.GetAsync("/swagger/swagger-ui-bundle.js");
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    private static async Task<JsonDocument> DocumentAsync(ApiApplication api) =>
        JsonDocument.Parse(await api.Anonymous.GetStringAsync("/openapi/v1.json"));

    private static IEnumerable<(string Path, string Verb, JsonElement Operation)> Operations(JsonElement root) =>
        from path in root.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where Verbs.Contains(operation.Name)
        select (path.Name, operation.Name, operation.Value);

    private static List<JsonElement> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray()] : [];

    private static string[] Words(JsonElement schema) =>
        [.. schema.GetProperty("enum").EnumerateArray().Select(word => word.GetString()!)];

    private static void CheckResponses(JsonElement operation, bool needsToken, string name, List<string> broken)
    {
        var responses = operation.GetProperty("responses");
        if (!responses.EnumerateObject().Any(response => response.Name[0] == '2')) broken.Add($"{name}: no success");
        foreach (var response in responses.EnumerateObject().Where(response => response.Name[0] is '4' or '5'))
        {
            if (!response.Value.TryGetProperty("content", out var content)
                || !content.TryGetProperty("application/problem+json", out var body)
                || body.GetProperty("schema").GetProperty("$ref").GetString() != "#/components/schemas/Problem")
                broken.Add($"{name}: {response.Name} is no problem");
            var description = response.Value.GetProperty("description").GetString()!;
            if (!description.Contains("/problems/", StringComparison.Ordinal))
                broken.Add($"{name}: {response.Name} names no type");
        }
        if (!responses.TryGetProperty("429", out _)) broken.Add($"{name}: 429");
        if (needsToken != responses.TryGetProperty("401", out _)) broken.Add($"{name}: 401");
        if (needsToken != operation.TryGetProperty("security", out _)) broken.Add($"{name}: security");
    }

    private static void CheckTyped(JsonElement schema, string path, List<string> broken)
    {
        string[] telling = ["$ref", "enum", "oneOf", "allOf", "anyOf", "properties", "items"];
        var isTyped = telling.Any(word => schema.TryGetProperty(word, out _))
            || (schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.Object)
            || (schema.TryGetProperty("type", out var type) && type.ToString() is not ("object" or "array"));
        if (!isTyped) broken.Add($"{path}: untyped {schema}");
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
                CheckTyped(property.Value, $"{path}.{property.Name}", broken);
        }
        if (schema.TryGetProperty("items", out var items)) CheckTyped(items, path + "[]", broken);
    }
}
