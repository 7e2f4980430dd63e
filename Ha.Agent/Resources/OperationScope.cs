using System.Globalization;
using System.Text;
using Ha.Agent.Interop;

namespace Ha.Agent.Resources;

/// <summary>
/// Everything that one operation starts, so that an operation that hangs can be ended whole: also what has left its
/// process group and session (setsid). Two marks: a control group where there is one, and an entry in the environment,
/// which a process inherits unless it is started with a clean one.
/// </summary>
internal sealed class OperationScope : IDisposable
{
    /// <summary>The entry of the environment.</summary>
    public const string Variable = "HA_OPERATION";

    /// <summary>A killed process may have started another just before: so often is looked again.</summary>
    private const int Rounds = 5;

    private static long last;

    private readonly ControlGroup? groups;
    private readonly string? group;
    private readonly byte[] mark;

    /// <summary>A new one, still empty.</summary>
    /// <param name="groups">Null: no control groups here.</param>
    public OperationScope(ControlGroup? groups)
    {
        this.groups = groups;
        group = groups?.Create();
        Entry = string.Create(CultureInfo.InvariantCulture,
            $"{Variable}={Environment.ProcessId}.{Environment.TickCount64}.{Interlocked.Increment(ref last)}");
        mark = Encoding.ASCII.GetBytes(Entry);
    }

    /// <summary>The NAME=value that belongs into the program's environment.</summary>
    public string Entry { get; }

    /// <summary>The program was started.</summary>
    public void Enter(int process)
    {
        if (group is not null) ControlGroup.Enter(group, process);
    }

    /// <summary>Kills all that is left of it, whatever it has become.</summary>
    public void Kill()
    {
        if (group is not null) ControlGroup.Kill(group);
        // What was started before the program was in its group is found by its environment.
        for (var round = 0; round < Rounds && KillMarked(); round++)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (group is not null) groups!.Remove(group);
    }

    private bool KillMarked()
    {
        var found = false;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var process)) continue;
            if (process <= 1 || process == Environment.ProcessId || !IsMarked(directory)) continue;
            found |= Libc.Kill(process, Libc.SignalKill) == 0;
        }

        return found;
    }

    private bool IsMarked(string directory)
    {
        try
        {
            // A dead process that nobody has collected yet has an empty environment.
            var environment = File.ReadAllBytes(Path.Combine(directory, "environ")).AsSpan();
            foreach (var entry in environment.Split((byte)0))
            {
                if (environment[entry].SequenceEqual(mark)) return true;
            }

            return false;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
