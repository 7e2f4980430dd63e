using Ha.Core.Configuration;

namespace Ha.Core.Tests.Configuration;

/// <summary>Hosts as tests need them: fixed sets instead of a system.</summary>
internal static class FakeHost
{
    /// <summary>A node of the reference cluster, without Heartbeat's user, program or anything else special.</summary>
    public static HostFacts Reference { get; } = With(interfaces: ["lo", "eth0", "eth1"],
        scripts: ["haproxy", "Filesystem"], executables: ["/bin/true"]);

    public static HostFacts With(
        string[]? interfaces = null, string[]? scripts = null, string[]? devices = null, string[]? executables = null,
        string[]? users = null, Dictionary<string, string>? names = null, int? servicePort = null)
    {
        string? Address(string name) => names?.GetValueOrDefault(name);
        return new()
        {
            InterfaceExists = name => (interfaces ?? ["eth0"]).Contains(name),
            IsCharacterDevice = path => (devices ?? []).Contains(path),
            IsExecutableFile = path => (executables ?? []).Contains(path),
            UserExists = name => (users ?? ["root"]).Contains(name),
            ResourceScriptExists = name => (scripts ?? ["haproxy"]).Contains(name),
            ResolveIPv4 = name => Address(name) is { } address && !address.Contains(':') ? address : null,
            ResolveIPv6 = name => Address(name) is { } address && address.Contains(':') ? address : null,
            ClusterServicePort = servicePort,
        };
    }
}
