using System.Globalization;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>ha.cf while it is read: values taken so far, checks of single ones, at the end of all together.</summary>
internal sealed partial class HaCfDraft(string localNode, HostFacts host, FileFindings findings)
{
    // Directives with an error: a check that needs their value would only report the same mistake again.
    private readonly HashSet<string> failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> warned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lastLine = new(StringComparer.Ordinal);

    public string MessageFormat { get; set; } = "classic";

    public string GenerationMethod { get; set; } = "file";

    public string UuidFrom { get; set; } = "file";

    public string ClusterName { get; set; } = "linux-ha";

    public bool Realtime { get; set; } = true;

    public int RealtimePriority { get; set; } = 1;

    /// <summary>Takes one value of a directive.</summary>
    public void Take(HaCfDirective directive, DirectiveValue value)
    {
        if (directive.Repeat != Repetition.List && lastLine.TryGetValue(value.Name, out var before))
        {
            var earlier = before == value.Line ? "earlier in this line" : $"in line {before}";
            if (directive.Repeat == Repetition.Once)
            {
                Error(value, $"it is given more than once (first {earlier})", "keep one of them");
                return;
            }

            findings.Warning(value.Line, value.Name, $"it replaces the value given {earlier}", "keep one of them");
        }

        if (directive.Standing != DirectiveStanding.ActedOn)
            WarnOnce(value.Line, value.Name, directive.Problem, directive.Advice);
        lastLine[value.Name] = value.Line;
        directive.Apply(this, value);
    }

    /// <summary>Checks what only the whole file can tell.</summary>
    /// <returns>The configuration; null when there are errors.</returns>
    public HaCf? Finish()
    {
        var (deadtime, warntime, initdead) = FinishTiming();
        FinishNodes();
        FinishMedia();
        FinishAutoFailback();
        FinishLogging();
        if (findings.HasErrors) return null;
        return new HaCf
        {
            Keepalive = Keepalive,
            Deadtime = deadtime,
            Warntime = warntime,
            Initdead = initdead,
            Nodes = [.. nodes],
            Media = [.. media],
            AutoFailback = autoFailback ?? AutoFailback.Legacy,
            LogFile = LogFile,
            DebugFile = DebugFile,
            LogFacility = logFacility,
            SyslogMessageFormat = SyslogMessageFormat,
            LogBadPackets = LogBadPackets,
            DebugLevel = DebugLevel,
            Realtime = Realtime,
            RealtimePriority = RealtimePriority,
            HopFudge = HopFudge,
            InnerAuth = MessageFormat == "classic",
            MaxRetransmitDelay = TimeSpan.FromMilliseconds((long)MaxRetransmitDelay),
            GenerationFromTime = GenerationMethod == "time",
            UuidFromNodeName = UuidFrom == "nodename",
            ClusterName = ClusterName,
        };
    }

    /// <summary>Reports a value that cannot be used.</summary>
    public void Error(DirectiveValue value, string problem, string advice)
    {
        failed.Add(value.Name);
        findings.Error(value.Line, value.Name, problem, advice);
    }

    public TimeSpan? PositiveTime(DirectiveValue value)
    {
        var time = HeartbeatTime.Parse(value.Text, out var problem, out var advice);
        if (time is null)
        {
            Error(value, problem, advice);
            return null;
        }

        if (time > TimeSpan.Zero) return time;
        Error(value, $"{Quote(value.Text)} is not longer than 0 ms",
            "write a time greater than 0, such as `2` (seconds) or `500ms`");
        return null;
    }

    public bool? Boolean(DirectiveValue value)
    {
        switch (value.Text.ToLowerInvariant())
        {
            case "true" or "on" or "yes" or "y" or "1":
                return true;
            case "false" or "off" or "no" or "n" or "0":
                return false;
            default:
                Error(value, $"{Quote(value.Text)} is neither on nor off",
                    $"write `{value.Name} on` or `{value.Name} off`");
                return null;
        }
    }

    public int? Number(DirectiveValue value, int least, int most, string what = "value")
    {
        if (int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most) return number;
        Error(value, $"the {what} {Quote(value.Text)} is not a whole number from {least} to {most}",
            $"write a plain number from {least} to {most}");
        return null;
    }

    public string? OneOf(DirectiveValue value, params ReadOnlySpan<string> choices)
    {
        foreach (var choice in choices)
            if (choice == value.Text) return choice;
        var list = string.Join("` or `", choices.ToArray());
        Error(value, $"{Quote(value.Text)} is not one of its values", $"write `{list}`");
        return null;
    }

    public string? AbsolutePath(DirectiveValue value)
    {
        if (value.Text.StartsWith('/')) return value.Text;
        Error(value, $"{Quote(value.Text)} is not an absolute path",
            "write the path from the root, beginning with `/`");
        return null;
    }

    private void WarnOnce(int line, string directive, string problem, string advice)
    {
        if (warned.Add($"{directive} {problem}")) findings.Warning(line, directive, problem, advice);
    }

    private int LineOf(string directive) => lastLine.GetValueOrDefault(directive);
}
