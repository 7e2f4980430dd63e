using System.Text.Json;
using Ha.Core.Contracts;

namespace Ha.Agent.Commands;

/// <summary>Values as the command line writes them.</summary>
internal static class Words
{
    /// <summary>An enum as its JSON word, for example <c>halfConnected</c>.</summary>
    public static string Of<TEnum>(TEnum value) where TEnum : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>A duration as short as a person would say it.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0} ms",
        { TotalSeconds: < 10 } => $"{time.TotalSeconds:0.#} s",
        { TotalMinutes: < 2 } => $"{(long)time.TotalSeconds} s",
        { TotalHours: < 2 } => $"{(long)time.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(long)time.TotalHours} h {time.Minutes} min",
        _ => $"{(long)time.TotalDays} d {time.Hours} h",
    };

    /// <summary>A wall-clock time in the operator's time zone.</summary>
    public static string LocalTime(DateTimeOffset at) => at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff");

    /// <summary>One event as one line.</summary>
    public static string Line(JournalEntry entry)
    {
        var e = entry.Event;
        return $"{LocalTime(e.At)} {e.Node} {Of(e.Severity),-8} {Of(e.Kind)} {e.Subject}: {e.Sentence}";
    }
}
