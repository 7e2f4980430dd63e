using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ha.Agent.Interop;
using Microsoft.Win32.SafeHandles;

namespace Ha.Agent.Resources;

/// <summary>
/// Which scripts of this node run right now, one line each in a file of the runtime directory. When the agent is killed,
/// a start or stop that it had begun works on: the next life must end it before it finds out what runs, or the result
/// changes behind its back. Daemons that scripts have started are not in the file and stay.
/// </summary>
/// <remarks>
/// Hundreds of scripts may run each second: a note is one write into a place that stays, so that nothing of it is half
/// written when the agent is killed, and one more when the script has ended.
/// </remarks>
/// <param name="path">The file: lives as long as the machine is up, like the processes it names.</param>
internal sealed class RunningScripts(string path) : IDisposable
{
    /// <summary>Length of a line with its end; a longer command is cut.</summary>
    internal const int LineBytes = 256;

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);
    private static readonly byte[] NoLine = Line("");

    private readonly Lock gate = new();
    private readonly List<int> lines = [];
    private SafeFileHandle? file;

    /// <summary>A script runs. Its group has the same number as the process.</summary>
    public void Add(int process, string command)
    {
        int line;
        lock (gate)
        {
            line = lines.IndexOf(0);
            if (line < 0)
            {
                line = lines.Count;
                lines.Add(0);
            }

            lines[line] = process;
        }

        Write(line, Line(string.Create(CultureInfo.InvariantCulture, $"{process} {StartTime(process)} {command}")));
    }

    /// <summary>It has ended.</summary>
    public void Remove(int process)
    {
        int line;
        lock (gate) line = lines.IndexOf(process);
        if (line < 0) return;
        // Only then may somebody else write there.
        Write(line, NoLine);
        lock (gate) lines[line] = 0;
    }

    /// <summary>Kills what an earlier life has left at work, whole process groups, and waits for their end.</summary>
    /// <returns>What was ended, for the log.</returns>
    public ImmutableArray<string> EndLeftOvers()
    {
        if (!File.Exists(path)) return [];
        var ended = ImmutableArray.CreateBuilder<string>();
        foreach (var line in File.ReadAllLines(path))
        {
            if (line.TrimEnd().Split(' ', 3) is [var process, var started, var command]
                && int.TryParse(process, CultureInfo.InvariantCulture, out var number) && End(number, started))
                ended.Add(command);
        }

        File.Delete(path);
        return ended.ToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private static byte[] Line(string text)
    {
        var line = new byte[LineBytes];
        Array.Fill(line, (byte)' ');
        line[^1] = (byte)'\n';
        var bytes = Encoding.UTF8.GetBytes(text.Replace('\n', ' '));
        bytes.AsSpan(0, Math.Min(bytes.Length, LineBytes - 1)).CopyTo(line);
        return line;
    }

    private void Write(int line, byte[] text)
    {
        try
        {
            RandomAccess.Write(Opened(), text, (long)line * LineBytes);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException
            or ObjectDisposedException)
        {
            // A full or read-only disk, or the agent ends: a stop must work all the same. Only a killed agent would
            // miss the note, and one that stays names a process with its start time: it harms nobody.
        }
    }

    private SafeFileHandle Opened()
    {
        lock (gate)
        {
            return file ??= File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        }
    }

    private static bool End(int process, string startTime)
    {
        // Process numbers are used again: only the one that was started then is meant.
        if (process <= 1 || StartTime(process) != startTime) return false;
        var exit = Libc.OpenProcess(process);
        _ = Libc.Kill(-process, Libc.SignalKill);
        if (exit >= 0) AwaitEnd(exit);
        return true;
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
        const int longest = 1024;
        Span<byte> stat = stackalloc byte[longest];
        try
        {
            using var status = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            // Field 22; fields are counted after the name, which may hold blanks and brackets itself.
            var text = Encoding.ASCII.GetString(stat[..RandomAccess.Read(status, stat, 0)]);
            return text[(text.LastIndexOf(')') + 2)..].Split(' ')[19];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
