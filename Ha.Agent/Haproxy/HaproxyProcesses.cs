using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Ha.Agent.Interop;

namespace Ha.Agent.Haproxy;

/// <summary>
/// All processes of one HAProxy at one moment, found by the master socket on their command lines: so it does not matter
/// which life of the agent has started them, nor whether somebody has reloaded it.
/// </summary>
/// <param name="all">They, in the order of their numbers.</param>
/// <param name="stranger">Number of a process with the same configuration in the same network that is none of them;
/// 0 when there is none.</param>
internal sealed class HaproxyProcesses(ImmutableArray<RunningProcess> all, int stranger) : IDisposable
{
    private const int KillRounds = 10;

    /// <summary>A killed process gets so long at least, however late it is.</summary>
    private static readonly TimeSpan ShortestKill = TimeSpan.FromSeconds(1);

    /// <summary>Masters, workers and former workers.</summary>
    public ImmutableArray<RunningProcess> All { get; } = all;

    /// <summary>Number of an HAProxy with the same configuration that was not started by an agent; 0: none.</summary>
    public int Stranger { get; } = stranger;

    /// <summary>The master: the parent of others, or the only process; null when there is none.</summary>
    public RunningProcess? Master =>
        All.FirstOrDefault(one => All.Any(other => other.Parent == one.Id) && !one.HasEnded);

    /// <summary>Workers of the master, former ones too.</summary>
    public IEnumerable<RunningProcess> Workers => Master is { } master
        ? All.Where(one => one.Parent == master.Id && !one.HasEnded) : [];

    /// <summary>Finds them.</summary>
    public static HaproxyProcesses Find(HaproxySettings settings)
    {
        var all = ImmutableArray.CreateBuilder<RunningProcess>();
        var stranger = 0;
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture,
                out var id)) continue;
            var arguments = RunningProcess.CommandLine(id);
            if (RunningProcess.Belongs(arguments, settings.Socket))
            {
                if (RunningProcess.Open(id, settings.Socket) is { } found) all.Add(found);
            }
            else if (stranger == 0 && Serves(id, arguments, settings))
            {
                stranger = id;
            }
        }

        all.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return new HaproxyProcesses(all.ToImmutable(), stranger);
    }

    /// <summary>Kills all that is left of an HAProxy, also what is started meanwhile.</summary>
    /// <returns>Null when nothing is left, else who does not end.</returns>
    public static string? Kill(HaproxySettings settings, TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        for (var round = 0; round < KillRounds; round++)
        {
            using var found = Find(settings);
            if (found.All.IsEmpty) return null;
            foreach (var one in found.All) one.Signal(Libc.SignalKill);
            var left = limit - Stopwatch.GetElapsedTime(begin);
            if (found.AwaitEnd(left > ShortestKill ? left : ShortestKill) is not { } hangs) continue;
            return $"process {hangs.Id} of HAProxy does not end although it was killed (SIGKILL): it hangs in the kernel";
        }

        return $"HAProxy comes back as often as it is killed: something else on this host starts it with the socket "
            + $"{settings.Socket}";
    }

    /// <summary>Waits for the end of all.</summary>
    /// <returns>One that has not ended within the limit; null when all have.</returns>
    public RunningProcess? AwaitEnd(TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        foreach (var one in All)
        {
            if (!one.EndsWithin(limit - Stopwatch.GetElapsedTime(begin))) return one;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in All) one.Dispose();
    }

    // In another network it is another node's, or a container's.
    private static bool Serves(int id, string[] arguments, HaproxySettings settings)
    {
        var at = Array.IndexOf(arguments, settings.Config);
        if (at < 1 || arguments[at - 1] is not ("-f" or "--")) return false;
        return Path.GetFileName(arguments[0]).Contains("haproxy", StringComparison.Ordinal)
            && !arguments.Contains("-c") && Network($"/proc/{id}") == Network("/proc/thread-self");
    }

    private static string? Network(string process)
    {
        try
        {
            return new FileInfo(process + "/ns/net").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
