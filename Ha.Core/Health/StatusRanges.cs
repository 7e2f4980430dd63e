using System.Globalization;

namespace Ha.Core.Health;

/// <summary>HTTP status codes that are good: <c>200</c>, <c>200-399</c>, <c>200,204,300-308</c>.</summary>
/// <param name="Ranges">First and last code of each range.</param>
public sealed record StatusRanges(ImmutableArray<(int First, int Last)> Ranges)
{
    private const int Least = 100;
    private const int Most = 599;
    private const int MostRanges = 20;

    /// <summary>Reads them; null when they are none.</summary>
    public static StatusRanges? TryParse(string text)
    {
        var parts = text.Split(',');
        if (parts.Length > MostRanges) return null;
        var ranges = ImmutableArray.CreateBuilder<(int, int)>(parts.Length);
        foreach (var part in parts)
        {
            var bounds = part.Split('-');
            if (bounds.Length > 2 || !TryParseCode(bounds[0], out var first)
                || !TryParseCode(bounds[^1], out var last) || first > last) return null;
            ranges.Add((first, last));
        }

        return new StatusRanges(ranges.ToImmutable());
    }

    /// <summary>Whether a code is among them.</summary>
    public bool Contains(int code)
    {
        foreach (var (first, last) in Ranges)
        {
            if (code >= first && code <= last) return true;
        }

        return false;
    }

    private static bool TryParseCode(string text, out int code) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out code) && code is >= Least and <= Most;
}
