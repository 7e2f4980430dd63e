using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ha.Core.Resources;

namespace Ha.Agent.Resources;

/// <summary>A virtual IP as configured, with what its parameters say about lease, announcements and probes.</summary>
internal sealed record VirtualIpSettings
{
    private static readonly ImmutableHashSet<string> Known =
    [
        "address", "ip", "prefix", "cidr_netmask", "interface", "nic", "label", "broadcast",
        .. VirtualIpNumbers.All.Select(number => number.Name),
    ];

    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Prefix length; null: of the route that covers the address.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>Interface; null: of the route that covers the address.</summary>
    public string? Interface { get; init; }

    /// <summary>IPv4 label such as <c>eth0:0</c>; null: none.</summary>
    public string? Label { get; init; }

    /// <summary>IPv4 broadcast address; null: the highest address of the network.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>Seconds that the kernel keeps the address without renewal; 0: for ever.</summary>
    public uint LeaseSeconds { get; init; } = (uint)VirtualIpNumbers.Lease.Preset;

    /// <summary>Announcements of a claim, the first included.</summary>
    public int AnnounceCount { get; init; } = VirtualIpNumbers.AnnounceCount.Preset;

    /// <summary>Time between two announcements of a claim.</summary>
    public TimeSpan AnnounceInterval { get; init; } =
        TimeSpan.FromMilliseconds(VirtualIpNumbers.AnnounceInterval.Preset);

    /// <summary>Time between two announcements afterwards; zero: none.</summary>
    public TimeSpan AnnounceRefresh { get; init; } = TimeSpan.FromSeconds(VirtualIpNumbers.AnnounceRefresh.Preset);

    /// <summary>How often it is asked for a foreign holder before a claim that can wait; 0: not at all.</summary>
    public int ConflictProbes { get; init; } = VirtualIpNumbers.ConflictProbes.Preset;

    /// <summary>Time after each such question.</summary>
    public TimeSpan ConflictInterval { get; init; } =
        TimeSpan.FromMilliseconds(VirtualIpNumbers.ConflictInterval.Preset);

    /// <summary>
    /// How long its interface may be without carrier; null: 500 ms for a bond or team, else not at all.
    /// </summary>
    public TimeSpan? CarrierDebounce { get; init; }

    /// <summary>Reads a resource's definition; null when it makes no sense, with the problem in words.</summary>
    public static VirtualIpSettings? Read(ResourceDefinition resource, out string problem)
    {
        var read = new Parameters(resource.Parameters);
        problem = resource.Parameters.Keys.FirstOrDefault(name => !Known.Contains(name)) is { } stranger
            ? $"builtin:vip has no parameter '{stranger}'; "
                + $"it has {string.Join(", ", Known.Order(StringComparer.Ordinal))}"
            : "";
        if (problem.Length > 0) return null;
        var vip = resource.Vip;
        var settings = new VirtualIpSettings
        {
            Address = read.Address("address", "ip", vip?.Address) ?? IPAddress.None,
            PrefixLength = read.Prefix() ?? vip?.PrefixLength,
            Interface = read.Text("interface", "nic") ?? vip?.Interface,
            Label = read.Text("label") ?? vip?.Label,
            Broadcast = read.Address("broadcast", null, vip?.Broadcast),
            LeaseSeconds = (uint)read.Number(VirtualIpNumbers.Lease),
            AnnounceCount = read.Number(VirtualIpNumbers.AnnounceCount),
            AnnounceInterval = TimeSpan.FromMilliseconds(read.Number(VirtualIpNumbers.AnnounceInterval)),
            AnnounceRefresh = TimeSpan.FromSeconds(read.Number(VirtualIpNumbers.AnnounceRefresh)),
            ConflictProbes = read.Number(VirtualIpNumbers.ConflictProbes),
            ConflictInterval = TimeSpan.FromMilliseconds(read.Number(VirtualIpNumbers.ConflictInterval)),
            CarrierDebounce = resource.Parameters.ContainsKey(VirtualIpNumbers.CarrierDebounce.Name)
                ? TimeSpan.FromMilliseconds(read.Number(VirtualIpNumbers.CarrierDebounce)) : null,
        };
        if (settings.Address.Equals(IPAddress.None)) read.Complain("it has no parameter 'address'");
        var six = settings.Address.AddressFamily == AddressFamily.InterNetworkV6;
        if (settings.PrefixLength is { } prefix && (prefix < 1 || prefix > (six ? 128 : 32)))
            read.Complain($"prefix {prefix} is not from 1 to {(six ? 128 : 32)}");
        problem = read.Problem;
        return problem.Length == 0 ? settings : null;
    }

    /// <summary>Reads values; keeps the first thing that is wrong.</summary>
    private sealed class Parameters(ImmutableSortedDictionary<string, string> values)
    {
        public string Problem { get; private set; } = "";

        public void Complain(string problem)
        {
            if (Problem.Length == 0) Problem = problem;
        }

        public string? Text(string name, string? otherName = null) =>
            values.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text
            : otherName is null ? null : Text(otherName);

        public IPAddress? Address(string name, string? otherName, string? preset)
        {
            if ((Text(name, otherName) ?? preset) is not { } text) return null;
            if (IPAddress.TryParse(text, out var address)) return address;
            Complain($"'{text}' is not an IP address; correct {name}");
            return null;
        }

        // cidr_netmask of ocf:heartbeat:IPaddr2 may be a mask.
        public int? Prefix()
        {
            if (Text("prefix", "cidr_netmask") is not { } text) return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)) return length;
            if (IPAddress.TryParse(text, out var mask) && mask.AddressFamily == AddressFamily.InterNetwork)
            {
                var bits = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(mask.GetAddressBytes());
                var ones = System.Numerics.BitOperations.LeadingZeroCount(~bits);
                if (ones == 32 || bits << ones == 0) return ones;
            }

            Complain($"'{text}' is neither a prefix length nor a net mask");
            return null;
        }

        public int Number(WholeNumber number)
        {
            if (Text(number.Name) is not { } text) return number.Preset;
            // Pacemaker's users write times with their unit.
            var digits = text.EndsWith("ms", StringComparison.Ordinal) ? text[..^2]
                : text.EndsWith('s') ? text[..^1] : text;
            if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= number.Least && value <= number.Most) return value;
            Complain($"{number.Name} '{text}' is not a whole number from {number.Least} to {number.Most}");
            return number.Preset;
        }
    }
}
