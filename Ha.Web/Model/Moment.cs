namespace Ha.Web.Model;

/// <summary>The present, as the viewer and the cluster see it.</summary>
/// <param name="ClusterNow">Now by the clock of the node that feeds us: ages are right even when clocks differ.</param>
/// <param name="Zone">Time zone of the viewer.</param>
public sealed record Moment(DateTimeOffset ClusterNow, TimeZoneInfo Zone)
{
    /// <summary>How long ago, in the two largest units: <c>3 d 4 h</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 10 } => $"{Math.Max(0, span.TotalSeconds):0.0} s",
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalHours: < 24 } => $"{(int)span.TotalHours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    /// <summary>How long a state lasts that began then.</summary>
    public string Since(DateTimeOffset then) => Span(ClusterNow - then);

    /// <summary>How long ago that was, without running tenths of a second.</summary>
    public string Ago(DateTimeOffset then) => (ClusterNow - then) switch
    {
        { TotalSeconds: < 1 } => "just now",
        { TotalSeconds: < 60 } span => $"{(int)span.TotalSeconds} s ago",
        { TotalMinutes: < 60 } span => $"{(int)span.TotalMinutes} min ago",
        { TotalHours: < 24 } span => $"{(int)span.TotalHours} h ago",
        var span => $"{(int)span.TotalDays} d ago",
    };

    /// <summary>Time of day in the viewer's zone.</summary>
    public string Clock(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone).ToString("HH:mm:ss");

    /// <summary>Everything: local date and time with offset, and UTC.</summary>
    public string Full(DateTimeOffset at) =>
        $"{TimeZoneInfo.ConvertTime(at, Zone):yyyy-MM-dd HH:mm:ss.fff zzz} · "
        + $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC";
}
