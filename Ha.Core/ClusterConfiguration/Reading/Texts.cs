namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>The kinds of text in a document.</summary>
internal static class Texts
{
    public const int LongestId = 512;

    public static readonly TextShape Id = new("an id", "write 1 to 512 printable characters without white space",
        @"^[^\u0000-\u0020\u007f-\u00a0\u2028\u2029]+$", LongestId, IsWord);

    public static readonly TextShape NodeName = new("a node name", "write the name as in ha.cf, in lower case",
        "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$", 64, IsNodeName);

    public static readonly TextShape Agent = new("an agent",
        "write `class:type` or `ocf:provider:type`, for example `builtin:vip` or `ocf:heartbeat:Filesystem`",
        @"^[a-z]+:[^\u0000-\u0020\u007f-\u00a0\u2028\u2029]+$", LongestId, IsAgent);

    public static readonly TextShape AttributeName = new("the name of a node attribute",
        "write letters, digits, `_`, `-`, `.`, `:` and `#`", "^[A-Za-z0-9_.:#-]+$", 255,
        text => IsMadeOf(text, "_.:#-"));

    public static readonly TextShape ParameterName = new("the name of a parameter",
        "write letters, digits, `_`, `-` and `.`", "^[A-Za-z0-9_.-]+$", 255, text => IsMadeOf(text, "_.-"));

    public static readonly TextShape Value = new("a value", "write printable characters, at most 4,096",
        @"^[^\u0000-\u0008\u000b-\u001f\u007f]*$", 4096,
        text => text.All(c => c is '\t' or '\n' or (>= ' ' and not '\u007f')));

    public static readonly TextShape Argument = new("an argument", "write printable characters, at least one",
        @"^[^\u0000-\u001f\u007f]+$", 1024, text => text.Length > 0 && text.All(c => c is >= ' ' and not '\u007f'));

    public static readonly TextShape FenceAgent = new("a fence agent",
        "write the name of a program of fence-agents, for example `fence_ipmilan`", "^fence_[a-z0-9_]+$", 64,
        text => text.Length > 6 && text.StartsWith("fence_", StringComparison.Ordinal)
            && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));

    public static readonly TextShape Endpoint = new("an address of etcd",
        "write for example `https://192.168.1.9:2379`", "^https?://[A-Za-z0-9.:\\[\\]_-]+$", 255, IsEndpoint);

    public static readonly TextShape CalendarRange = new("a range", "write `N`, `N-M` or `N-`, for example `8-17`",
        "^[0-9]{1,4}(-([0-9]{1,4})?)?$", 9, IsRange);

    private static bool IsWord(string text) => text.Length > 0 && text.All(
        c => c is > ' ' and not (>= '\u007f' and <= '\u00a0') and not '\u2028' and not '\u2029');

    private static bool IsNodeName(string text) =>
        text.Length > 0 && IsAlphanumeric(text[0]) && IsAlphanumeric(text[^1])
        && text.All(c => IsAlphanumeric(c) || c is '.' or '_' or '-');

    private static bool IsAlphanumeric(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);

    private static bool IsAgent(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && text[..colon].All(char.IsAsciiLetterLower) && IsWord(text[(colon + 1)..]);
    }

    private static bool IsMadeOf(string text, string others) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || others.Contains(c, StringComparison.Ordinal));

    private static bool IsEndpoint(string text)
    {
        var host = text.StartsWith("http://", StringComparison.Ordinal) ? text[7..]
            : text.StartsWith("https://", StringComparison.Ordinal) ? text[8..] : "";
        return IsMadeOf(host, ".:[]_-");
    }

    private static bool IsRange(string text)
    {
        var bounds = text.Split('-');
        return bounds.Length <= 2 && IsNumber(bounds[0])
            && (bounds.Length == 1 || bounds[1].Length == 0 || IsNumber(bounds[1]));
    }

    private static bool IsNumber(string text) => text.Length is > 0 and <= 4 && text.All(char.IsAsciiDigit);
}
