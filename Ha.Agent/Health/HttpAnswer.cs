using System.Globalization;
using System.Text;

namespace Ha.Agent.Health;

/// <summary>
/// An HTTP/1.x answer, read strictly and within bounds: a server that is looked at may be broken or hostile.
/// </summary>
internal sealed class HttpAnswer
{
    /// <summary>Most bytes of status line and header fields.</summary>
    public const int LongestHead = 16 * 1024;

    /// <summary>Most bytes of the body that are looked at.</summary>
    public const int LongestBody = 64 * 1024;

    private const int MostInterim = 5;
    private const int LongestReason = 60;
    private const int LongestChunkLine = 200;

    private HttpAnswer(string problem) => Problem = problem;

    /// <summary>Why it is no answer; empty when it is one.</summary>
    public string Problem { get; }

    /// <summary>Status code.</summary>
    public int Status { get; private init; }

    /// <summary>What the server calls it; printable, short.</summary>
    public string Reason { get; private init; } = "";

    /// <summary>The first part of the body, without its transfer coding; empty when it was not wanted.</summary>
    public byte[] Body { get; private init; } = [];

    /// <summary>Reads one.</summary>
    /// <param name="receive">Receives some bytes; 0 at the end.</param>
    /// <param name="wantsBody">Whether the body is read.</param>
    public static HttpAnswer Read(HttpPipe.Receiver receive, bool wantsBody)
    {
        var source = new Source(receive);
        for (var interim = 0; interim <= MostInterim; interim++)
        {
            if (ReadHead(source) is not { } head) return new HttpAnswer(source.Problem);
            if (ParseStatus(head[0]) is not var (status, reason))
                return new HttpAnswer($"no HTTP: it says '{Printable(head[0])}'");
            if (status is >= 100 and < 200) continue;
            var body = wantsBody ? ReadBody(source, head) : [];
            return body is null ? new HttpAnswer("the body of the answer is broken")
                : new HttpAnswer("") { Status = status, Reason = reason, Body = body };
        }

        return new HttpAnswer("the server announces an answer again and again");
    }

    private static List<string>? ReadHead(Source source)
    {
        var lines = new List<string>();
        var left = LongestHead;
        while (true)
        {
            if (source.ReadLine(left) is not { } line) return null;
            left -= line.Length + 2;
            if (line.Length == 0 && lines.Count > 0) return lines;
            lines.Add(line);
        }
    }

    private static (int Status, string Reason)? ParseStatus(string line)
    {
        // "HTTP/1.1 200 OK"
        if (line.Length < 12 || !line.StartsWith("HTTP/1.", StringComparison.Ordinal) || !char.IsAsciiDigit(line[7])
            || line[8] != ' ' || (line.Length > 12 && line[12] != ' ')
            || !int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            || status < 100) return null;
        return (status, line.Length > 13 ? Printable(line[13..]) : "");
    }

    private static string Printable(string text) =>
        string.Concat(text.Take(LongestReason).Select(c => c is >= ' ' and <= '~' ? c : '?'));

    // Null when it breaks its own rules.
    private static byte[]? ReadBody(Source source, List<string> head)
    {
        if (Field(head, "transfer-encoding") is { } coding)
            return coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) ? ReadChunks(source) : null;
        if (Field(head, "content-length") is not { } text) return source.Read(LongestBody, exactly: false);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return null;
        return length > LongestBody ? source.Read(LongestBody, exactly: false)
            : source.Read((int)length, exactly: true);
    }

    private static byte[]? ReadChunks(Source source)
    {
        using var body = new MemoryStream();
        while (body.Length < LongestBody)
        {
            if (source.ReadLine(LongestChunkLine) is not { } line
                || !int.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture, out var length) || length < 0) return null;
            if (length == 0) return body.ToArray();
            var part = Math.Min(length, LongestBody - (int)body.Length);
            if (source.Read(part, exactly: true) is not { } chunk) return null;
            body.Write(chunk);
            if (part == length && source.ReadLine(LongestChunkLine) is not { Length: 0 }) return null;
        }

        return body.ToArray();
    }

    private static string? Field(List<string> head, string name)
    {
        foreach (var line in head.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase))
                return line[(colon + 1)..].Trim();
        }

        return null;
    }

    /// <summary>Bytes as they come in.</summary>
    private sealed class Source(HttpPipe.Receiver receive)
    {
        private readonly byte[] buffer = new byte[8 * 1024];
        private int begin;
        private int end;

        /// <summary>Why there was no line.</summary>
        public string Problem { get; private set; } = "";

        /// <summary>The next line without its end; null when there is none, or it is too long.</summary>
        public string? ReadLine(int longest)
        {
            var line = new StringBuilder();
            while (line.Length <= longest)
            {
                if (begin == end && !Fill())
                {
                    Problem = "the connection was closed without an answer";
                    return null;
                }

                var one = (char)buffer[begin++];
                if (one == '\n')
                {
                    if (line.Length > 0 && line[^1] == '\r') line.Length--;
                    return line.ToString();
                }

                line.Append(one);
            }

            Problem = $"the head of the answer is longer than {LongestHead / 1024} KiB";
            return null;
        }

        /// <summary>So many bytes, or what there is; null when there are fewer than exactly wanted.</summary>
        public byte[]? Read(int count, bool exactly)
        {
            var bytes = new byte[count];
            var length = 0;
            while (length < count && (begin < end || Fill()))
            {
                var part = Math.Min(count - length, end - begin);
                buffer.AsSpan(begin, part).CopyTo(bytes.AsSpan(length));
                begin += part;
                length += part;
            }

            return length == count ? bytes : exactly ? null : bytes[..length];
        }

        private bool Fill()
        {
            begin = 0;
            end = receive(buffer);
            return end > 0;
        }
    }
}
