using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ha.Agent.Interop;

namespace Ha.Agent.Haproxy;

/// <summary>
/// The files that a configuration consists of: the main file and every regular file that it names, which is where
/// certificates, maps, lists and error pages are.
/// </summary>
/// <param name="Paths">They, the main file first, then in order of their names.</param>
/// <param name="Looks">What their directory entries say: changes when one of them is written or replaced.</param>
internal sealed record HaproxyFiles(ImmutableArray<string> Paths, string Looks)
{
    /// <summary>How many files are followed at most.</summary>
    public const int Most = 512;

    private const int LongestConfig = 8 * 1024 * 1024;

    // What these words name is written or listened on, not read.
    private static readonly ImmutableHashSet<string> Written =
        ["pidfile", "server-state-file", "server-state-base", "chroot", "socket", "log", "unix-bind", "localpeer"];

    // Files may be named relative to these.
    private static readonly ImmutableArray<(string Base, ImmutableHashSet<string> Words)> Bases =
    [
        ("crt-base", ["crt", "crt-list"]), ("ca-base", ["ca-file", "ca-verify-file", "crl-file"]),
        ("key-base", ["key"]),
    ];

    /// <summary>Finds them; the main file alone when it cannot be read.</summary>
    public static HaproxyFiles Find(string config)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        // Looked at before it is read: what is written meanwhile is a change afterwards.
        var looks = new Dictionary<string, string>(StringComparer.Ordinal) { [config] = LookAt(config) };
        foreach (var main in MainFiles(config))
        {
            looks[main] = LookAt(main);
            if (main != config) found.Add(main);
            Named(main, found);
        }

        found.Remove(config);
        var paths = found.Take(Most).Prepend(config).ToImmutableArray();
        return new HaproxyFiles(paths, string.Concat(paths.Select(path => looks.GetValueOrDefault(path) ?? LookAt(path))));
    }

    /// <summary>Whether one of them was written since.</summary>
    public bool HaveChanged => string.Concat(Paths.Select(LookAt)) != Looks;

    /// <summary>SHA-256 over names and contents, in lower-case hexadecimal; null when the main file cannot be
    /// read.</summary>
    public string? Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in Paths)
        {
            if (Directory.Exists(path)) continue;
            try
            {
                using var file = File.OpenRead(path);
                hash.AppendData(Encoding.UTF8.GetBytes(path + "\0"));
                hash.AppendData(SHA256.HashData(file));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                if (path == Paths[0]) return null;
                hash.AppendData(Encoding.UTF8.GetBytes(path + "\0-"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string LookAt(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? $"{file.LastWriteTimeUtc.Ticks} {file.Length}\n"
            : Directory.Exists(path) ? $"{file.LastWriteTimeUtc.Ticks}\n" : "-\n";
    }

    // A directory is read as HAProxy does: its .cfg files in order of their names.
    private static IEnumerable<string> MainFiles(string config)
    {
        if (!Directory.Exists(config)) return [config];
        try
        {
            return [.. Directory.EnumerateFiles(config, "*.cfg").Order(StringComparer.Ordinal).Take(Most)];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [config];
        }
    }

    private static void Named(string config, SortedSet<string> found)
    {
        string[] lines;
        try
        {
            if (!File.Exists(config) || new FileInfo(config).Length > LongestConfig) return;
            lines = File.ReadAllLines(config);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return;
        }

        var bases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var words = Words(line);
            for (var i = 1; i < words.Count && found.Count < Most; i++)
            {
                if (Bases.Any(one => one.Base == words[i - 1])) bases[words[i - 1]] = words[i];
                else if (!Written.Contains(words[i - 1])) Add(words[i - 1], words[i], bases, found);
            }
        }
    }

    private static void Add(string before, string word, Dictionary<string, string> bases, SortedSet<string> found)
    {
        // A map is named inside a converter: map_str(/etc/haproxy/hosts.map,default).
        var bracket = word.IndexOf("(/", StringComparison.Ordinal);
        if (bracket >= 0) word = word[(bracket + 1)..].Split(',', ')')[0];
        var root = Bases.Where(one => one.Words.Contains(before)).Select(one => bases.GetValueOrDefault(one.Base))
            .FirstOrDefault();
        if (!word.StartsWith('/') && root is not null) word = Path.Join(root, word);
        if (!word.StartsWith('/') || word.StartsWith("/dev/", StringComparison.Ordinal)) return;
        try
        {
            if (Libc.IsRegularFile(word)) found.Add(word);
            else if (before is "crt" or "ca-file" && Directory.Exists(word))
            {
                found.UnionWith(Directory.EnumerateFiles(word).Where(Libc.IsRegularFile)
                    .Order(StringComparer.Ordinal).Take(Most).Prepend(word));
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            found.Add(word);
        }
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        for (var i = 0; i <= line.Length; i++)
        {
            var letter = i < line.Length ? line[i] : ' ';
            if (quote == '\0' && letter == '#') i = line.Length;
            if (quote == '\0' && (i >= line.Length || char.IsWhiteSpace(letter)))
            {
                if (word.Length > 0) words.Add(word.ToString());
                word.Clear();
            }
            else if (letter == '\\' && quote != '\'' && i + 1 < line.Length) word.Append(line[++i]);
            else if (letter == quote) quote = '\0';
            else if (quote == '\0' && letter is '"' or '\'') quote = letter;
            else word.Append(letter);
        }

        return words;
    }
}
