using System.Globalization;

namespace Ha.Core.Policy.Model;

/// <summary>Reads the words and numbers that configuration values are written with.</summary>
public static class Values
{
    /// <summary>True or false; null for anything else.</summary>
    public static bool? Boolean(string text) => text.ToLowerInvariant() switch
    {
        "true" or "on" or "yes" or "y" or "1" => true,
        "false" or "off" or "no" or "n" or "0" => false,
        _ => null,
    };

    /// <summary>A length of time in ms: <c>30</c> and <c>30s</c> are seconds, <c>ms us m min h hr</c> and ISO 8601
    /// (<c>PT1M30S</c>) are known; null for anything else.</summary>
    public static long? Duration(string text)
    {
        text = text.Trim();
        if (text.StartsWith('P')) return IsoDuration(text);
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        if (!int.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return text[digits..].Trim() switch
        {
            "" or "s" or "sec" => number * 1000L,
            "ms" or "msec" => number,
            "us" or "usec" => number / 1000L,
            "m" or "min" => number * 60_000L,
            "h" or "hr" => number * 3_600_000L,
            _ => null,
        };
    }

    private static long? IsoDuration(string text)
    {
        long total = 0;
        long? number = null;
        var time = false;
        foreach (var character in text.AsSpan(1))
        {
            if (char.IsAsciiDigit(character))
            {
                number = Math.Min(((number ?? 0) * 10) + (character - '0'), 1_000_000_000);
                continue;
            }

            if (character == 'T')
            {
                time = true;
                continue;
            }

            long? unit = character switch
            {
                'S' when time => 1000,
                'M' when time => 60_000,
                'H' when time => 3_600_000,
                'D' => 86_400_000,
                'W' => 7 * 86_400_000L,
                _ => null,
            };
            if (unit is null || number is null) return null;
            total += unit.Value * number.Value;
            number = null;
        }

        return number is null ? total : null;
    }
}
