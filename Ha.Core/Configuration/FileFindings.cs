namespace Ha.Core.Configuration;

/// <summary>The findings of one file while it is parsed: bounded in number, each short and printable.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="findings">Receives the findings.</param>
internal sealed class FileFindings(string file, ICollection<ConfigurationFinding> findings)
{
    /// <summary>A file with more findings than this is not a configuration file: the rest is not listed.</summary>
    internal const int Limit = 500;

    private const int LongestQuote = 60;
    private int count;

    /// <summary>True once an error was found.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>True when no further finding is listed: reading on would only cost time.</summary>
    public bool IsFull => count > Limit;

    /// <summary>Adds an error.</summary>
    public void Error(int line, string directive, string problem, string advice)
    {
        HasErrors = true;
        Add(FindingSeverity.Error, line, directive, problem, advice);
    }

    /// <summary>Adds a warning.</summary>
    public void Warning(int line, string directive, string problem, string advice) =>
        Add(FindingSeverity.Warning, line, directive, problem, advice);

    /// <summary>Text from the file in brackets, shortened and made printable.</summary>
    public static string Quote(string text) => $"[{Printable(text)}]";

    /// <summary>Text from the file, shortened, with unprintable characters replaced.</summary>
    public static string Printable(string text)
    {
        var shown = text.Length > LongestQuote ? text[..LongestQuote] + "..." : text;
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    private void Add(FindingSeverity severity, int line, string directive, string problem, string advice)
    {
        count++;
        if (count > Limit + 1) return;
        findings.Add(count <= Limit
            ? new ConfigurationFinding(severity, file, line, Printable(directive), problem, advice)
            : new ConfigurationFinding(FindingSeverity.Error, file, line, "",
                $"more than {Limit} findings: the rest of the file is not reported",
                "check that this is the right file, correct what is listed, and check again"));
    }
}
