using System.Text.Json;
using System.Text.Json.Nodes;
using Ha.Core.ClusterConfiguration.Documents;
using Ha.Core.Policy;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>
/// Compares JSON with its shape and reports every difference. What it returns always has the shape, so that the rest
/// can be checked as well: what is wrong is left out, or neutral (an empty text, the least number) where it is required
/// or an item of a list, whose indices must not change.
/// </summary>
internal sealed class StructureCheck(DocumentFindings findings)
{
    /// <summary>Checks one value.</summary>
    /// <returns>The value; null when it is wrong.</returns>
    public JsonNode? Check(string pointer, JsonElement value, Shape shape) => shape switch
    {
        ObjectShape known => Object(pointer, value, known),
        ReferenceShape reference => Object(pointer, value, reference.Find()),
        ListShape list => List(pointer, value, list),
        NamesShape names => Names(pointer, value, names),
        TextShape text => TextOf(pointer, value, text),
        WordShape words => Word(pointer, value, words),
        FlagShape => Flag(pointer, value),
        NumberShape number => Number(pointer, value, number),
        ScoreShape score => ScoreOf(pointer, value, score),
        DurationShape duration => Duration(pointer, value, duration),
        MomentShape => Moment(pointer, value),
        _ => throw new InvalidOperationException($"No check for {shape.GetType().Name}."),
    };

    /// <summary>A value of a shape that means nothing.</summary>
    private static JsonNode Neutral(Shape shape) => shape switch
    {
        ObjectShape known => new JsonObject(known.Members.Where(member => member.Required)
            .Select(member => KeyValuePair.Create(member.Name, (JsonNode?)Neutral(member.Value)))),
        ReferenceShape reference => Neutral(reference.Find()),
        ListShape => new JsonArray(),
        NamesShape => new JsonObject(),
        WordShape words => JsonValue.Create(words.Words[0]),
        FlagShape => JsonValue.Create(false),
        NumberShape number => JsonValue.Create(number.Least),
        ScoreShape => JsonValue.Create(0),
        DurationShape duration => JsonValue.Create(DurationText.Show(duration.Least)),
        MomentShape => JsonValue.Create("2000-01-01T00:00:00Z"),
        _ => JsonValue.Create(""),
    };

    private JsonObject Object(string pointer, JsonElement value, ObjectShape shape)
    {
        var result = new JsonObject();
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong(pointer, value, "an object", $"write `{{ ... }}` with {Listed(shape)}");
            return (JsonObject)Neutral(shape);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (findings.IsFull) break;
            if (JsonTexts.Name(member) is not { } name)
            {
                findings.Error(pointer, "it has a name that is no valid Unicode", "correct the escapes in it");
                continue;
            }

            var at = Pointer.To(pointer, name);
            if (shape.Find(name) is not { } known)
                findings.Error(at, $"{Quote(name)} is not known here", Names(name, shape));
            else if (!seen.Add(name))
                findings.Error(at, $"{Quote(name)} stands here twice", "leave one of them");
            else if (Check(at, member.Value, known.Value) is { } good)
                result[name] = good;
        }

        foreach (var member in shape.Members)
        {
            if (!member.Required || result.ContainsKey(member.Name)) continue;
            if (!seen.Contains(member.Name))
            {
                findings.Error(pointer, $"{Quote(member.Name)} is missing",
                    $"add `\"{member.Name}\"`: {char.ToLowerInvariant(member.Meaning[0])}{member.Meaning[1..]}");
            }

            result[member.Name] = Neutral(member.Value);
        }

