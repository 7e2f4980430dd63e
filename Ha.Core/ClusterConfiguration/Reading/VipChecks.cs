using System.Globalization;
using Ha.Core.Configuration;
using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.ClusterConfiguration.Reading;

/// <summary>Checks the parameters of <c>builtin:vip</c>, and that no address is configured twice.</summary>
internal sealed class VipChecks(DocumentFindings findings)
{
    // IFNAMSIZ without the terminating zero; address labels have the same bound.
    private const int LongestLabel = 15;

    private static readonly ImmutableArray<string> Known =
    [
        VipParameters.Address, VipParameters.Prefix, VipParameters.Interface, VipParameters.Label,
        VipParameters.Broadcast, .. VirtualIpNumbers.All.Select(number => number.Name),
    ];

    private readonly Dictionary<string, string> firstUse = new(StringComparer.Ordinal);

    public void Check(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        foreach (var name in values.Keys.Where(name => !Known.Contains(name)))
        {
            findings.Error(Pointer.To(pointer, name), $"builtin:vip has no parameter {Quote(name)}",
                NearestName.Find(name, Known) is { } near ? $"write `\"{near}\"`"
                    : $"remove it; it has {string.Join(", ", Known)}");
        }

        CheckNumbers(pointer, values);
        if (!values.TryGetValue(VipParameters.Address, out var text))
        {
            findings.Missing(pointer, "the address is missing", "add `\"address\"`, for example `\"192.168.1.100\"`");
            return;
        }

        var at = Pointer.To(pointer, VipParameters.Address);
        var isV4 = IpText.TryParseV4(text, out var address);
        var canonical = isV4 ? IpText.ShowV4(address) : IpText.CanonicalV6(text);
        if (canonical is null || (isV4 ? address == 0 || address >> 28 >= 14
            : canonical == "::" || canonical.StartsWith("ff", StringComparison.Ordinal)))
        {
            findings.Error(at, $"{Quote(text)} is not an address that a node can take",
                "write an IPv4 or IPv6 address, the prefix length apart: `\"address\": \"192.168.1.100\", "
                    + "\"prefix\": \"24\"`");
            return;
        }

        if (canonical != text)
            findings.Error(at, $"{Quote(text)} is not the usual form of the address", $"write `\"{canonical}\"`");
        else if (!firstUse.TryAdd(canonical, at))
        {
            findings.Error(at, $"{Quote(canonical)} is configured before, at {firstUse[canonical]}",
                "configure each address once");
        }

        CheckPrefix(pointer, values, isV4, address);
        CheckInterface(pointer, values, isV4);
    }

    private void CheckNumbers(string pointer, ImmutableSortedDictionary<string, string> values)
    {
        foreach (var number in VirtualIpNumbers.All)
        {
            if (!values.TryGetValue(number.Name, out var text)) continue;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && value >= number.Least && value <= number.Most) continue;
            findings.Error(Pointer.To(pointer, number.Name),
                $"{Quote(text)} is not a whole number of {number.Unit} from {number.Least} to {number.Most}",
                $"write for example `\"{number.Preset}\"`");
        }
    }

    private void CheckPrefix(
        string pointer, ImmutableSortedDictionary<string, string> values, bool isV4, uint address)
    {
        if (values.TryGetValue(VipParameters.Prefix, out var text))
        {
            var at = Pointer.To(pointer, VipParameters.Prefix);
            var most = isV4 ? 32 : 128;
            if (text.Length > 3 || text.StartsWith('0')
                || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
                || prefix > most)
                findings.Error(at, $"{Quote(text)} is not a prefix length from 1 to {most}",
                    isV4 ? "write for example `\"24\"` for 255.255.255.0" : "write for example `\"64\"`");
            else if (isV4 && prefix < 31
                && ((address & ~IpText.Mask(prefix)) == 0 || (address | IpText.Mask(prefix)) == uint.MaxValue))
                findings.Error(at,
                    $"{IpText.ShowV4(address)}/{prefix} is the address of the network itself or its broadcast address",
                    "write an address of a host in the network, or correct the prefix length");
        }

        if (!values.TryGetValue(VipParameters.Broadcast, out var broadcast)) return;
        if (!isV4)
            findings.Error(Pointer.To(pointer, VipParameters.Broadcast), "IPv6 has no broadcast", "remove it");
        else if (!IpText.TryParseV4(broadcast, out var parsed) || parsed == 0)
            findings.Error(Pointer.To(pointer, VipParameters.Broadcast),
                $"{Quote(broadcast)} is not a broadcast address",
                "write for example `\"192.168.1.255\"`, or remove it");
    }

    private void CheckInterface(string pointer, ImmutableSortedDictionary<string, string> values, bool isV4)
    {
        var name = values.GetValueOrDefault(VipParameters.Interface);
        if (name is not null && !IsInterface(name))
        {
            findings.Error(Pointer.To(pointer, VipParameters.Interface), $"{Quote(name)} is not an interface",
                $"write for example `\"eth0\"`, at most {LongestLabel} characters; a label is a parameter of its own");
            return;
        }

        if (!values.TryGetValue(VipParameters.Label, out var label)) return;
        var at = Pointer.To(pointer, VipParameters.Label);
        if (!isV4)
            findings.Error(at, "IPv6 addresses have no label", "remove it");
        else if (name is null)
            findings.Error(at, "a label needs its interface", "add `\"interface\"`, or remove the label");
        else if (label.Length > LongestLabel || label.Length < name.Length + 2
            || !label.StartsWith(name + ":", StringComparison.Ordinal) || label.Any(c => c is <= ' ' or >= '\u007F'))
            findings.Error(at, $"{Quote(label)} is not a label of {name}",
                $"write `\"{name}:0\"` or alike, at most {LongestLabel} characters");
    }

    internal static bool IsInterface(string name) =>
        name.Length is > 0 and <= LongestLabel && name is not "." and not ".."
        && name.All(c => c is > ' ' and < '\u007F' and not '/' and not ':');
}
