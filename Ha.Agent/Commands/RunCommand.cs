using Ha.Agent.Configuration;
using Ha.Agent.Control;
using Ha.Agent.Loop;
using Ha.Agent.Netlink;
using Ha.Agent.State;

namespace Ha.Agent.Commands;

/// <summary>The verb <c>run</c>: everything that can refuse a start, before the first packet leaves.</summary>
internal static class RunCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerAndGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>Runs the agent until it has left the cluster; the result is the exit code.</summary>
    public static int Run(AgentPaths paths, bool foreground)
    {
        var reading = BootstrapFiles.Read(paths.ConfigDirectory, paths.Node);
        CheckConfig.WriteFindings(reading.Findings, Console.Error);
        if (reading.Configuration is not { } configuration)
        {
            Console.Error.WriteLine(CheckConfig.Refusal(reading));
            return ExitCode.Configuration;
        }

        try
        {
            // Read before anything is created: what is wrong here leaves everything as it is.
            var start = ConfigurationFiles.Read(paths.StateDirectory, configuration, TimeProvider.System);
            CheckConfig.WriteFindings(start.Findings, Console.Error);
            if (start.Active is null)
            {
                Console.Error.WriteLine(CheckConfig.Refusal(
                    reading with { Findings = [.. reading.Findings, .. start.Findings] }));
                return ExitCode.Configuration;
            }

            var access = ControlAccess.OfThisMachine();
            Create(paths.StateDirectory, access);
            Create(paths.RuntimeDirectory, access);
            using var runtimeLock = AgentLock.Take(paths.RuntimeDirectory, out var holder);
            if (holder is not null) return Refuse(holder);
            using var stateLock = AgentLock.Take(paths.StateDirectory, out holder);
            if (holder is not null) return Refuse(holder);
            return AgentLife.Run(paths, reading.LocalNode, configuration, start, access, foreground);
        }
        catch (Exception e) when (e is StateException or NetlinkException or IOException or UnauthorizedAccessException)
        {
            return Refuse(e.Message);
        }
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine($"ha-agent: not started: {why}");
        return ExitCode.Failed;
    }

    /// <summary>
    /// A directory that is there already keeps its owner and mode: it may be anything that was named by mistake.
    /// </summary>
    private static void Create(string directory, ControlAccess access)
    {
        if (Directory.Exists(directory)) return;
        Directory.CreateDirectory(directory);
        access.Protect(directory, OwnerAndGroup, OwnerAndGroup);
    }
}
