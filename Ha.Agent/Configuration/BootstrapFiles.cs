using System.Collections.Immutable;
using System.Text;
using Ha.Core.Configuration;

namespace Ha.Agent.Configuration;

/// <summary>What the configuration directory of a node says.</summary>
/// <param name="LocalNode">Name of this node, lower case.</param>
/// <param name="Configuration">The configuration; null when there is an error.</param>
/// <param name="Findings">Every finding, by file and line.</param>
internal sealed record BootstrapReading(
    string LocalNode, BootstrapConfiguration? Configuration, ImmutableArray<ConfigurationFinding> Findings);

/// <summary>Reads the bootstrap files of a node. What cannot be read is a finding; nothing is written.</summary>
internal static class BootstrapFiles
{
    /// <summary>Where Heartbeat keeps its configuration.</summary>
    public const string DefaultDirectory = "/etc/ha.d";

    /// <summary>A larger file is not a configuration file.</summary>
    public const int MaxBytes = 1024 * 1024;

    // uname -n of this process, whole; Environment.MachineName would cut it at the first dot.
    private const string HostNameFile = "/proc/sys/kernel/hostname";

    /// <summary>Reads ha.cf, authkeys and haresources.</summary>
    /// <param name="directory">Configuration directory.</param>
    /// <param name="node">Name of this node; null: from <c>nodeinfo</c>, else <c>uname -n</c>.</param>
    public static BootstrapReading Read(string directory, string? node) =>
        Read(directory, node, HostFactsReader.Read(directory));

    /// <summary>The same with given facts of the host.</summary>
    public static BootstrapReading Read(string directory, string? node, HostFacts host)
    {
        var (localNode, nameFinding) = LocalNode(directory, node);
        var configuration = BootstrapConfiguration.Parse(
            ReadFile(Path.Combine(directory, "ha.cf")),
            ReadFile(Path.Combine(directory, "authkeys")),
            ReadFile(Path.Combine(directory, "haresources")),
            localNode, host, out var findings);
        return nameFinding is null
            ? new(localNode, configuration, findings)
            : new(localNode, null, [nameFinding, .. findings]);
    }

    private static (string Name, ConfigurationFinding? Finding) LocalNode(string directory, string? node)
    {
        if (node is not null) return (node.Trim().ToLowerInvariant(), null);
        var path = Path.Combine(directory, "nodeinfo");
        if (File.Exists(path))
        {
            var file = ReadFile(path);
            var name = file.Text?.Split('\n', 2)[0].Trim() ?? "";
            if (name.Length > 0) return (name.ToLowerInvariant(), null);
            var problem = file.Text is null ? $"the file cannot be read: {file.Failure}" : "its first line is empty";
            return (HostName(), new(FindingSeverity.Error, path, file.Text is null ? 0 : 1, "", problem,
                "write this node's name into its first line, or remove the file to use the host name"));
        }

        return (HostName(), null);
    }

    private static string HostName() => File.ReadAllText(HostNameFile).Trim().ToLowerInvariant();

    private static ConfigurationFile ReadFile(string path)
    {
        ConfigurationFile Failed(string failure) => new(path, null, 0, failure);
        try
        {
            // Asked before opening: opening a named pipe would wait for a writer.
            if (FileKind.Of(path) is { } kind and not FileKind.Regular)
                return Failed(kind == FileKind.Missing ? "it does not exist" : "it is not a regular file");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
            var mode = FileKind.Permissions(stream.SafeFileHandle);
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? Failed($"it is larger than {MaxBytes} bytes")
                : new(path, Encoding.Latin1.GetString(bytes, 0, length), mode, "");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Failed("it does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            return Failed("permission denied");
        }
        catch (IOException e)
        {
            return Failed(e.Message);
        }
    }
}
