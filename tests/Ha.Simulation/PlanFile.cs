using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Core.Resources;

namespace Ha.Simulation;

/// <summary>
/// A cluster and what it goes through, as a file: independent of how seeds are drawn, so that a schedule once found
/// goes on meaning the same.
/// </summary>
public sealed record PlanFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new GroupsConverter() },
    };

    /// <summary>What happened when it was found, in a sentence.</summary>
    public required string Story { get; init; }

    /// <summary>Drives what the plan leaves open; 0 is a seed like any other.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The cluster.</summary>
    public required SimulationProfile Cluster { get; init; }

    /// <summary>What it goes through.</summary>
    public required FaultPlan Plan { get; init; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="JsonException">It is no plan; the message says where.</exception>
    public static PlanFile Read(string path) =>
        JsonSerializer.Deserialize<PlanFile>(File.ReadAllText(path), Json)
        ?? throw new JsonException($"{path} holds no plan");

    /// <summary>The plan of a run.</summary>
    public static PlanFile Of(SimulationResult result) => new()
    {
        Story = result.Violation?.ToString() ?? "every promise kept",
        Seed = result.Seed, Cluster = result.Profile, Plan = result.Plan,
    };

    /// <summary>Writes it.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Runs it.</summary>
    /// <param name="live">Receives the trace as it happens; null: nobody listens.</param>
    public SimulationResult Run(TextWriter? live = null) => SimulationRun.Of(Cluster, Plan, Seed, live);

    /// <summary>Groups by what makes them: number, preferred node and how many scripts follow the address.</summary>
    private sealed class GroupsConverter : JsonConverter<ImmutableArray<ResourceGroup>>
    {
        public override ImmutableArray<ResourceGroup> Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            [.. (JsonSerializer.Deserialize<GroupLine[]>(ref reader, options) ?? [])
                .Select(line => SimulationProfile.Group(line.Number, line.Preferred, line.Scripts, line.Monitors))];

        public override void Write(
            Utf8JsonWriter writer, ImmutableArray<ResourceGroup> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Select(LineOf), options);

        private static GroupLine LineOf(ResourceGroup group) => new(
            int.Parse(group.Resources[0].Vip!.Address.Split('.')[3], System.Globalization.CultureInfo.InvariantCulture)
                - SimulationProfile.FirstAddress,
            SimulationProfile.NodeIndex(group.PreferredNode!), group.Resources.Length - 1,
            !group.Resources[0].Monitors.IsEmpty);
    }

    private sealed record GroupLine(int Number, int Preferred, int Scripts, bool Monitors = false);
}
