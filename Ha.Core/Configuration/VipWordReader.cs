using System.Globalization;
using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>Reads addresses: <c>ip[/mask[/iface[:label][/broadcast]]]</c> or <c>ip/mask/broadcast</c>.</summary>
internal sealed class VipWordReader(HostFacts host, FileFindings findings)
{
    // IFNAMSIZ without the terminating zero; address labels have the same bound.
    private const int LongestLabel = 15;

    private const string FormV4 =
        "write `ADDRESS/PREFIX/INTERFACE:LABEL`, for example `192.168.1.100/24/eth0:0`, or the address alone";

    private const string FormV6 =
        "write `IPv6addr::ADDRESS/PREFIX/INTERFACE`, for example `IPv6addr::fd00::100/64/eth0`";


    /// <summary>Reads an IPv4 specification.</summary>
    /// <returns>The address; null when something is wrong, which is reported.</returns>
    public VirtualIp? ReadV4(int line, string word, string specification)
    {
        var parts = specification.Split('/');
        if (!IpText.TryParseV4(parts[0], out var address) || address == 0 || address >> 28 >= 14)
            return Refuse(line, word, $"{Quote(parts[0])} is not an IPv4 address that a node can take",
                FormV4);
        if (parts.Length > 4 || parts.Any(p => p.Length == 0))
            return Refuse(line, word, parts.Length > 4 ? "it has more than four parts"
                : "a part between two slashes is empty", FormV4);

        int? prefix = null;
        if (parts.Length > 1)
        {
            prefix = PrefixV4(parts[1]);
            if (prefix is null)
                return Refuse(line, word,
                    $"{Quote(parts[1])} is neither a prefix length from 1 to 32 nor a net mask",
                    "write for example `24` or `255.255.255.0`");
            if (IsNetOrBroadcast(address, prefix.Value))
                return Refuse(line, word,
                    $"{IpText.ShowV4(address)}/{prefix} is the address of the network itself or its broadcast address",
                    "write an address of a host in the network");
        }

        var onlyBroadcast = parts.Length == 3 && char.IsAsciiDigit(parts[2][0]);
        var interfacePart = parts.Length > 2 && !onlyBroadcast ? parts[2] : null;
        var broadcastPart = onlyBroadcast ? parts[2] : parts.Length > 3 ? parts[3] : null;
        string? broadcast = null;
        if (broadcastPart is not null)
        {
            if (!IpText.TryParseV4(broadcastPart, out var parsed))
                return Refuse(line, word, $"{Quote(broadcastPart)} is not a broadcast address",
                    "write for example `192.168.1.255`, or leave it out");
            broadcast = IpText.ShowV4(parsed);
        }

        if (!TryInterface(line, word, interfacePart, out var name, out var label)) return null;
        return new VirtualIp(IpText.ShowV4(address), prefix, name, label, broadcast);
    }

    /// <summary>Reads an IPv6 specification: address, prefix length, interface.</summary>
    /// <returns>The address; null when something is wrong, which is reported.</returns>
    public VirtualIp? ReadV6(int line, string word, string specification)
    {
        var parts = specification.Split('/');
        if (IpText.CanonicalV6(parts[0]) is not { } address || address == "::"
            || address.StartsWith("ff", StringComparison.Ordinal))
            return Refuse(line, word, $"{Quote(parts[0])} is not an IPv6 address that a node can take",
                FormV6);
        if (parts.Length > 3 || parts.Any(p => p.Length == 0))
            return Refuse(line, word, parts.Length > 3 ? "it has more than three parts"
                : "a part between two slashes is empty", FormV6);
        var prefix = parts.Length > 1 ? Prefix(parts[1], 128) : null;
        if (parts.Length > 1 && prefix is null)
            return Refuse(line, word, $"{Quote(parts[1])} is not a prefix length from 1 to 128",
                "write for example `64`");
        if (!TryInterface(line, word, parts.Length > 2 ? parts[2] : null, out var name, out var label)) return null;
        if (label is not null)
            return Refuse(line, word, "IPv6 addresses have no label", $"write `{name}` without `:` and what follows");
        return new VirtualIp(address, prefix, name, null, null);
    }

    private bool TryInterface(int line, string word, string? part, out string? name, out string? label)
    {
        name = null;
        label = null;
        if (part is null) return true;
        var colon = part.IndexOf(':', StringComparison.Ordinal);
        name = colon < 0 ? part : part[..colon];
        label = colon < 0 ? null : part;
        if (name.Length == 0 || name is "." or ".." || part.Length > LongestLabel || colon == part.Length - 1
            || part.Any(c => c is <= ' ' or >= '\u007F'))
        {
            Refuse(line, word, $"{Quote(part)} is not an interface with a label",
                $"write for example `eth0` or `eth0:0`, at most {LongestLabel} characters");
            return false;
        }

        if (!host.InterfaceExists(name))
        {
            findings.Warning(line, word,
                $"this node has no interface {Quote(name)}: it cannot take the address",
                "write one that exists on every node (`ip link` lists them), or leave it out to follow the route");
        }

        return true;
    }

    private static int? PrefixV4(string text) =>
        IpText.TryParseV4(text, out var mask) ? IpText.PrefixLength(mask) is > 0 and var length ? length : null
            : Prefix(text, 32);

    private static int? Prefix(string text, int most) =>
        text.Length <= 3 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length >= 1 && length <= most
            ? length : null;

    // Networks of one or two addresses (RFC 3021) have neither.
    private static bool IsNetOrBroadcast(uint address, int prefix) =>
        prefix < 31 && ((address & ~IpText.Mask(prefix)) == 0 || (address | IpText.Mask(prefix)) == uint.MaxValue);

    private VirtualIp? Refuse(int line, string word, string problem, string advice)
    {
        findings.Error(line, word, problem, advice);
        return null;
    }
}
