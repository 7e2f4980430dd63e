using System.Collections.Immutable;
using Ha.Core.Contracts;

namespace Ha.Agent.Haproxy;

/// <summary>One line of <c>show stat</c>, its fields found by the names in the first line.</summary>
internal sealed class StatRow
{
    private readonly ImmutableArray<string> fields;
    private readonly Dictionary<string, int> columns;

    /// <summary>Takes a line apart already.</summary>
    /// <param name="fields">Its fields.</param>
    /// <param name="header">The first line; null when this is it.</param>
    public StatRow(ImmutableArray<string> fields, StatRow? header)
    {
        this.fields = fields;
        columns = header?.columns ?? [];
        if (header is not null) return;
        for (var i = 0; i < fields.Length; i++) columns.TryAdd(fields[i], i);
    }

    /// <summary>A text; empty when there is none.</summary>
    public string Text(string column) => columns.TryGetValue(column, out var at) && at < fields.Length
        ? StatusText.Shortened(fields[at]) : "";

    /// <summary>A number; zero when there is none.</summary>
    public long Number(string column) => StatusText.Number(Text(column));

    /// <summary>A number; null when there is none.</summary>
    public long? NumberOrNone(string column) => Text(column).Length > 0 ? Number(column) : null;

    /// <summary>What it has counted.</summary>
    public HaproxyTraffic Traffic() => new()
    {
        Sessions = Number("scur"),
        SessionsMax = Number("smax"),
        SessionsLimit = NumberOrNone("slim"),
        SessionsTotal = Number("stot"),
        SessionRate = Number("rate"),
        RequestsTotal = NumberOrNone("req_tot"),
        BytesIn = Number("bin"),
        BytesOut = Number("bout"),
        DeniedRequests = Number("dreq"),
        DeniedResponses = Number("dresp"),
        RequestErrors = Number("ereq"),
        ConnectionErrors = Number("econ"),
        ResponseErrors = Number("eresp"),
        Retries = Number("wretr"),
        Redispatches = Number("wredis"),
        Responses =
        [
            Number("hrsp_1xx"), Number("hrsp_2xx"), Number("hrsp_3xx"), Number("hrsp_4xx"), Number("hrsp_5xx"),
            Number("hrsp_other"),
        ],
    };
}

/// <summary>Frontends, backends and servers as their lines come.</summary>
internal sealed class Proxies
{
    // Bits of srv_admin_state: set by a command, by configuration, or through the server that it tracks.
    private const int AnyMaintenance = 0x07, AnyDrain = 0x18;

    private readonly ImmutableArray<HaproxyFrontend>.Builder frontends =
        ImmutableArray.CreateBuilder<HaproxyFrontend>();

    private readonly List<HaproxyBackend> backends = [];
    private readonly Dictionary<string, List<HaproxyServer>> servers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, string), HaproxyServerAdmin> states = [];

    public ImmutableArray<HaproxyFrontend> Frontends => frontends.ToImmutable();

    public ImmutableArray<HaproxyBackend> Backends =>
    [
        .. backends.Select(backend => backend with
        {
            Servers =
            [
                .. servers.GetValueOrDefault(backend.Name, []).Select(server => server with
                {
                    Admin = states.TryGetValue((backend.Name, server.Name), out var admin) ? admin : server.Admin,
                }),
            ],
        }),
    ];

    /// <summary>Takes a line of <c>show stat</c>.</summary>
    public void Take(StatRow row)
    {
        var (proxy, name) = (row.Text("pxname"), row.Text("svname"));
        if (proxy.Length == 0) return;
        switch (row.Text("type"))
        {
            case "0":
                frontends.Add(new HaproxyFrontend(proxy, row.Text("mode"), row.Text("status"), row.Traffic()));
                break;
            case "1":
                backends.Add(Backend(proxy, row));
                break;
            case "2":
                if (!servers.TryGetValue(proxy, out var list)) servers.Add(proxy, list = []);
                list.Add(Server(name, row));
                break;
            default:
                // A listening socket of a frontend, or what another version has invented.
                break;
        }
    }

    /// <summary>Takes a line of <c>show servers state</c>.</summary>
    public void TakeState(ImmutableArray<string> columns, string[] words)
    {
        string? Word(string column) => columns.IndexOf(column) is >= 0 and var at && at < words.Length
            ? words[at] : null;
        if (Word("be_name") is not { } backend || Word("srv_name") is not { } server
            || Word("srv_admin_state") is not { } text) return;
        var bits = StatusText.Number(text);
        states[(backend, server)] = (bits & AnyMaintenance) != 0 ? HaproxyServerAdmin.Maintenance
            : (bits & AnyDrain) != 0 ? HaproxyServerAdmin.Drain : HaproxyServerAdmin.Ready;
    }

    private static HaproxyBackend Backend(string name, StatRow row) => new()
    {
        Name = name,
        Mode = row.Text("mode"),
        Algorithm = row.Text("algo"),
        IsUp = row.Text("status").StartsWith("UP", StringComparison.Ordinal),
        ActiveServers = StatusText.Small(row.Number("act")),
        BackupServers = StatusText.Small(row.Number("bck")),
        Queued = row.Number("qcur"),
        LastChangeSeconds = row.Number("lastchg"),
        DowntimeSeconds = row.Number("downtime"),
        Traffic = row.Traffic(),
        Servers = [],
    };

    private static HaproxyServer Server(string name, StatRow row)
    {
        var status = row.Text("status");
        var state = State(status);
        return new HaproxyServer
        {
            Name = name,
            Address = row.Text("addr"),
            State = state,
            Admin = state switch
            {
                HaproxyServerState.Drain => HaproxyServerAdmin.Drain,
                HaproxyServerState.Maintenance => HaproxyServerAdmin.Maintenance,
                HaproxyServerState.Unknown or HaproxyServerState.Up or HaproxyServerState.Down
                    or HaproxyServerState.Unchecked => HaproxyServerAdmin.Ready,
            },
            Status = status,
            Weight = StatusText.Small(row.Number("weight")),
            UserWeight = row.NumberOrNone("uweight") is { } weight ? StatusText.Small(weight) : null,
            IsBackup = row.Number("bck") == 1,
            Queued = row.Number("qcur"),
            Check = row.Text("check_status") is { Length: > 0 } result ? Check(result, row) : null,
            LastChangeSeconds = row.Number("lastchg"),
            DowntimeSeconds = row.Number("downtime"),
            LastSessionSeconds = row.NumberOrNone("lastsess") is >= 0 and var last ? last : null,
            Traffic = row.Traffic(),
        };
    }

    private static HaproxyServerCheck Check(string result, StatRow row) => new(
        result.TrimStart('*', ' '), row.Text("check_desc"), row.Text("last_chk"),
        row.NumberOrNone("check_code") is { } code ? StatusText.Small(code) : null,
        row.NumberOrNone("check_duration"), row.Number("chkfail"), row.Number("chkdown"));

    private static HaproxyServerState State(string status) => status.Split(' ', 2)[0] switch
    {
        "UP" => HaproxyServerState.Up,
        "DOWN" => HaproxyServerState.Down,
        "DRAIN" or "NOLB" => HaproxyServerState.Drain,
        "MAINT" => HaproxyServerState.Maintenance,
        "no" => HaproxyServerState.Unchecked,
        _ => HaproxyServerState.Unknown,
    };
}
