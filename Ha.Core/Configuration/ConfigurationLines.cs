namespace Ha.Core.Configuration;

/// <summary>Line rules that ha.cf, authkeys and haresources have in common.</summary>
internal static class ConfigurationLines
{
    /// <summary>The lines of a file without their line feeds; a byte order mark is not part of the first one.</summary>
    public static IEnumerable<string> Split(string text)
    {
        // The same mark, decoded as UTF-8 and byte by byte.
        var start = text.StartsWith('\uFEFF') ? 1
            : text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal) ? 3
            : 0;
        while (start < text.Length)
        {
            var end = text.IndexOf('\n', start);
            if (end < 0) end = text.Length;
            yield return text[start..end];
            start = end + 1;
        }
    }

    /// <summary>The line up to <c>#</c>: there is no quoting, so a comment begins inside values as well.</summary>
    public static string WithoutComment(string line)
    {
        var hash = line.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? line : line[..hash];
    }
}
