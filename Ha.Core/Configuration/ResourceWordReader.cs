using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>Turns a resource word of haresources into a resource: an address, or a script with arguments.</summary>
internal sealed class ResourceWordReader(HostFacts host, FileFindings findings)
{
    private const int LongestWord = 255;
    private readonly VipWordReader vips = new(host, findings);
    private readonly HashSet<string> missingScripts = new(StringComparer.Ordinal);

    /// <summary>Reads one word.</summary>
    /// <returns>The resource; null when the word is wrong, which is reported.</returns>
    public ResourceDefinition? Read(int line, string word)
    {
        if (word.Length > LongestWord || word.Any(char.IsControl))
        {
            findings.Error(line, word,
                word.Length > LongestWord ? $"the word is longer than {LongestWord} characters"
                    : "the word holds unprintable characters",
                "write an address such as `192.168.1.100/24/eth0`, or a script name with its arguments");
            return null;
        }

        if (IsAddress(word)) return Vip(word, vips.ReadV4(line, word, word));
        var separator = word.IndexOf("::", StringComparison.Ordinal);
        var script = separator < 0 ? word : word[..separator];
        var arguments = separator < 0 ? "" : word[(separator + 2)..];
        return script switch
        {
            "IPaddr" or "IPaddr2" => Vip(word, vips.ReadV4(line, word, arguments)),
            "IPv6addr" => Vip(word, vips.ReadV6(line, word, arguments)),
            _ => Script(line, word, script, arguments),
        };
    }

    // Heartbeat's shell pattern [0-9]*.[0-9]*.[0-9]*.[0-9]*, where each star stands for any text.
    private static bool IsAddress(string word)
    {
        if (word.Length == 0 || !char.IsAsciiDigit(word[0])) return false;
        var groups = 1;
        for (var i = 1; i + 1 < word.Length && groups < 4; i++)
            if (word[i] == '.' && char.IsAsciiDigit(word[i + 1])) groups++;
        return groups == 4;
    }

    private static bool IsScriptNameCharacter(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+' or '@';

    private static ResourceDefinition? Vip(string word, VirtualIp? vip) =>
        vip is null ? null : new ResourceDefinition { Id = word, Class = "builtin", Type = "vip", Vip = vip };

    private ResourceDefinition? Script(int line, string word, string script, string arguments)
    {
        if (script.Length > 0 && script[0] is >= '0' and <= '9' && script.Count(c => c == '.') >= 2)
        {
            findings.Error(line, word, $"{Quote(word)} is not an IPv4 address",
                "write all four numbers, for example `192.168.1.100/24/eth0`");
            return null;
        }

        // The name becomes part of a path that is run as root.
        if (script.Length == 0 || script[0] is '.' or '-' || !script.All(IsScriptNameCharacter))
        {
            findings.Error(line, word, $"{Quote(script)} cannot be the name of a resource script",
                "write the name of a file in resource.d or init.d, its arguments after `::`, "
                + "for example `Filesystem::/dev/sdb1::/data::ext4`");
            return null;
        }

        if (!host.ResourceScriptExists(script) && missingScripts.Add(script))
        {
            findings.Warning(line, word,
                $"the script {Quote(script)} is not found on this node: its group cannot start here",
                $"install it as an executable file in resource.d or /etc/init.d, or correct the name");
        }

        // The shell drops empty arguments.
        return new ResourceDefinition
        {
            Id = word,
            Class = "heartbeat",
            Type = script,
            Arguments = [.. arguments.Split("::").Where(a => a.Length > 0)],
        };
    }
}
