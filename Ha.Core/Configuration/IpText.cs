using System.Globalization;
using System.Net;

namespace Ha.Core.Configuration;

/// <summary>IP addresses as text, strictly: four decimal numbers or RFC 4291 text, no short or octal forms.</summary>
internal static class IpText
{
    /// <summary>Reads a dotted IPv4 address.</summary>
    public static bool TryParseV4(string text, out uint address)
    {
        address = 0;
        var parts = text.Split('.');
        if (parts.Length != 4) return false;
        foreach (var part in parts)
        {
            if (part.Length is 0 or > 3 || !part.All(char.IsAsciiDigit)) return false;
            var octet = int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture);
            if (octet > 255) return false;
            address = (address << 8) | (uint)octet;
        }

        return true;
    }

    /// <summary>Dotted text of an IPv4 address.</summary>
    public static string ShowV4(uint address) =>
        $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";

    /// <summary>Canonical text of an IPv6 address without scope; null when it is none.</summary>
    public static string? CanonicalV6(string text)
    {
        // IPAddress would also take brackets, ports and scopes.
        if (text.Length > 45 || !text.Contains(':', StringComparison.Ordinal)) return null;
        if (!text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')) return null;
        return IPAddress.TryParse(text, out var address) ? address.ToString() : null;
    }

    /// <summary>Mask of a prefix length, 0 to 32.</summary>
    public static uint Mask(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    /// <summary>Prefix length of a contiguous mask; null when it has holes.</summary>
    public static int? PrefixLength(uint mask)
    {
        var length = System.Numerics.BitOperations.PopCount(mask);
        return mask == Mask(length) ? length : null;
    }
}
