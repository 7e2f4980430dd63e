using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ha.Agent.Resources;
using Ha.Core.Contracts;

namespace Ha.Agent.Hooks;

/// <summary>Which programs an event calls, and what they are told.</summary>
/// <param name="directory">
/// Programs in it are called for every event, those in a folder of it that bears an event kind's name (for example
/// <c>nodeDead</c>) for that kind.
/// </param>
/// <param name="variables">NAME=value entries that every program of this agent gets.</param>
internal sealed class HookPrograms(string directory, ImmutableArray<string> variables)
{
    /// <summary>Programs that one event calls at most.</summary>
    public const int MaxPrograms = 64;

    private static readonly EnumerationOptions Plain = new() { IgnoreInaccessible = true };

    /// <summary>The kind of an event as configuration, folders and environment write it.</summary>
    public static string Word(EventKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <summary>Paths of the programs for an event, in the order of their file names.</summary>
    public ImmutableArray<string> For(EventKind kind) =>
    [
        .. Files(directory).Concat(Files(Path.Combine(directory, Word(kind))))
            .OrderBy(static path => Path.GetFileName(path), StringComparer.Ordinal)
            .ThenBy(static path => path, StringComparer.Ordinal)
            .Take(MaxPrograms),
    ];

    /// <summary>The whole environment of a program that an event calls.</summary>
    public IReadOnlyList<string> Environment(ClusterEvent happened)
    {
        var all = new List<string>(variables);
        void Add(string name, string value) => all.Add($"{name}={value.Replace("\0", "", StringComparison.Ordinal)}");
        AddHeartbeats(happened, Add);
        Add("HA_EVENT_ID", happened.Id);
        Add("HA_EVENT_KIND", Word(happened.Kind));
        Add("HA_EVENT_SEVERITY", JsonNamingPolicy.CamelCase.ConvertName(happened.Severity.ToString()));
        Add("HA_EVENT_SUBJECT", happened.Subject);
        Add("HA_EVENT_NODE", happened.Node);
        Add("HA_EVENT_TIME",
            happened.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        Add("HA_EVENT_SENTENCE", happened.Sentence);
        Add("HA_EVENT_TRANSITION", happened.TransitionId ?? "");
        foreach (var (name, value) in happened.Data) Add("HA_EVENT_DATA_" + Upper(name), value);
        return all;
    }

    /// <summary>
    /// The names that Heartbeat's own scripts (rc.d) know: message type, whom it is about, and its status.
    /// </summary>
    private static void AddHeartbeats(ClusterEvent happened, Action<string, string> add)
    {
        var status = happened.Kind switch
        {
            EventKind.NodeDead or EventKind.NodeLeft => "dead",
            EventKind.NodeHeard or EventKind.NodeRestarted or EventKind.PartitionHealed => "up",
            EventKind.NodeStatus => happened.Data.GetValueOrDefault("status", ""),
            _ => "",
        };
        add("HA_t", status.Length > 0 ? "status" : "event");
        add("HA_src", status.Length > 0 ? happened.Subject : happened.Node);
        add("HA_st", status);
        add("HA_info", happened.Sentence);
    }

    private static string Upper(string name)
    {
        var upper = new StringBuilder(name.Length);
        foreach (var c in name) upper.Append(char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_');
        return upper.ToString();
    }

    /// <summary>Executable files; what editors and packages leave beside them does not count.</summary>
    private static IEnumerable<string> Files(string folder)
    {
        const UnixFileMode executable =
            UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!Directory.Exists(folder)) return [];
        return Directory.EnumerateFiles(folder, "*", Plain).Where(static path =>
            Path.GetFileName(path) is { } name && name[0] != '.' && name[^1] != '~'
            && !name.Contains(".dpkg-", StringComparison.Ordinal)
            && ((ProgramFile.Mode(path) ?? UnixFileMode.None) & executable) != UnixFileMode.None);
    }
}
