using System.Globalization;
using System.Text.Json;

namespace Ha.Api.Requests;

/// <summary>Words of an enumeration in a query, spelled as in the JSON.</summary>
internal static class QueryWords
{
    /// <summary>The words of an enumeration as clients spell them.</summary>
    public static ImmutableArray<string> Of<TEnum>() where TEnum : struct, Enum =>
        [.. Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName)];

    public static ImmutableArray<TEnum> Parse<TEnum>(
        string[]? words, string pointer, ImmutableArray<ProblemError>.Builder errors) where TEnum : struct, Enum
    {
        var known = Of<TEnum>();
        var values = ImmutableArray.CreateBuilder<TEnum>();
        foreach (var word in words ?? [])
        {
            if (known.IndexOf(word) is var at and >= 0) values.Add(Enum.GetValues<TEnum>()[at]);
            else errors.Add(new(pointer, $"'{word}' is not known. One of: {string.Join(", ", known)}."));
        }
        return values.ToImmutable();
    }

    public static int Limit(string? text, int usual, int most, ImmutableArray<ProblemError>.Builder errors)
    {
        if (text is null) return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit >= 1 && limit <= most)
            return limit;
        errors.Add(new("?limit", $"A number from 1 to {most}."));
        return usual;
    }
}
