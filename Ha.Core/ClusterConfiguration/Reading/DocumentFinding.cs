using Ha.Core.Configuration;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Something wrong, or worth knowing, in a configuration document.</summary>
/// <param name="Severity">An error refuses the whole document.</param>
/// <param name="Pointer">JSON pointer (RFC 6901) of the place; empty for the document as a whole.</param>
/// <param name="Problem">What is wrong, without a final stop.</param>
/// <param name="Advice">What to write or do instead, without a final stop.</param>
public sealed record DocumentFinding(FindingSeverity Severity, string Pointer, string Problem, string Advice)
{
    /// <summary><c>POINTER: problem; advice</c>.</summary>
    public override string ToString() =>
        $"{(Pointer.Length == 0 ? "document" : Pointer)}: {Problem}; {Advice}";
}

/// <summary>Findings of one document: bounded in number, each short and printable.</summary>
internal sealed class DocumentFindings
{
    /// <summary>Most errors and warnings that are listed.</summary>
    public const int Limit = 1000;

    private const int LongestPointer = 300;
    private readonly List<DocumentFinding> all = [];
    private bool more;

    public bool HasErrors { get; private set; }

    /// <summary>True when nothing further is listed: looking on would only cost time.</summary>
    public bool IsFull => more;

    /// <summary>Whether something is wrong at a place.</summary>
    public bool Has(string pointer) => all.Exists(one => one.Pointer == pointer);

    public void Error(string pointer, string problem, string advice)
    {
        HasErrors = true;
        Add(new(FindingSeverity.Error, Shorten(pointer), problem, advice));
    }

    /// <summary>An error about something that is not there: not told when it was there, but wrong.</summary>
    public void Missing(string pointer, string problem, string advice)
    {
        var within = pointer + "/";
        if (!all.Exists(one => one.Pointer.StartsWith(within, StringComparison.Ordinal)))
            Error(pointer, problem, advice);
    }

    public void Warning(string pointer, string problem, string advice) =>
        Add(new(FindingSeverity.Warning, Shorten(pointer), problem, advice));

    public ImmutableArray<DocumentFinding> ToImmutable() => [.. all];

    private void Add(DocumentFinding finding)
    {
        if (all.Count < Limit)
        {
            all.Add(finding);
            return;
        }

        if (more) return;
        more = true;
        HasErrors = true;
        all.Add(new(FindingSeverity.Error, "", $"more than {Limit} findings: the rest is not reported",
            "correct what is listed, and check again"));
    }

    private static string Shorten(string pointer)
    {
        var shown = pointer.Length > LongestPointer ? pointer[..LongestPointer] + "..." : pointer;
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }
}

/// <summary>JSON pointers.</summary>
internal static class Pointer
{
    /// <summary>The pointer of a member.</summary>
    public static string To(string parent, string member) => $"{parent}/{Escape(member)}";

    /// <summary>The pointer of an item.</summary>
    public static string To(string parent, int index) => $"{parent}/{index}";

    private static string Escape(string member) => member
        .Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
