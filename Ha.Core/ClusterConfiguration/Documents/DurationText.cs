using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ha.Core.Policy;

namespace Ha.Core.ClusterConfiguration.Documents;

/// <summary>Lengths of time as the document writes them: a whole number and <c>ms</c>, <c>s</c>, <c>min</c> or
/// <c>h</c>.</summary>
public static class DurationText
{
    /// <summary>What a duration looks like.</summary>
    public const string Pattern = "^(0|[1-9][0-9]{0,8})(ms|s|min|h)$";

    /// <summary>Longest duration.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Reads one; null when it is none, or too long.</summary>
    public static TimeSpan? TryParse(string text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        if (digits is 0 or > 9 || (digits > 1 && text[0] == '0')) return null;
        var number = long.Parse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture);
        long? unit = text[digits..] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "min" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => null,
        };
        return unit is null || number > Longest.Ticks / unit.Value ? null : TimeSpan.FromTicks(number * unit.Value);
    }

    /// <summary>Writes one with the greatest unit that leaves no rest; single minutes in seconds.</summary>
    public static string Show(TimeSpan time) =>
        time.Ticks == 0 ? "0s"
        : time.Ticks % TimeSpan.TicksPerHour == 0 ? $"{time.Ticks / TimeSpan.TicksPerHour}h"
        : time.Ticks % TimeSpan.TicksPerMinute == 0 && time.Ticks >= 5 * TimeSpan.TicksPerMinute
            ? $"{time.Ticks / TimeSpan.TicksPerMinute}min"
        : time.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{time.Ticks / TimeSpan.TicksPerSecond}s"
        : $"{time.Ticks / TimeSpan.TicksPerMillisecond}ms";
}

/// <summary>Scores as the document writes them: whole numbers, <c>"INFINITY"</c> and <c>"-INFINITY"</c>.</summary>
public static class ScoreText
{
    /// <summary>Always, or whatever comes.</summary>
    public const string Infinity = "INFINITY";

    /// <summary>Never.</summary>
    public const string MinusInfinity = "-INFINITY";

    /// <summary>A score as Pacemaker's words.</summary>
    public static string Show(int score) =>
        score >= Score.Infinity ? Infinity : score <= -Score.Infinity ? MinusInfinity : $"{score}";
}

/// <summary>Reads and writes durations.</summary>
internal sealed class DurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DurationText.TryParse(reader.GetString() ?? "") ?? throw new JsonException("not a duration");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(DurationText.Show(value));
}

/// <summary>Reads and writes scores.</summary>
internal sealed class ScoreConverter : JsonConverter<int>
{
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetInt32() : reader.GetString() switch
        {
            ScoreText.Infinity => Score.Infinity,
            ScoreText.MinusInfinity => -Score.Infinity,
            _ => throw new JsonException("not a score"),
        };

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options)
    {
        if (Math.Abs(value) >= Score.Infinity) writer.WriteStringValue(ScoreText.Show(value));
        else writer.WriteNumberValue(value);
    }
}

/// <summary>Reads and writes names with values, always in the order of their code points.</summary>
internal sealed class SortedTextConverter : JsonConverter<ImmutableSortedDictionary<string, string>>
{
    public override ImmutableSortedDictionary<string, string> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");
        var values = SortedText.Empty.ToBuilder();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            values[name] = reader.GetString() ?? throw new JsonException("not a text");
        }

        return values.ToImmutable();
    }

    public override void Write(
        Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value) writer.WriteString(name, text);
        writer.WriteEndObject();
    }
}
