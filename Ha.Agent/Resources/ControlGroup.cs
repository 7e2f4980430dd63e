using System.Globalization;

namespace Ha.Agent.Resources;

/// <summary>
/// Where operations get a control group (cgroup v2) of their own, below the one that this agent runs in. A process can
/// leave its process group and its session, but not its control group. Without cgroup v2, or without the right to make
/// groups in it, there is none, and a descendant is known by its environment only (<see cref="OperationScope"/>).
/// </summary>
internal sealed class ControlGroup
{
    private const string Prefix = "ha-operation-";
    private const int SweptAtOnce = 16;

    // Of the whole process: two operations never share a group.
    private static long last;

    private readonly Lock gate = new();
    private readonly Queue<string> populated = new();
    private readonly string parent;

    private ControlGroup(string parent) => this.parent = parent;

    /// <summary>The control group of this process; null when no groups can be made in it.</summary>
    public static ControlGroup? Open()
    {
        if (OwnDirectory() is not { } directory) return null;
        SweepOfEarlierLives(directory);
        var group = new ControlGroup(directory);
        if (group.Create() is not { } trial) return null;
        var kills = File.Exists(Path.Combine(trial, "cgroup.kill"));
        group.Remove(trial);
        return kills ? group : null;
    }

    /// <summary>Makes a group for one operation; null when the kernel refuses it.</summary>
    /// <returns>Its directory.</returns>
    public string? Create()
    {
        var number = Interlocked.Increment(ref last);
        var directory = Path.Combine(
            parent, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{number}"));
        try
        {
            Directory.CreateDirectory(directory);
            return directory;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Puts a process and all that it will start into a group.</summary>
    /// <returns>False when it was not possible: it has ended, or the kernel refuses.</returns>
    public static bool Enter(string directory, int process) =>
        Write(Path.Combine(directory, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));

    /// <summary>Kills everything in a group, also what it starts at this moment.</summary>
    public static bool Kill(string directory) => Write(Path.Combine(directory, "cgroup.kill"), "1");

    /// <summary>
    /// The operation is over. A group in which a daemon goes on stays until that has ended; each call looks after a
    /// few of those as well.
    /// </summary>
    public void Remove(string directory)
    {
        if (!TryRemove(directory))
        {
            lock (gate) populated.Enqueue(directory);
        }

        Sweep();
    }

    /// <summary>Removes groups whose last process has ended, a few at once.</summary>
    public void Sweep()
    {
        lock (gate)
        {
            for (var left = Math.Min(populated.Count, SweptAtOnce); left > 0; left--)
            {
                var oldest = populated.Dequeue();
                if (!TryRemove(oldest)) populated.Enqueue(oldest);
            }
        }
    }

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Groups of agents that are gone, in which nothing runs any more.</summary>
    private static void SweepOfEarlierLives(string directory)
    {
        foreach (var group in Directory.EnumerateDirectories(directory, Prefix + "*").ToList())
        {
            var owner = Path.GetFileName(group)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{owner}")) TryRemove(group);
        }
    }

    private static bool Write(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Mount point of cgroup v2 and the path of this process in it, joined; null without cgroup v2.</summary>
    private static string? OwnDirectory()
    {
        const string unified = "0::";
        var own = File.ReadLines("/proc/self/cgroup")
            .FirstOrDefault(static line => line.StartsWith(unified, StringComparison.Ordinal));
        // Fields: id parent device root mount-point options… - type source options.
        var mount = File.ReadLines("/proc/self/mountinfo")
            .Select(static line => line.Split(' '))
            .FirstOrDefault(static fields => fields.SkipWhile(static f => f != "-").ElementAtOrDefault(1) == "cgroup2");
        if (own is null || mount is null) return null;
        var path = own[unified.Length..];
        if (mount[3] != "/" && path.StartsWith(mount[3], StringComparison.Ordinal)) path = path[mount[3].Length..];
        var directory = Path.Join(mount[4], path);
        return Directory.Exists(directory) ? directory : null;
    }
}
