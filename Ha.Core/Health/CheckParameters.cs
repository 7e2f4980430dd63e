namespace Ha.Core.Health;

/// <summary>What the value of a parameter of a check is.</summary>
public enum CheckValue
{
    /// <summary>Any text that is not empty.</summary>
    Text,

    /// <summary>An IPv4 or IPv6 address.</summary>
    Address,

    /// <summary>A network interface.</summary>
    Interface,

    /// <summary>A whole number between bounds.</summary>
    Number,

    /// <summary>An absolute path.</summary>
    Path,

    /// <summary>One of some words.</summary>
    Word,

    /// <summary>A length of time.</summary>
    Duration,

    /// <summary>An http or https URL.</summary>
    Url,

    /// <summary>HTTP status codes: <c>200</c>, <c>200-399</c>, <c>200,204</c>.</summary>
    Status,

    /// <summary>A host name.</summary>
    HostName,
}

/// <summary>One parameter that a kind of check has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What its value is.</param>
/// <param name="Example">A value that is right, for messages.</param>
/// <param name="Required">Whether there is no check without it.</param>
public sealed record CheckParameter(string Name, CheckValue Value, string Example, bool Required = false)
{
    /// <summary>Least number.</summary>
    public long Least { get; init; }

    /// <summary>Greatest number.</summary>
    public long Most { get; init; }

    /// <summary>The words.</summary>
    public ImmutableArray<string> Words { get; init; } = [];
}

/// <summary>Which parameters each kind of check has: reader, agent and documentation follow this list.</summary>
public static class CheckParameters
{
    /// <summary>Address that is looked at.</summary>
    public const string Address = "address";

    /// <summary>TCP or UDP port.</summary>
    public const string Port = "port";

    /// <summary>Interface that packets leave by.</summary>
    public const string Interface = "interface";

    /// <summary>Own address that packets come from.</summary>
    public const string Source = "source";

    /// <summary>URL of an HTTP check.</summary>
    public const string Url = "url";

    /// <summary>HTTP status codes that are good.</summary>
    public const string Status = "status";

    /// <summary>Text that must be found.</summary>
    public const string Contains = "contains";

    /// <summary>Whether the certificate must be trusted.</summary>
    public const string Verify = "verify";

    /// <summary>File of the certificate authority that is trusted.</summary>
    public const string Authority = "ca";

    /// <summary>How many days the certificate must still be valid.</summary>
    public const string Days = "days";

    /// <summary>DNS server.</summary>
    public const string Server = "server";

    /// <summary>Name that is asked for, or of a process.</summary>
    public const string Name = "name";

    /// <summary>Type of DNS record.</summary>
    public const string Record = "record";

    /// <summary>Address that must be among the answers.</summary>
    public const string Answer = "answer";

    /// <summary>File with the number of a process.</summary>
    public const string PidFile = "pidFile";

    /// <summary>Fewest processes.</summary>
    public const string LeastProcesses = "least";

    /// <summary>Name of a systemd unit.</summary>
    public const string Unit = "unit";

    /// <summary>Path of a file or program.</summary>
    public const string Path = "path";

    /// <summary>Whether a file must be there or not.</summary>
    public const string State = "state";

    /// <summary>How old a file may be.</summary>
    public const string MaxAge = "maxAge";

    /// <summary>The word for a file that must not be there.</summary>
    public const string Absent = "absent";

    /// <summary>Status codes that are good when nothing else is said.</summary>
    public const string DefaultStatus = "200-399";

    private static readonly CheckParameter InterfaceOut = new(Interface, CheckValue.Interface, "eth0");
    private static readonly CheckParameter SourceAddress = new(Source, CheckValue.Address, "192.168.1.202");

    private static readonly ImmutableArray<ImmutableArray<CheckParameter>> Known =
    [
        // In the order of CheckKind.
        [new(Address, CheckValue.Address, "192.168.1.2", Required: true), InterfaceOut, SourceAddress],
        [
            new(Address, CheckValue.Address, "127.0.0.1", Required: true),
            new(Port, CheckValue.Number, "5432", Required: true) { Least = 1, Most = 65535 },
            InterfaceOut, SourceAddress,
        ],
        [
            new(Url, CheckValue.Url, "http://127.0.0.1:8080/health", Required: true),
            new(Address, CheckValue.Address, "127.0.0.1"),
            new(Status, CheckValue.Status, "200-399"),
            new(Contains, CheckValue.Text, "ok"),
            new(Verify, CheckValue.Word, "false") { Words = ["true", "false"] },
            new(Authority, CheckValue.Path, "/etc/ssl/certs/company.pem"),
            new(Days, CheckValue.Number, "14") { Least = 0, Most = 3650 },
            InterfaceOut, SourceAddress,
        ],
        [
            new(Server, CheckValue.Address, "192.168.1.2", Required: true),
            new(Name, CheckValue.HostName, "www.example.org", Required: true),
            new(Record, CheckValue.Word, "a")
            {
                Words = ["a", "aaaa", "ns", "cname", "soa", "ptr", "mx", "txt", "srv"],
            },
            new(Answer, CheckValue.Address, "192.168.1.100"),
            new(Port, CheckValue.Number, "53") { Least = 1, Most = 65535 },
            InterfaceOut, SourceAddress,
        ],
        [
            new(Name, CheckValue.Text, "haproxy"),
            new(PidFile, CheckValue.Path, "/run/haproxy.pid"),
            new(LeastProcesses, CheckValue.Number, "1") { Least = 1, Most = 1000 },
        ],
        [new(Unit, CheckValue.Text, "nginx", Required: true)],
        [
            new(Path, CheckValue.Path, "/run/ready", Required: true),
            new(State, CheckValue.Word, Absent) { Words = ["exists", Absent] },
            new(MaxAge, CheckValue.Duration, "5min"),
            new(Contains, CheckValue.Text, "ok"),
        ],
        [new(Path, CheckValue.Path, "/usr/local/bin/look", Required: true)],
    ];

    /// <summary>The parameters of a kind, in the order of the documentation.</summary>
    public static ImmutableArray<CheckParameter> Of(CheckKind kind) => Known[(int)kind];
}
