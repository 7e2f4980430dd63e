using System.Collections.Immutable;
using System.Globalization;
using Ha.Agent.Interop;

namespace Ha.Agent.Resources;

/// <summary>
/// Which scripts of this node run right now, one small file each in the runtime directory. When the agent is killed, a
/// start or stop that it had begun works on: the next life must end it before it finds out what runs, or the result
/// changes behind its back. Daemons that scripts have started are not in the list and stay.
/// </summary>
/// <param name="directory">Lives as long as the machine is up, like the processes it names.</param>
internal sealed class RunningScripts(string directory)
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    /// <summary>A script runs. Its group has the same number as the process.</summary>
    public void Add(int process, string command)
    {
        try
        {
            Directory.CreateDirectory(directory);
            // Under another name first: a note that a killed agent left half written would name nobody.
            var unfinished = PathOf(process) + ".new";
            File.WriteAllText(unfinished, $"{StartTime(process)}\n{command}\n");
            File.Move(unfinished, PathOf(process), overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A full or read-only disk: a stop must work all the same. Only a killed agent would miss the note.
        }
    }

    /// <summary>It has ended.</summary>
    public void Remove(int process)
    {
        try
        {
            File.Delete(PathOf(process));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The note names a process with its start time: left behind, it harms nobody.
        }
    }

    /// <summary>Kills what an earlier life has left at work, whole process groups, and waits for their end.</summary>
    /// <returns>What was ended, for the log.</returns>
    public ImmutableArray<string> EndLeftOvers()
    {
        if (!Directory.Exists(directory)) return [];
        var ended = ImmutableArray.CreateBuilder<string>();
        foreach (var file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).ToList())
        {
            if (End(file) is { } command) ended.Add(command);
            File.Delete(file);
        }

        return ended.ToImmutable();
    }

    private static string? End(string file)
    {
        if (!int.TryParse(Path.GetFileName(file), CultureInfo.InvariantCulture, out var process)) return null;
        if (process <= 1) return null;
        var lines = File.ReadAllLines(file);
        // Process numbers are used again: only the one that was started then is meant.
        if (lines.Length < 2 || StartTime(process) is not { } started || lines[0] != started) return null;
        var exit = Libc.OpenProcess(process);
        _ = Libc.Kill(-process, Libc.SignalKill);
        if (exit >= 0) AwaitEnd(exit);
        return lines[1];
    }

    private static unsafe void AwaitEnd(int exit)
    {
        var entry = new PollEntry { Descriptor = exit, Events = Libc.PollIn };
        _ = Libc.Poll(&entry, 1, (int)LongestEnd.TotalMilliseconds);
        _ = Libc.Close(exit);
    }

    /// <summary>
    /// When a process was started, in the kernel's own clock ticks; null when there is none of that number.
    /// </summary>
    private static string? StartTime(int process)
    {
        try
        {
            // Field 22; fields are counted after the name, which may hold blanks and brackets itself.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private string PathOf(int process) => Path.Combine(directory, process.ToString(CultureInfo.InvariantCulture));
}
