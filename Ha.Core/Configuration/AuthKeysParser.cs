using System.Globalization;
using System.Text;
using Ha.Core.Heartbeat;

namespace Ha.Core.Configuration;

/// <summary>
/// Reads authkeys (docs/configuration.md). No finding quotes anything but key ids and known method names: a mistyped
/// line may hold the secret in any place.
/// </summary>
public static class AuthKeysParser
{
    private const int HighestId = 15;

    // Read or write permission for group or others. Heartbeat lets writers pass; whoever can write the file can
    // replace the key, so here it is refused.
    private const int ForbiddenMode = 0b000_110_110;

    private const string KeyLine = "write `NUMBER METHOD SECRET`, for example `1 sha256 ` and a long random word";

    /// <summary>Reads authkeys. Never throws; every mistake is a finding.</summary>
    /// <param name="file">Path, for findings.</param>
    /// <param name="text">Content, one character per byte.</param>
    /// <param name="unixMode">Permission bits of the file.</param>
    /// <param name="findings">Receives what is wrong or worth knowing.</param>
    /// <returns>The keys; null when an error makes them unusable.</returns>
    public static AuthenticationKeys? Parse(
        string file, string text, int unixMode, ICollection<ConfigurationFinding> findings)
    {
        var located = new FileFindings(file, findings);
        var draft = new Draft(located);
        if ((unixMode & ForbiddenMode) != 0)
        {
            var mode = Convert.ToString(unixMode & 0xFFF, 8).PadLeft(4, '0');
            located.Error(0, "", $"its mode is {mode}: others than its owner can read or write the keys",
                $"run `chmod 600 {file}`, and change the secret on every node if others may have read it");
        }

        var number = 0;
        foreach (var line in ConfigurationLines.Split(text))
        {
            number++;
            if (located.IsFull) break;
            var content = line.Trim(' ', '\t', '\r', '\f', '\v');
            if (content.Length > 0 && content[0] != '#') draft.Take(number, content);
        }

        return draft.Finish();
    }

    private sealed record KeyLineRead(int Line, AuthenticationKey Key);

    private sealed class Draft(FileFindings findings)
    {
        private readonly SortedDictionary<int, KeyLineRead> keys = [];
        private readonly HashSet<int> unusable = [];
        private int authLine;
        private int? activeId;

        public void Take(int line, string content)
        {
            if (content.Length > HaCfParser.LongestLine)
            {
                findings.Error(line, "", $"the line is longer than {HaCfParser.LongestLine} characters",
                    "use a shorter secret");
                return;
            }

            var words = content.Split([' ', '\t', '\r', '\f', '\v'], StringSplitOptions.RemoveEmptyEntries);
            if (content[0] == 'a')
                TakeAuth(line, words);
            else if (words[0].All(char.IsAsciiDigit))
                TakeKey(line, words);
            else
                findings.Error(line, "", "the line is neither `auth NUMBER` nor a key", KeyLine);
        }

        public AuthenticationKeys? Finish()
        {
            if (authLine == 0)
            {
                findings.Error(0, "auth", "the line that names the active key is missing",
                    "begin the file with `auth 1`, followed by the line of key 1");
            }
            else if (activeId is { } active)
            {
                CheckActive(active);
            }

            if (findings.HasErrors || activeId is not { } id) return null;
            return new AuthenticationKeys(id, keys.Values.Select(k => k.Key));
        }

        private void TakeAuth(int line, string[] words)
        {
            if (words is not ["auth", var idText, ..])
            {
                findings.Error(line, "auth", "the line begins like `auth` but is not `auth NUMBER`",
                    "write `auth 1` to sign with key 1");
                authLine = authLine > 0 ? authLine : line;
                return;
            }

            if (activeId is not null)
            {
                findings.Error(line, "auth", $"the active key is named twice, first in line {authLine}",
                    "keep one `auth` line");
                return;
            }

            authLine = line;
            activeId = ReadId(idText);
            if (activeId is null)
                findings.Error(line, "auth", $"what follows is not a key number from 0 to {HighestId}",
                    "write `auth 1` to sign with key 1");
        }

