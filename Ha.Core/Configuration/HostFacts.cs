namespace Ha.Core.Configuration;

/// <summary>
/// What the configuration's meaning depends on outside its files: facts of this host, asked one at a time while the
/// files are parsed. The agent answers from the system, tests from fixed sets. No answer may throw.
/// </summary>
public sealed record HostFacts
{
    /// <summary>Whether a network interface of this name exists.</summary>
    public required Func<string, bool> InterfaceExists { get; init; }

    /// <summary>Whether this path is a character device (serial lines, the watchdog).</summary>
    public required Func<string, bool> IsCharacterDevice { get; init; }

    /// <summary>Whether this path is a regular file that may be executed.</summary>
    public required Func<string, bool> IsExecutableFile { get; init; }

    /// <summary>Whether a user of this name exists.</summary>
    public required Func<string, bool> UserExists { get; init; }

    /// <summary>Whether resource.d or init.d has an executable script of this name.</summary>
    public required Func<string, bool> ResourceScriptExists { get; init; }

    /// <summary>IPv4 address of a host name in dotted form; null: it does not resolve in bounded time.</summary>
    public required Func<string, string?> ResolveIPv4 { get; init; }

    /// <summary>IPv6 address of a host name; null: it does not resolve in bounded time.</summary>
    public required Func<string, string?> ResolveIPv6 { get; init; }

    /// <summary>UDP port of the service <c>ha-cluster</c>; null: unknown here, 694 is used.</summary>
    public int? ClusterServicePort { get; init; }
}
