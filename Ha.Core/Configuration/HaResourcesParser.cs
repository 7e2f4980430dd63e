using System.Text;
using Ha.Core.Resources;
using static Ha.Core.Configuration.FileFindings;

namespace Ha.Core.Configuration;

/// <summary>Reads haresources (docs/configuration.md): one logical line per group, the preferred node first.</summary>
public static class HaResourcesParser
{
    /// <summary>Reads haresources. Never throws; every mistake is a finding.</summary>
    /// <param name="file">Path, for findings.</param>
    /// <param name="text">Content, one character per byte.</param>
    /// <param name="nodes">Nodes of ha.cf, lower case; empty when ha.cf is unusable: they are not checked then.</param>
    /// <param name="host">Facts of this host.</param>
    /// <param name="findings">Receives what is wrong or worth knowing.</param>
    /// <returns>The groups that are free of errors, in the order of the file.</returns>
    public static ImmutableArray<ResourceGroup> Parse(
        string file, string text, ImmutableArray<string> nodes, HostFacts host,
        ICollection<ConfigurationFinding> findings)
    {
        var located = new FileFindings(file, findings);
        var reader = new ResourceWordReader(host, located);
        var groups = ImmutableArray.CreateBuilder<ResourceGroup>();
        var firstUse = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var words in LogicalLines(text, located))
        {
            if (located.IsFull) break;
            if (ReadGroup(words, nodes, reader, firstUse, located) is { } group) groups.Add(group);
        }

        return groups.ToImmutable();
    }

    private static ResourceGroup? ReadGroup(
        List<Word> words, ImmutableArray<string> nodes, ResourceWordReader reader, Dictionary<string, int> firstUse,
        FileFindings findings)
    {
        var node = words[0].Text.ToLowerInvariant();
        var good = true;
        if (nodes.Length > 0 && !nodes.Contains(node))
        {
            findings.Error(words[0].Line, words[0].Text,
                $"{Quote(node)} is not a node of ha.cf ({string.Join(", ", nodes)} are)",
                "begin the line with the node that the group prefers, or add the node to ha.cf");
            good = false;
        }

        if (words.Count == 1)
        {
            findings.Error(words[0].Line, words[0].Text, "the line names a node but no resource",
                "add resources, for example `192.168.1.100/24/eth0:0 haproxy`, or remove the line");
            return null;
        }

        var resources = ImmutableArray.CreateBuilder<ResourceDefinition>(words.Count - 1);
        foreach (var word in words.Skip(1))
        {
            if (reader.Read(word.Line, word.Text) is { } resource && IsFirstUse(word, resource, firstUse, findings))
                resources.Add(resource);
            else
                good = false;
        }

        if (!good) return null;
        return new ResourceGroup { Id = words[1].Text, PreferredNode = node, Resources = resources.ToImmutable() };
    }

    // One address or script in two places would be started and stopped by both.
    private static bool IsFirstUse(Word word, ResourceDefinition resource, Dictionary<string, int> firstUse,
        FileFindings findings)
    {
        var identity = resource.Vip?.Address ?? word.Text;
        if (firstUse.TryAdd(identity, word.Line)) return true;
        findings.Error(word.Line, word.Text, $"{Quote(identity)} is used before, in line {firstUse[identity]}",
            "name each resource once in the whole file; put what must move together on one line");
        return false;
    }

    private static IEnumerable<List<Word>> LogicalLines(string text, FileFindings findings)
    {
        var pending = new LogicalLine();
        var number = 0;
        foreach (var line in ConfigurationLines.Split(text))
        {
            number++;
            var content = ConfigurationLines.WithoutComment(line).TrimEnd('\r');
            var trimmed = content.TrimEnd(' ', '\t');
            var continued = trimmed.EndsWith('\\');
            if (continued && trimmed.Length < content.Length)
            {
                // Read on as it is meant, so that the words below are not reported as a line of their own.
                findings.Error(number, "\\", "white space after the backslash ends the line here",
                    "remove what follows the backslash");
            }

            pending.Append(number, continued ? trimmed[..^1] : content);
            if (continued) continue;
            if (pending.Words() is { Count: > 0 } words) yield return words;
            pending = new LogicalLine();
        }

        if (pending.Words() is { Count: > 0 } last) yield return last;
    }

    /// <summary>A word and the line that it begins in.</summary>
    private readonly record struct Word(int Line, string Text);

    /// <summary>Physical lines joined without a separator, as Heartbeat does; each word knows its own line.</summary>
    private sealed class LogicalLine
    {
        private readonly StringBuilder text = new();
        private readonly List<(int Start, int Line)> parts = [];

        public void Append(int line, string part)
        {
            parts.Add((text.Length, line));
            text.Append(part);
        }

        public List<Word> Words()
        {
            var words = new List<Word>();
            var whole = text.ToString();
            var part = 0;
            for (var start = 0; start < whole.Length;)
            {
                if (IsSeparator(whole[start]))
                {
                    start++;
                    continue;
                }

                var end = start;
                while (end < whole.Length && !IsSeparator(whole[end])) end++;
                while (part + 1 < parts.Count && parts[part + 1].Start <= start) part++;
                words.Add(new(parts[part].Line, whole[start..end]));
                start = end;
            }

            return words;
        }

        private static bool IsSeparator(char c) => c is ' ' or '\t' or '\r' or '\f';
    }
}
