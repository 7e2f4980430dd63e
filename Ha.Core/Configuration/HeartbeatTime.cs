using System.Globalization;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>Heartbeat's times: <c>NUMBER[ms|us]</c>, seconds without a unit, rounded to whole milliseconds.</summary>
internal static class HeartbeatTime
{
    /// <summary>Longest time that any directive takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Reads a time.</summary>
    /// <param name="text">The argument, without white space.</param>
    /// <param name="problem">What is wrong; empty when the time is good.</param>
    /// <param name="advice">What to write instead.</param>
    /// <returns>The time; null when it is none.</returns>
    public static TimeSpan? Parse(string text, out string problem, out string advice)
    {
        advice = "write a number of seconds such as `2` or `0.5`, or milliseconds such as `2000ms`";
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number))
        {
            problem = $"{Quote(text)} is not a time";
            return null;
        }

        var perMillisecond = MillisecondsPerUnit(text[digits..]);
        if (perMillisecond is null)
        {
            problem = $"{Quote(text)} has a unit that does not exist (only ms and us do)";
            advice = UnitAdvice(text[..digits], number, text[digits..]);
            return null;
        }

        if (number > (decimal)Longest.TotalSeconds * 1_000_000
            || number * perMillisecond.Value > (decimal)Longest.TotalMilliseconds)
        {
            problem = $"{Quote(text)} is longer than {Longest.TotalDays:0} days";
            return null;
        }

        problem = "";
        advice = "";
        var milliseconds = Math.Round(number * perMillisecond.Value, MidpointRounding.AwayFromZero);
        return TimeSpan.FromMilliseconds((long)milliseconds);
    }

    /// <summary>A time as an operator would write it in a sentence.</summary>
    public static string Show(TimeSpan time) =>
        time.Ticks % TimeSpan.TicksPerSecond == 0
            ? $"{time.Ticks / TimeSpan.TicksPerSecond} s"
            : $"{time.Ticks / TimeSpan.TicksPerMillisecond} ms";

    // Heartbeat compares units by prefix: `msec` is good because it begins with `ms`.
    private static decimal? MillisecondsPerUnit(string unit) =>
        unit.Length == 0 ? 1000m
        : !unit.All(char.IsAsciiLetter) ? null
        : unit.StartsWith("ms", StringComparison.OrdinalIgnoreCase) ? 1m
        : unit.StartsWith("us", StringComparison.OrdinalIgnoreCase) ? 0.001m
        : null;

    private static string UnitAdvice(string digits, decimal number, string unit)
    {
        var seconds = unit.ToLowerInvariant() switch
        {
            "s" or "sec" or "secs" or "second" or "seconds" => number,
            "m" or "min" or "mins" or "minute" or "minutes" when number <= 1_000_000 => number * 60,
            "h" or "hour" or "hours" when number <= 1_000_000 => number * 3600,
            _ => -1m,
        };
        if (seconds < 0 || seconds > 1_000_000_000)
            return $"write `{Printable(digits)}` for seconds, `{Printable(digits)}ms` for milliseconds";
        return string.Create(CultureInfo.InvariantCulture,
            $"times have no such suffix: write `{seconds:0.######}` or `{seconds * 1000:0.######}ms`");
    }
}
