using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>Reads ha.cf (docs/configuration.md).</summary>
public static class HaCfParser
{
    /// <summary>Longest line in characters; Heartbeat cuts longer ones into pieces.</summary>
    public const int LongestLine = 5119;

    // What Heartbeat splits arguments at.
    private static readonly char[] Delimiters = [' ', '\t', ',', '\r', '\f'];

    /// <summary>Reads ha.cf. Never throws; every mistake is a finding.</summary>
    /// <param name="file">Path, for findings.</param>
    /// <param name="text">Content, one character per byte.</param>
    /// <param name="localNode">Name of this node.</param>
    /// <param name="host">Facts of this host.</param>
    /// <param name="findings">Receives what is wrong or worth knowing.</param>
    /// <returns>The configuration; null when an error makes it unusable.</returns>
    public static HaCf? Parse(
        string file, string text, string localNode, HostFacts host, ICollection<ConfigurationFinding> findings) =>
        Parse(file, text, localNode, host, findings, out _);

    /// <summary>The same; the nodes are known even when something else is wrong, empty when they are not.</summary>
    internal static HaCf? Parse(
        string file, string text, string localNode, HostFacts host, ICollection<ConfigurationFinding> findings,
        out ImmutableArray<string> nodes)
    {
        var located = new FileFindings(file, findings);
        var draft = new HaCfDraft(localNode.ToLowerInvariant(), host, located);
        var number = 0;
        foreach (var line in ConfigurationLines.Split(text))
        {
            number++;
            if (located.IsFull) break;
            ParseLine(number, line, draft, located);
        }

        nodes = draft.Nodes;
        return draft.Finish();
    }

    private static void ParseLine(int number, string line, HaCfDraft draft, FileFindings findings)
    {
        var content = ConfigurationLines.WithoutComment(line).Trim(Delimiters);
        if (content.Length == 0) return;
        if (line.Length > LongestLine)
        {
            findings.Error(number, "",
                $"the line has {line.Length} characters, the longest that counts has {LongestLine}",
                "split it into several lines: repeat the directive on each");
            return;
        }

        var end = content.IndexOfAny(Delimiters);
        var name = end < 0 ? content : content[..end];
        var rest = end < 0 ? "" : content[end..].TrimStart(Delimiters);
        if (HaCfDirectives.Find(name) is not { } directive)
        {
            ReportUnknown(number, name, findings);
            return;
        }

        if (rest.Any(c => char.IsControl(c) && !Delimiters.Contains(c)))
        {
            draft.Error(new(number, name, rest), "the value holds unprintable characters",
                "type the line again with a plain text editor");
            return;
        }

        if (rest.Length == 0)
        {
            draft.Error(new(number, name, ""), "it has no value", $"write `{name} VALUE`, or remove the line");
            return;
        }

        string[] values = directive.Form == ArgumentForm.WholeLine
            ? [rest]
            : rest.Split(Delimiters, StringSplitOptions.RemoveEmptyEntries);
        foreach (var value in values) draft.Take(directive, new(number, name, value));
    }

    private static void ReportUnknown(int number, string name, FileFindings findings)
    {
        var advice = HaCfDirectives.Nearest(name) is { } near
            ? $"write `{near}` if that is meant, or remove the line"
            : "remove the line; docs/configuration.md lists every directive";
        findings.Error(number, name, $"there is no directive {Quote(name)}", advice);
    }
}