        return result;
    }

    private JsonArray? List(string pointer, JsonElement value, ListShape shape)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Wrong(pointer, value, "a list", "write `[ ... ]`, also around a single item");
            return null;
        }

        var count = value.GetArrayLength();
        if (count < shape.Least || count > shape.Most)
        {
            findings.Error(pointer, count == 0 ? "the list is empty" : $"the list has {count} items",
                count < shape.Least ? "name at least one, or leave the whole member out"
                    : $"write at most {shape.Most}");
            if (count > shape.Most) return null;
        }

        var result = new JsonArray();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (findings.IsFull) break;
            result.Add(Check(Pointer.To(pointer, index), item, shape.Item) ?? Neutral(shape.Item));
            index++;
        }

        return result;
    }

    private JsonObject? Names(string pointer, JsonElement value, NamesShape shape)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong(pointer, value, "names with texts", "write `{ \"name\": \"value\" }`");
            return null;
        }

        var result = new JsonObject();
        foreach (var member in value.EnumerateObject())
        {
            if (findings.IsFull) break;
            var name = JsonTexts.Name(member) ?? "";
            var at = Pointer.To(pointer, name);
            if (!IsGood(name, shape.Key))
                findings.Error(at, $"{Quote(name)} is not {shape.Key.What}", shape.Key.Advice);
            else if (result.ContainsKey(name))
                findings.Error(at, $"{Quote(name)} stands here twice", "leave one of them");
            else if (TextOf(at, member.Value, shape.Value) is { } text)
                result[name] = text;
        }

        if (result.Count < shape.Least && !value.EnumerateObject().Any())
            findings.Error(pointer, "it is empty", "write at least one name with its value");
        else if (result.Count > shape.Most)
            findings.Error(pointer, $"it has {result.Count} names", $"write at most {shape.Most}");
        return result;
    }

    private JsonValue? TextOf(string pointer, JsonElement value, TextShape shape)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            var quoted = value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False
                ? $"write it in quotes: `\"{value.GetRawText()}\"`" : shape.Advice;
            return Wrong(pointer, value, "a text", quoted);
        }

        if (JsonTexts.Text(value) is { } text && IsGood(text, shape)) return JsonValue.Create(text);
        return Wrong(pointer, value, shape.What, shape.Advice);
    }

    private static bool IsGood(string text, TextShape shape) => shape.IsGood(text)
        && (text.Length <= shape.Longest || text.EnumerateRunes().Count() <= shape.Longest);

    private JsonValue? Word(string pointer, JsonElement value, WordShape shape)
    {
        var words = string.Join(", ", shape.Words.Select(word => $"`\"{word}\"`"));
        if (value.ValueKind == JsonValueKind.String && JsonTexts.Text(value) is { } text)
        {
            if (shape.Words.Contains(text)) return JsonValue.Create(text);
            var near = NearestName.Find(text, shape.Words);
            return Wrong(pointer, value, "one of the words known here",
                near is null ? $"write one of {words}" : $"write `\"{near}\"`; known are {words}");
        }

        return Wrong(pointer, value, "one of the words known here", $"write one of {words}");
    }

    private JsonValue? Flag(string pointer, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => JsonValue.Create(true),
        JsonValueKind.False => JsonValue.Create(false),
        _ => Wrong(pointer, value, "true or false", "write `true` or `false`, without quotes"),
    };

    private JsonValue? Number(string pointer, JsonElement value, NumberShape shape)
    {
        var advice = $"write a whole number from {shape.Least} to {shape.Most}, without quotes";
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && number >= shape.Least && number <= shape.Most
            ? JsonValue.Create(number) : Wrong(pointer, value, "a number that is allowed here", advice);
    }

    private JsonValue? ScoreOf(string pointer, JsonElement value, ScoreShape shape)
    {
        var least = shape.CanBeNegative ? -(Score.Infinity - 1) : 0;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least
            && number < Score.Infinity)
            return JsonValue.Create(number);
        if (value.ValueKind == JsonValueKind.String && JsonTexts.Text(value) is { } text
            && (text == ScoreText.Infinity || (shape.CanBeNegative && text == ScoreText.MinusInfinity)))
            return JsonValue.Create(text);
        var infinite = shape.CanBeNegative ? "`\"INFINITY\"` or `\"-INFINITY\"`" : "`\"INFINITY\"`";
        return Wrong(pointer, value, "a score that is allowed here",
            $"write a whole number from {least} to {Score.Infinity - 1}, {infinite}");
    }

    private JsonValue? Duration(string pointer, JsonElement value, DurationShape shape)
    {
        if (value.ValueKind == JsonValueKind.String && JsonTexts.Text(value) is { } text
            && DurationText.TryParse(text) is { } time)
        {
            if (time >= shape.Least && time <= shape.Most) return JsonValue.Create(text);
            return Wrong(pointer, value, "a time that is allowed here",
                $"write a time from {DurationText.Show(shape.Least)} to {DurationText.Show(shape.Most)}");
        }

        return Wrong(pointer, value, "a length of time",
            value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
                ? $"write the unit, in quotes: `\"{number}s\"` or `\"{number}ms\"`"
                : "write a whole number with `ms`, `s`, `min` or `h`, in quotes: `\"30s\"`");
    }

    private JsonValue? Moment(string pointer, JsonElement value)
    {
        // Without its offset from UTC every node would read it in its own time.
        if (value.ValueKind == JsonValueKind.String && JsonTexts.Text(value) is { } text && text.Length > 6
            && (text[^1] == 'Z' || text[^6] is '+' or '-') && text.Contains('T', StringComparison.Ordinal)
            && value.TryGetDateTimeOffset(out _))
            return JsonValue.Create(text);
        return Wrong(pointer, value, "a moment",
            "write date, time and offset from UTC: `\"2026-03-01T08:00:00Z\"` or `\"2026-03-01T08:00:00+01:00\"`");
    }

    private JsonValue? Wrong(string pointer, JsonElement value, string expected, string advice)
    {
        findings.Error(pointer, $"{Shown(value)} is not {expected}", advice);
        return null;
    }

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String =>
            JsonTexts.Text(value) is { } text ? $"\"{Printable(text)}\"" : "a text of broken escapes",
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null
            or JsonValueKind.Undefined => Printable(value.GetRawText()),
    };

    private static string Names(string name, ObjectShape shape) =>
        NearestName.Find(name, shape.Members.Select(member => member.Name)) is { } near
            ? $"write `\"{near}\"`, or remove it" : $"remove it; known are {Listed(shape)}";

    private static string Listed(ObjectShape shape) => string.Join(", ", shape.Members.Select(member => member.Name));
}

/// <summary>Texts of JSON, which may hold escapes of half characters.</summary>
internal static class JsonTexts
{
    /// <summary>The text; null when it is no valid Unicode.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // There is no way to ask before: an unpaired surrogate escape is found when it is decoded.
            return null;
        }
    }

    /// <summary>The name of a member; null when it is no valid Unicode.</summary>
    public static string? Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
