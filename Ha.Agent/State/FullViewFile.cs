using System.Text;

namespace Ha.Agent.State;

/// <summary>
/// Whether this node has met all others since the machine booted (wait-for-all): in the runtime directory, which a boot
/// empties, and with the boot's own id, should that directory be kept over one.
/// </summary>
/// <param name="path">Path of the file.</param>
/// <param name="bootId">Id of this boot of the machine.</param>
internal sealed class FullViewFile(string path, string bootId)
{
    private const int Longest = 64;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file of this agent, and this boot.</summary>
    /// <param name="runtimeDirectory">The agent's runtime directory.</param>
    public static FullViewFile Of(string runtimeDirectory) => new(Path.Combine(runtimeDirectory, "full-view"),
        Encoding.ASCII.GetString(DurableFile.Read("/proc/sys/kernel/random/boot_id", Longest) ?? []).Trim());

    /// <summary>Whether an earlier life of the agent has met all others since the boot.</summary>
    /// <exception cref="StateException">The file is there and cannot be read.</exception>
    public bool Read() => bootId.Length > 0 && DurableFile.Read(path, Longest) is { } content
        && Encoding.ASCII.GetString(content).Trim() == bootId;

    /// <summary>This node has met all others.</summary>
    /// <exception cref="StateException">It cannot be written.</exception>
    public void Write()
    {
        if (bootId.Length > 0) DurableFile.Replace(path, Encoding.ASCII.GetBytes(bootId + "\n"), Mode);
    }
}