        private void TakeKey(int line, string[] words)
        {
            if (ReadId(words[0]) is not { } id)
            {
                findings.Error(line, "", $"the key number is not from 0 to {HighestId}",
                    $"number the key from 1 to {HighestId}");
                return;
            }

            var directive = $"key {id}";
            if (ReadKey(line, directive, id, words) is not { } key)
            {
                unusable.Add(id);
                return;
            }

            if (keys.TryGetValue(id, out var before))
                findings.Warning(line, directive, $"it replaces the key of line {before.Line}",
                    "give every key a number of its own");
            if (words.Length > SecretWords(key.Method) && words[SecretWords(key.Method)][0] != '#')
                findings.Warning(line, directive,
                    "only the first word of the secret counts; the rest of the line is ignored",
                    "use a secret without white space");
            keys[id] = new(line, key);
        }

        private AuthenticationKey? ReadKey(int line, string directive, int id, string[] words)
        {
            AuthenticationMethod? method = words.Length < 2 ? null : words[1] switch
            {
                "crc" => AuthenticationMethod.Crc,
                "md5" => AuthenticationMethod.Md5,
                "sha1" => AuthenticationMethod.Sha1,
                "sha256" => AuthenticationMethod.Sha256,
                _ => null,
            };
            if (method is not { } known)
            {
                findings.Error(line, directive,
                    words.Length < 2 ? "the method is missing"
                        : "the method is none of sha256, sha1, md5 and crc (lower case)", KeyLine);
                return null;
            }

            var secret = words.Length > 2 && !(known == AuthenticationMethod.Crc && words[2][0] == '#') ? words[2] : "";
            if (known == AuthenticationMethod.Crc && secret.Length > 0)
            {
                findings.Error(line, directive, "the method crc takes no secret",
                    $"write `{id} sha256 SECRET`, or `{id} crc` alone");
                return null;
            }

            if (known != AuthenticationMethod.Crc && secret.Length == 0)
            {
                findings.Error(line, directive, $"the method {words[1]} needs a secret",
                    $"write `{id} {words[1]} SECRET`, the same on every node");
                return null;
            }

            if (secret.Any(c => c > '\u00FF' || char.IsControl(c)))
            {
                findings.Error(line, directive, "the secret holds unprintable characters",
                    "use letters, digits and punctuation of ASCII");
                return null;
            }

            return new AuthenticationKey(id, known, Encoding.Latin1.GetBytes(secret));
        }

        private void CheckActive(int active)
        {
            if (!keys.TryGetValue(active, out var key))
            {
                if (!unusable.Contains(active))
                    findings.Error(authLine, "auth", $"it names key {active}, which the file does not have",
                        $"add a line `{active} sha256 SECRET`, or name a key that is there");
                return;
            }

            if (key.Line < authLine)
            {
                findings.Error(authLine, "auth",
                    $"it stands after the line of key {active} (line {key.Line}); Heartbeat does not find the key then",
                    "move the `auth` line above all keys");
            }

            WarnOfWeakness(key);
            foreach (var other in keys.Values.Where(k => k.Key.Method < key.Key.Method))
            {
                findings.Warning(other.Line, $"key {other.Key.Id}",
                    $"{Name(other.Key.Method)} is weaker than {Name(key.Key.Method)} of the active key {active}: "
                    + "packets signed with this key are not accepted",
                    "remove the line once no node signs with this key");
            }
        }

        private void WarnOfWeakness(KeyLineRead active)
        {
            var problem = active.Key.Method switch
            {
                AuthenticationMethod.Crc =>
                    "crc is no authentication: whoever can send a packet to this port can steer the cluster",
                AuthenticationMethod.Md5 => "md5 is weak and kept only for clusters that already use it",
                AuthenticationMethod.Sha1 or AuthenticationMethod.Sha256 => null,
            };
            if (problem is null) return;
            var id = active.Key.Id;
            findings.Warning(active.Line, $"key {id}", problem,
                $"write `{id} sha256 SECRET` on every node, or `{id} sha1 SECRET` while one of them runs Heartbeat");
        }

        // The word after id, method and, where there is one, the secret.
        private static int SecretWords(AuthenticationMethod method) => method == AuthenticationMethod.Crc ? 2 : 3;

        private static string Name(AuthenticationMethod method) => method.ToString().ToLowerInvariant();

        private static int? ReadId(string text) =>
            text.Length <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id <= HighestId ? id : null;
    }
}
