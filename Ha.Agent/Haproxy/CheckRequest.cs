using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Core.Resources;

namespace Ha.Agent.Haproxy;

/// <summary>A request through an HAProxy: whoever is stopped or wedged accepts connections, but answers none.</summary>
internal static class CheckRequest
{
    /// <summary>The status line is in there.</summary>
    private const int LongestAnswer = 64 * 1024;

    /// <summary>Asks.</summary>
    /// <returns>What is wrong, without a full stop; null when it was answered with 2xx or 3xx.</returns>
    public static string? Send(HaproxyCheckUrl url, TimeSpan limit)
    {
        var address = IPAddress.Parse(url.Address);
        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{url.Address}]" : url.Address;
        var name = $"http://{host}:{url.Port}{url.Path}";
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var answer = RuntimeSocket.Exchange(socket, new IPEndPoint(address, url.Port),
            $"GET {url.Path} HTTP/1.1\r\nHost: {host}:{url.Port}\r\nUser-Agent: ha-agent\r\nAccept: */*\r\n"
                + "Connection: close\r\n\r\n",
            limit, name, static read => read.Span.Contains((byte)'\n'), LongestAnswer);
        return answer.Problem ?? Judge(name, answer.Text);
    }

    private static string? Judge(string name, string answer)
    {
        var line = answer.Split('\n', 2)[0].Trim();
        var words = line.Split(' ', 3);
        if (words.Length < 2 || !words[0].StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            return answer.Length == 0 ? $"{name} closes without an answer" : $"{name} does not answer with HTTP/1";
        return status is >= 200 and < 400 ? null : $"{name} answers with {status}";
    }
}
