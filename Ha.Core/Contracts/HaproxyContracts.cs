namespace Ha.Core.Contracts;

/// <summary>
/// One <c>builtin:haproxy</c> resource as the node that tells sees it right now: from its processes, its runtime socket
/// (<c>show info</c>, <c>show stat</c>, <c>show servers state</c>) and the check of its configuration.
/// </summary>
public sealed record HaproxyStatus
{
    /// <summary>Id of the resource.</summary>
    public required string Resource { get; init; }

    /// <summary>The node that tells.</summary>
    public required string Node { get; init; }

    /// <summary>When it was read, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether its processes run here.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>What is wrong with what runs (it does not answer, a process is stopped), one sentence; null when
    /// nothing is, and when it does not run.</summary>
    public string? Problem { get; init; }

    /// <summary>Its configuration on this node, also where it does not run.</summary>
    public required HaproxyConfiguration Configuration { get; init; }

    /// <summary>The process; null when it does not run or does not answer.</summary>
    public HaproxyProcess? Process { get; init; }

    /// <summary>Frontends and <c>listen</c> sections in the order of the configuration.</summary>
    public ImmutableArray<HaproxyFrontend> Frontends { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Backends and <c>listen</c> sections in the order of the configuration.</summary>
    public ImmutableArray<HaproxyBackend> Backends { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>The configuration of a HAProxy on one node.</summary>
/// <param name="Path">Its main file.</param>
/// <param name="Hash">
/// SHA-256 over the main file and every file that it names (certificates, maps, lists, error pages), in lower-case
/// hexadecimal digits; null when it could not be read.
/// </param>
/// <param name="Problem">First error of <c>haproxy -c</c> with file and line; null when it is good.</param>
/// <param name="CheckedAt">When <c>haproxy -c</c> last ran, UTC; null when it has not yet.</param>
/// <param name="IsLoaded">
/// False when what runs was started or reloaded with other content than is on the disk now; null when it does not run,
/// or this was never seen.
/// </param>
public sealed record HaproxyConfiguration(
    string Path, string? Hash, string? Problem, DateTimeOffset? CheckedAt, bool? IsLoaded = null);

/// <summary>The worker that serves: <c>show info</c>.</summary>
public sealed record HaproxyProcess
{
    /// <summary>Version, for example <c>2.6.12-1+deb12u4</c>; empty when it does not tell.</summary>
    public required string Version { get; init; }

    /// <summary>Process id of the master; 0 when unknown.</summary>
    public required int MasterPid { get; init; }

    /// <summary>Process id of the worker; 0 when unknown.</summary>
    public required int Pid { get; init; }

    /// <summary>Seconds since the worker was started: also a reload begins anew.</summary>
    public required long UptimeSeconds { get; init; }

    /// <summary>Connections now.</summary>
    public required long Connections { get; init; }

    /// <summary>Most connections at once (<c>maxconn</c>).</summary>
    public required long MaxConnections { get; init; }

    /// <summary>Connections since its start.</summary>
    public required long ConnectionsTotal { get; init; }

    /// <summary>Requests since its start.</summary>
    public required long RequestsTotal { get; init; }

    /// <summary>New connections in the last second.</summary>
    public required long ConnectionRate { get; init; }

    /// <summary>New sessions in the last second.</summary>
    public required long SessionRate { get; init; }

    /// <summary>Share of time that it is idle, percent.</summary>
    public required int IdlePercent { get; init; }

    /// <summary>All that <c>show info</c> tells, by its own names; at most 200 of at most 200 characters.</summary>
    public required ImmutableSortedDictionary<string, string> Raw { get; init; }
}

/// <summary>What frontends, backends and servers count alike. All counters begin at the start of the worker.</summary>
public sealed record HaproxyTraffic
{
    /// <summary>Sessions now.</summary>
    public required long Sessions { get; init; }

    /// <summary>Most sessions at once so far.</summary>
    public required long SessionsMax { get; init; }

    /// <summary>Most sessions that are allowed; null when it has no limit.</summary>
    public long? SessionsLimit { get; init; }

    /// <summary>Sessions in all.</summary>
    public required long SessionsTotal { get; init; }

    /// <summary>New sessions in the last second.</summary>
    public required long SessionRate { get; init; }

    /// <summary>Requests in all; null where it is not HTTP.</summary>
    public long? RequestsTotal { get; init; }

    /// <summary>Bytes from clients.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Bytes to clients.</summary>
    public required long BytesOut { get; init; }

    /// <summary>Requests that were denied.</summary>
    public required long DeniedRequests { get; init; }

    /// <summary>Responses that were denied.</summary>
    public required long DeniedResponses { get; init; }

    /// <summary>Bad requests of clients.</summary>
    public required long RequestErrors { get; init; }

    /// <summary>Failed connections to servers.</summary>
    public required long ConnectionErrors { get; init; }

    /// <summary>Bad responses of servers.</summary>
    public required long ResponseErrors { get; init; }

    /// <summary>Connections tried again.</summary>
    public required long Retries { get; init; }

    /// <summary>Requests given to another server after a failure.</summary>
    public required long Redispatches { get; init; }

    /// <summary>HTTP responses by their first digit 1 to 5, then others; all zero where it is not HTTP.</summary>
    public required ImmutableArray<long> Responses { get; init; }
}

/// <summary>A frontend.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode"><c>http</c>, <c>tcp</c>, …; empty when it does not tell.</param>
/// <param name="Status"><c>OPEN</c>, <c>STOP</c>, …</param>
/// <param name="Traffic">What it has counted.</param>
public sealed record HaproxyFrontend(string Name, string Mode, string Status, HaproxyTraffic Traffic);

/// <summary>A backend.</summary>
public sealed record HaproxyBackend
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>http</c>, <c>tcp</c>, …; empty when it does not tell.</summary>
    public required string Mode { get; init; }

    /// <summary>How it chooses servers, for example <c>roundrobin</c>; empty when it does not tell.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Whether it has a server to send requests to.</summary>
    public required bool IsUp { get; init; }

    /// <summary>Servers in use, without backups.</summary>
    public required int ActiveServers { get; init; }

    /// <summary>Backup servers that could be used.</summary>
    public required int BackupServers { get; init; }

    /// <summary>Requests that wait for a server.</summary>
    public required long Queued { get; init; }

    /// <summary>Seconds since it last went up or down.</summary>
    public required long LastChangeSeconds { get; init; }

    /// <summary>Seconds that it was down in all.</summary>
    public required long DowntimeSeconds { get; init; }

    /// <summary>What it has counted.</summary>
    public required HaproxyTraffic Traffic { get; init; }

    /// <summary>Its servers in the order of the configuration.</summary>
    public required ImmutableArray<HaproxyServer> Servers { get; init; }
}

/// <summary>Whether a server gets requests.</summary>
public enum HaproxyServerState
{
    /// <summary>A word of another version: see <see cref="HaproxyServer.Status"/>.</summary>
    Unknown = 0,

    /// <summary>Its checks succeed.</summary>
    Up = 1,

    /// <summary>Its checks fail.</summary>
    Down = 2,

    /// <summary>It finishes what it has and gets no new sessions.</summary>
    Drain = 3,

    /// <summary>Taken out of service.</summary>
    Maintenance = 4,

    /// <summary>It is not checked, and gets requests.</summary>
    Unchecked = 5,
}

/// <summary>What an operator wants of a server.</summary>
public enum HaproxyServerAdmin
{
    /// <summary>In service.</summary>
    Ready = 0,

    /// <summary>No new sessions.</summary>
    Drain = 1,

    /// <summary>Out of service.</summary>
    Maintenance = 2,
}

/// <summary>A server of a backend.</summary>
public sealed record HaproxyServer
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Address and port; empty when it does not tell.</summary>
    public required string Address { get; init; }

    /// <summary>Whether it gets requests.</summary>
    public required HaproxyServerState State { get; init; }

    /// <summary>What it is set to over the runtime socket or in the configuration, whatever its checks say.</summary>
    public required HaproxyServerAdmin Admin { get; init; }

    /// <summary>The status in HAProxy's words, for example <c>UP 1/3</c> or <c>MAINT (via app/a)</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Weight in force, 0 to 256.</summary>
    public required int Weight { get; init; }

    /// <summary>Weight as configured or set by an operator; null when it does not tell.</summary>
    public int? UserWeight { get; init; }

    /// <summary>Used only when no other is up.</summary>
    public required bool IsBackup { get; init; }

    /// <summary>Requests that wait for it.</summary>
    public required long Queued { get; init; }

    /// <summary>Its checks; null when it is not checked.</summary>
    public HaproxyServerCheck? Check { get; init; }

    /// <summary>Seconds since it last went up or down.</summary>
    public required long LastChangeSeconds { get; init; }

    /// <summary>Seconds that it was down in all.</summary>
    public required long DowntimeSeconds { get; init; }

    /// <summary>Seconds since its last session; null when it had none.</summary>
    public long? LastSessionSeconds { get; init; }

    /// <summary>What it has counted.</summary>
    public required HaproxyTraffic Traffic { get; init; }
}

/// <summary>How HAProxy's own check of a server stands.</summary>
/// <param name="Result">Result of the last one, for example <c>L7OK</c> or <c>L4CON</c>.</param>
/// <param name="Description">The same in words; may be empty.</param>
/// <param name="Detail">What the server answered or the system said; may be empty.</param>
/// <param name="Code">Status code of the answer; null when it had none.</param>
/// <param name="DurationMs">How long it took; null when unknown.</param>
/// <param name="Failures">Failed checks since the start of the worker.</param>
/// <param name="TimesDown">How often it went down since then.</param>
public sealed record HaproxyServerCheck(
    string Result, string Description, string Detail, int? Code, long? DurationMs, long Failures, long TimesDown);
