using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>
/// Reads what the runtime socket says: <c>show info</c>, <c>show stat</c> (CSV: a twentieth of the JSON form) and
/// <c>show servers state</c>. Columns are found by their names, so that other versions are read as far as they tell the
/// same; what is missing or no number is empty or zero.
/// </summary>
internal static class StatusText
{
    /// <summary>The commands whose answers are read here, in this order.</summary>
    public static readonly ImmutableArray<string> Commands = ["show info", "show stat", "show servers state"];

    private const int MostRaw = 200;
    private const int LongestText = 200;
    private const int MostRows = 20_000;

    /// <summary>Reads the answer to <see cref="Commands"/>.</summary>
    /// <param name="answer">All answers, one after the other.</param>
    /// <param name="master">Process id of the master.</param>
    /// <param name="status">Gets process, frontends and backends.</param>
    public static HaproxyStatus Read(string answer, int master, HaproxyStatus status)
    {
        var info = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var proxies = new Proxies();
        StatRow? header = null;
        ImmutableArray<string> stateColumns = [];
        var rows = 0;
        foreach (var line in answer.Split('\n').Select(static line => line.TrimEnd('\r')))
        {
            if (line.StartsWith("# pxname,", StringComparison.Ordinal)) header = new StatRow(Fields(line[2..]), null);
            else if (line.StartsWith("# be_id ", StringComparison.Ordinal)) stateColumns = [.. line[2..].Split(' ')];
            else if (line.Length == 0 || rows++ > MostRows) continue;
            else if (!stateColumns.IsEmpty) proxies.TakeState(stateColumns, line.Split(' '));
            else if (header is not null) proxies.Take(new StatRow(Fields(line), header));
            else if (line.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon && info.Count < MostRaw)
                info[Shortened(line[..colon])] = Shortened(line[(colon + 2)..]);
        }

        return status with
        {
            Process = info.Count == 0 ? null : Process(info, master),
            Frontends = proxies.Frontends,
            Backends = proxies.Backends,
        };
    }

    /// <summary>A number; zero when it is none.</summary>
    public static long Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>A number that fits, or the nearest.</summary>
    public static int Small(long number) => (int)Math.Clamp(number, int.MinValue, int.MaxValue);

    /// <summary>A text of bounded length.</summary>
    public static string Shortened(string text) => text.Length <= LongestText ? text : text[..LongestText];

    private static HaproxyProcess Process(SortedDictionary<string, string> info, int master)
    {
        long Number(string name) => StatusText.Number(info.GetValueOrDefault(name));
        return new HaproxyProcess
        {
            Version = info.GetValueOrDefault("Version", ""),
            MasterPid = master,
            Pid = Small(Number("Pid")),
            UptimeSeconds = Number("Uptime_sec"),
            Connections = Number("CurrConns"),
            MaxConnections = Number("Maxconn"),
            ConnectionsTotal = Number("CumConns"),
            RequestsTotal = Number("CumReq"),
            ConnectionRate = Number("ConnRate"),
            SessionRate = Number("SessRate"),
            IdlePercent = Small(Number("Idle_pct")),
            Raw = info.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    // Texts may be quoted, with doubled quotes inside.
    private static ImmutableArray<string> Fields(string line)
    {
        var fields = ImmutableArray.CreateBuilder<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(line[i]);
        }

        fields.Add(field.ToString());
        return fields.ToImmutable();
    }
}
