using Ha.Agent.Interop;
using Ha.Core.Contracts;

namespace Ha.Agent.Resources;

/// <summary>Whether this agent, which is root, runs a program that the configuration names.</summary>
internal static class ProgramFile
{
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Why it is not run; null when it is.</summary>
    public static OperationResult? Refusal(string path)
    {
        if (!Path.IsPathRooted(path))
        {
            return new(OperationOutcome.NotConfigured,
                $"'{path}' is no absolute path: write exec:/path/of/the/program.");
        }

        if (Mode(path) is not { } mode)
        {
            return new(OperationOutcome.NotInstalled,
                $"There is no program {path} on this node: install it, or correct the path.");
        }

        // Whoever may write the program is root on this node from then on.
        if ((mode & WritableByOthers) != UnixFileMode.None)
        {
            return new(OperationOutcome.NotPermitted,
                $"{path} is not run, because others than its owner may write it: chmod go-w {path}.");
        }

        return Libc.Access(path, Libc.Executable) == 0
            ? null
            : new(OperationOutcome.NotInstalled, $"{path} is not executable: chmod 755 {path}.");
    }

    /// <summary>Permissions of a file; null when there is no such file, or no longer.</summary>
    public static UnixFileMode? Mode(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            return File.GetUnixFileMode(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
