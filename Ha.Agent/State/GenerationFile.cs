using System.Globalization;
using System.Text;

namespace Ha.Agent.State;

/// <summary>
/// The number of this node's lives (PROTOCOL.md 5.2). Peers take a lower one for a replay and stop listening, so it
/// never goes down: whatever can be read of the file and its copy counts, and the clock where they cannot be trusted.
/// </summary>
/// <param name="path">Path of the file; its copy is beside it, with <c>.bak</c>.</param>
/// <param name="clock">Wall clock.</param>
internal sealed class GenerationFile(string path, TimeProvider clock)
{
    private const int Digits = 15;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What was wrong with the file, for the log; null when nothing.</summary>
    public string? Warning { get; private set; }

    private string Copy => path + ".bak";

    /// <summary>Begins a new life: a number greater than all before, on disk when this returns.</summary>
    /// <param name="fromTime">True with <c>hbgenmethod time</c>: at least the present time.</param>
    /// <exception cref="StateException">It cannot be kept: no packet may be sent.</exception>
    public uint Increment(bool fromTime = false)
    {
        var main = Parse(DurableFile.Read(path, Digits + 1), out var mainIsThere);
        var copy = Parse(DurableFile.Read(Copy, Digits + 1), out var copyIsThere);
        var next = Math.Max(main ?? 0, copy ?? 0) + 1;
        var now = (ulong)Math.Max(clock.GetUtcNow().ToUnixTimeSeconds(), 0);
        if (main is null || fromTime) next = Math.Max(next, fromTime ? now : now + 1);
        if (mainIsThere && main is null)
            Warning = $"{path} holds no generation number; going on with {next}, which is greater than any before.";
        else if (!mainIsThere && copyIsThere)
            Warning = $"{path} is missing, its copy is there; going on with {next}, which is greater than any before.";
        if (next > uint.MaxValue)
        {
            throw new StateException($"{path}: the next generation {next} is beyond what the protocol can carry "
                + $"({uint.MaxValue}); set the clock, remove {path} and {Copy} on this node and restart all nodes");
        }

        var content = Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture).PadLeft(Digits) + "\n");
        DurableFile.Replace(path, content, Mode);
        DurableFile.Replace(Copy, content, Mode);
        return (uint)next;
    }

    /// <summary>The number in a file; null when the file is missing, torn or says something else.</summary>
    private static ulong? Parse(byte[]? content, out bool isThere)
    {
        isThere = content is not null;
        if (content is null || content.Length != Digits + 1 || content[Digits] != '\n') return null;
        var text = Encoding.ASCII.GetString(content, 0, Digits).TrimStart(' ');
        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : null;
    }
}
