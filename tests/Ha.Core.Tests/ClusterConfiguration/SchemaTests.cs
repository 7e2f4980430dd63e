using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Ha.Core.ClusterConfiguration;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.ClusterConfiguration.Reading;
using Ha.Core.Configuration;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>The published schema, the reader and the records say the same.</summary>
public class SchemaTests
{
    private static readonly JsonElement Schema = JsonSerializer.Deserialize<JsonElement>(ConfigurationSchema.Write());

    [Fact]
    public void PublishedFile_IsWhatTheReaderChecks()
    {
        var published = File.ReadAllBytes(
            Path.Combine(AppContext.BaseDirectory, "docs", "cluster-configuration.schema.json"));

        Assert.Equal(Encoding.UTF8.GetString(ConfigurationSchema.Write()), Encoding.UTF8.GetString(published));
    }

    [Fact]
    public void EveryMemberOfTheRecords_IsInTheSchema_AndTheOtherWayRound()
    {
        var compared = new HashSet<Type>();
        Compare(ConfigurationText.TypeInfo, Schema, compared);
        Assert.Equal(24, compared.Count);
    }

    [Fact]
    public void FullDocument_IsGoodForBoth_AndUsesEveryMember()
    {
        using var full = JsonDocument.Parse(Documents.Full);

        Assert.NotNull(Documents.Good(Documents.Full));
        Assert.True(new SchemaCheck(Schema).IsValid(full.RootElement));
        var unused = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var definition in Schema.GetProperty("$defs").EnumerateObject())
        {
            foreach (var member in definition.Value.GetProperty("properties").EnumerateObject())
                if (!Documents.Full.Contains($"\"{member.Name}\"", StringComparison.Ordinal)) unused.Add(member.Name);
        }

        Assert.Equal(["minutes", "monthDays", "months", "seconds", "weekYears", "weeks", "yearDays"], unused);
    }

    [Fact]
    public void ExamplesOfTheDocumentation_AreGoodForBoth()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "cluster-configuration.md"));
        var examples = text.Split("```json\n").Skip(1).Select(part => part.Split("\n```")[0]).ToList();

        Assert.Equal(2, examples.Count);
        foreach (var example in examples)
        {
            Assert.Empty(Documents.Read(example).Findings);
            using var json = JsonDocument.Parse(example);
            Assert.True(new SchemaCheck(Schema).IsValid(json.RootElement));
        }
    }

    /// <summary>Each value of the full document replaced by each of these: what the schema refuses the reader refuses;
    /// what it takes the reader finds no fault in, but bounds of times and what members mean together.</summary>
    [Theory]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("-2000000")]
    [InlineData("1.5")]
    [InlineData("true")]
    [InlineData("\"\"")]
    [InlineData("\"white space\"")]
    [InlineData("\"10s\"")]
    [InlineData("\"-INFINITY\"")]
    [InlineData("\"2026-01-01T00:00:00Z\"")]
    [InlineData("[]")]
    [InlineData("[\"a\"]")]
    [InlineData("{}")]
    [InlineData("{\"unknown\":1}")]
    public void OneValueReplaced_SchemaAndReaderAgree(string replacement)
    {
        var check = new SchemaCheck(Schema);
        var count = 0;
        foreach (var path in Paths(JsonNode.Parse(Documents.Full)!, []))
        {
            var changed = JsonNode.Parse(Documents.Full)!;
            var parent = path.SkipLast(1).Aggregate(changed, (node, step) => Step(node, step));
            if (path[^1] is int index) parent[index] = JsonNode.Parse(replacement);
            else parent[(string)path[^1]] = JsonNode.Parse(replacement);

            using var json = JsonDocument.Parse(changed.ToJsonString());
            var findings = new DocumentFindings();
            new StructureCheck(findings).Check("", json.RootElement, DocumentShapes.Document);
            var refused = findings.ToImmutable().Any(
                finding => !finding.Problem.EndsWith("is not a time that is allowed here", StringComparison.Ordinal));
            Assert.True(check.IsValid(json.RootElement) == !refused,
                $"{string.Join('/', path)}: schema {check.IsValid(json.RootElement)}, reader "
                    + string.Join("; ", findings.ToImmutable()));
            count++;
        }

        Assert.InRange(count, 200, 1000);
    }

    private static void Compare(JsonTypeInfo type, JsonElement schema, HashSet<Type> compared)
    {
        if (!compared.Add(type.Type)) return;
        var members = schema.GetProperty("properties");
        Assert.Equal(type.Properties.Select(property => property.Name).Order(StringComparer.Ordinal),
            members.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        foreach (var property in type.Properties)
        {
            var member = members.GetProperty(property.Name);
            var required = schema.TryGetProperty("required", out var names)
                && names.EnumerateArray().Any(one => one.GetString() == property.Name);
            Assert.True(property.IsRequired == required || type.Type == typeof(ConfigurationVersion),
                $"{type.Type.Name}.{property.Name}");
            if (member.TryGetProperty("items", out var items)) member = items;
            if (!member.TryGetProperty("$ref", out var reference)) continue;
            var inner = type.Options.GetTypeInfo(
                Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            if (inner.Kind == JsonTypeInfoKind.Enumerable) inner = type.Options.GetTypeInfo(inner.ElementType!);
            var name = reference.GetString()!["#/$defs/".Length..];
            Compare(inner, Schema.GetProperty("$defs").GetProperty(name), compared);
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode node, object[] path)
    {
        if (path.Length > 0) yield return path;
        var children = node switch
        {
            JsonObject known => known.Select(member => ((object)member.Key, member.Value)),
            JsonArray list => list.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        foreach (var (step, child) in children)
        {
            foreach (var inner in Paths(child!, [.. path, step])) yield return inner;
        }
    }

    private static JsonNode Step(JsonNode node, object step) => step is int index ? node[index]! : node[(string)step]!;
}
