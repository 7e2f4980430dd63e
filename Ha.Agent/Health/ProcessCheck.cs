using System.Globalization;
using System.Text;
using Ha.Core.Health;

namespace Ha.Agent.Health;

/// <summary>Whether processes run, from /proc.</summary>
internal sealed class ProcessCheck : ICheckKind
{
    private const int LongestPidFile = 64;

    /// <summary>The kernel keeps so many bytes of a process's name.</summary>
    private const int LongestName = 15;

    /// <inheritdoc/>
    public CheckFinding Look(CheckLook look) =>
        look.Check.Parameters.TryGetValue(CheckParameters.PidFile, out var file) ? ByFile(file) : ByName(look);

    private static CheckFinding ByFile(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> text = stackalloc byte[LongestPidFile];
        var length = file.ReadAtLeast(text, LongestPidFile, throwOnEndOfStream: false);
        if (!int.TryParse(Encoding.ASCII.GetString(text[..length]).Trim(), NumberStyles.None,
            CultureInfo.InvariantCulture, out var process) || process <= 0)
            return CheckFinding.Bad($"{path} holds no process number");
        return StateOf(process) switch
        {
            null => CheckFinding.Bad($"process {process} of {path} does not run"),
            { State: 'Z' or 'X' } => CheckFinding.Bad($"process {process} of {path} has ended, nobody collects it"),
            _ => CheckFinding.Good($"process {process} runs"),
        };
    }

    private static CheckFinding ByName(CheckLook look)
    {
        var name = look.Parameter(CheckParameters.Name);
        var least = int.Parse(look.Parameter(CheckParameters.LeastProcesses, "1"), CultureInfo.InvariantCulture);
        var found = 0;
        var dead = 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (look.Left == TimeSpan.Zero) throw new TimeoutException();
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var process)) continue;
            if (StateOf(process) is not { } state || !IsNamed(process, state.Name, name)) continue;
            if (state.State is 'Z' or 'X') dead++;
            else found++;
        }

        var zombies = dead > 0 ? $", {dead} have ended and nobody collects them" : "";
        return found >= least ? CheckFinding.Good(found == 1 ? "runs" : $"{found} run")
            : CheckFinding.Bad(found == 0 ? $"no process {name} runs{zombies}" : $"{found} of {least} run{zombies}");
    }

    private static bool IsNamed(int process, string known, string wanted)
    {
        if (known == wanted) return true;
        // Longer names are cut off, and a program may have given itself another.
        if (!wanted.StartsWith(known, StringComparison.Ordinal) && known.Length < LongestName
            && !known.Contains(wanted, StringComparison.Ordinal)) return false;
        try
        {
            return Path.GetFileName(new FileInfo($"/proc/{process}/exe").LinkTarget) == wanted;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // "123 (name) S ...": the name may hold anything, also brackets.
    private static (string Name, char State)? StateOf(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            var begin = text.IndexOf('(', StringComparison.Ordinal);
            var end = text.LastIndexOf(')');
            return begin < 0 || end < begin || end + 2 >= text.Length ? null : (text[(begin + 1)..end], text[end + 2]);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
