using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ha.Core.Configuration;

namespace Ha.Agent.Configuration;

/// <summary>Answers the configuration's questions from this host. Used at start only, before any heartbeat.</summary>
internal static partial class HostFactsReader
{
    private const string InitScripts = "/etc/init.d";
    private const string PasswordFile = "/etc/passwd";
    private const string ServicesFile = "/etc/services";

    /// <summary>How long all host names of the configuration together may take to resolve.</summary>
    public static readonly TimeSpan ResolveBudget = TimeSpan.FromSeconds(5);

    /// <summary>Facts of this host.</summary>
    /// <param name="configDirectory">Configuration directory, with <c>resource.d</c> in it.</param>
    public static HostFacts Read(string configDirectory)
    {
        var started = TimeProvider.System.GetTimestamp();
        TimeSpan Left() => ResolveBudget - TimeProvider.System.GetElapsedTime(started);
        return new HostFacts
        {
            // Asked of the kernel: /sys/class/net shows the namespace that /sys was mounted in.
            InterfaceExists = name => InterfaceIndex(name) != 0,
            IsCharacterDevice = path => FileKind.Of(path) == FileKind.CharacterDevice,
            IsExecutableFile = FileKind.IsExecutable,
            UserExists = LocalUserExists,
            ResourceScriptExists = name =>
                FileKind.IsExecutable(Path.Combine(configDirectory, "resource.d", name))
                || FileKind.IsExecutable(Path.Combine(InitScripts, name)),
            ResolveIPv4 = name => Resolve(name, AddressFamily.InterNetwork, Left()),
            ResolveIPv6 = name => Resolve(name, AddressFamily.InterNetworkV6, Left()),
            ClusterServicePort = ServicePort(Lines(ServicesFile), "ha-cluster"),
        };
    }

    /// <summary>UDP port of a service in the lines of a services file; null when it is not there.</summary>
    internal static int? ServicePort(IEnumerable<string> lines, string service)
    {
        foreach (var line in lines)
        {
            var words = line.Split('#', 2)[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words.Where((_, i) => i != 1).Contains(service)) continue;
            if (words[1].Split('/') is [var port, "udp"]
                && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number is > 0 and <= ushort.MaxValue) return number;
        }

        return null;
    }

    private static bool LocalUserExists(string name) =>
        Lines(PasswordFile).Any(l => l.StartsWith(name + ":", StringComparison.Ordinal));

    // Without the file there are no users and no services: the configuration then says what it misses.
    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Resolve(string name, AddressFamily family, TimeSpan limit)
    {
        if (limit <= TimeSpan.Zero) return null;
        using var patience = new CancellationTokenSource(limit);
        try
        {
            var addresses = Dns.GetHostAddressesAsync(name, family, patience.Token).WaitAsync(patience.Token);
            return addresses.GetAwaiter().GetResult().FirstOrDefault()?.ToString();
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            // The finding that follows says that the name does not resolve, and what to write instead.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint InterfaceIndex(string name);
}
