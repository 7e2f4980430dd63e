using System.Globalization;

namespace Ha.Core.Resources;

/// <summary>The parameters of <c>builtin:haproxy</c>, for the check of the document and for the agent alike.</summary>
public static class HaproxyParameters
{
    /// <summary>The type.</summary>
    public const string Type = "builtin:haproxy";

    /// <summary>Its main configuration file.</summary>
    public const string Config = "config";

    /// <summary>What <see cref="Config"/> is when left out.</summary>
    public const string DefaultConfig = "/etc/haproxy/haproxy.cfg";

    /// <summary>The program.</summary>
    public const string Binary = "binary";

    /// <summary>What <see cref="Binary"/> is when left out.</summary>
    public const string DefaultBinary = "/usr/sbin/haproxy";

    /// <summary>Where its master's socket is made; left out: in the agent's runtime directory.</summary>
    public const string Socket = "socket";

    /// <summary>
    /// Longest path of the socket: HAProxy makes it under a longer name first, and the kernel allows 107 bytes.
    /// </summary>
    public const int LongestSocket = 90;

    /// <summary>What is asked for through it; left out: nothing, only its socket is asked.</summary>
    public const string CheckUrl = "check_url";

    /// <summary>Time between two looks at it.</summary>
    public static readonly WholeNumber CheckInterval = new("check_interval", 1000, 100, 60_000, "milliseconds");

    /// <summary>How long an answer may take.</summary>
    public static readonly WholeNumber CheckTimeout = new("check_timeout", 1000, 50, 60_000, "milliseconds");

    /// <summary>How long sessions may go on at a stop; 0: they are cut.</summary>
    public static readonly WholeNumber StopGrace = new("stop_grace", 0, 0, 3600, "seconds");

    /// <summary>Its numbers.</summary>
    public static readonly ImmutableArray<WholeNumber> Numbers = [CheckInterval, CheckTimeout, StopGrace];

    /// <summary>All names.</summary>
    public static readonly ImmutableArray<string> Names =
        [Config, Binary, Socket, CheckUrl, .. Numbers.Select(static number => number.Name)];

    /// <summary>Whether it is an absolute path without <c>.</c>, <c>..</c> and what HAProxy gives a meaning to.</summary>
    public static bool IsPath(string text) => text.Length is > 1 and <= 255 && text[0] == '/' && text[^1] != '/'
        && text.All(static c => c is > ' ' and < '\u007F' and not ',' and not ':')
        && text.Split('/').Skip(1).All(static part => part.Length > 0 && part is not "." and not "..");

    /// <summary>Reads a check URL: <c>http://ADDRESS[:PORT][/PATH]</c>, the address in digits.</summary>
    /// <returns>Null when it is none.</returns>
    public static HaproxyCheckUrl? ReadUrl(string text)
    {
        const string scheme = "http://";
        if (text.Length > 512 || !text.StartsWith(scheme, StringComparison.Ordinal)
            || text.Any(static c => c is <= ' ' or >= '\u007F' or '#')) return null;
        var rest = text[scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (place, path) = slash < 0 ? (rest, "/") : (rest[..slash], rest[slash..]);
        string host, port;
        if (place.StartsWith('['))
        {
            var end = place.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) return null;
            (host, port) = (place[1..end], place[(end + 1)..]);
            if (Configuration.IpText.CanonicalV6(host) is null) return null;
        }
        else
        {
            var colon = place.IndexOf(':', StringComparison.Ordinal);
            (host, port) = colon < 0 ? (place, "") : (place[..colon], place[colon..]);
            if (!Configuration.IpText.TryParseV4(host, out _)) return null;
        }

        if (port.Length == 0) return new HaproxyCheckUrl(host, 80, path);
        return port.Length is > 1 and <= 6 && port[0] == ':'
            && ushort.TryParse(port.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 ? new HaproxyCheckUrl(host, number, path) : null;
    }
}

/// <summary>A request that must be answered through an HAProxy.</summary>
/// <param name="Address">IPv4 or IPv6 address, without brackets.</param>
/// <param name="Port">TCP port.</param>
/// <param name="Path">Path and query.</param>
public sealed record HaproxyCheckUrl(string Address, int Port, string Path);
