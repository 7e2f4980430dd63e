using System.Text;
using Ha.Core.Configuration;
using Ha.Core.Time;

namespace Ha.Core.Tests.Configuration;

/// <summary>Whatever the files hold, the parsers answer with findings: they never throw.</summary>
public class ParserFuzzTests
{
    private const int Rounds = 2000;

    private static readonly string[] Words =
    [
        .. HaCfDirectives.All.Select(d => d.Name), "s1", "s2", "eth0", "eth9", "10.0.0.1", "fd00::1", "ff02::1", "on",
            "off", "2", "2s",
        "-1", "99999999999999999999", "1e9", "0.5", "200ms", "::", ":::", "/", "//", "%", "#", "\\", "\\\n", "\n", "\n",
            "\n", "\r\n", " ", " ",
        "\t", ",", "\0", "\f", "\u00FF", "\uD800", "\u0661", "auth", "1", "15", "16", "sha1", "md5", "crc", "sha256",
            "Secret", "IPaddr::",
        "IPaddr2::", "IPv6addr::", "/24", "/255.255.255.0", "/eth0:0", "uid=", "uid=a", "a=b", "external/", "*", ".",
            "..", "1.2.3.4.5",
        new('9', 400), new('x', 6000),
    ];

    [Fact]
    public void RandomWords_NeverThrow_AndEveryRefusalHasAnError()
    {
        var random = new SplitMix64(20261122);
        for (var round = 0; round < Rounds; round++)
        {
            var files = new ExampleFiles
            {
                HaCf = Text(random),
                AuthKeys = Text(random),
                HaResources = Text(random),
                Mode = (int)(random.Next() & 0xFFF),
            };

            CheckAnswer(files, round);
        }
    }

    [Fact]
    public void MutatedGoodFiles_NeverThrow_AndEveryRefusalHasAnError()
    {
        var random = new SplitMix64(7);
        var good = new ExampleFiles();
        for (var round = 0; round < Rounds; round++)
        {
            var files = good with
            {
                HaCf = Mutate(good.HaCf, random),
                AuthKeys = Mutate(good.AuthKeys, random),
                HaResources = Mutate(good.HaResources, random),
            };

            CheckAnswer(files, round);
        }
    }

    private static void CheckAnswer(ExampleFiles files, int round)
    {
        var configuration = files.Read(out var findings);

        var refused = findings.Any(f => f.Severity == FindingSeverity.Error);
        if (refused != configuration is null) Assert.Fail($"round {round}:\n{string.Join('\n', findings)}");
        Assert.DoesNotContain(findings, f => f.Problem.Length == 0 || f.Advice.Length == 0 || f.Line < 0);
        Assert.DoesNotContain(findings, f => f.ToString().Any(char.IsControl));
        if (configuration is null) return;
        Assert.Contains("s1", configuration.HaCf.Nodes);
        Assert.NotEmpty(configuration.HaCf.Media);
        Assert.True(configuration.HaCf.Deadtime > 2 * configuration.HaCf.Keepalive);
        Assert.True(configuration.HaCf.Initdead >= configuration.HaCf.Deadtime);
        Assert.Equal(7u, configuration.ToEngineOptions("s1", Guid.Empty, 7, 1).Generation);
    }

    private static string Text(SplitMix64 random)
    {
        var text = new StringBuilder();
        var count = (int)(random.Next() % 40);
        for (var i = 0; i < count; i++)
        {
            text.Append(Words[(int)(random.Next() % (ulong)Words.Length)]);
            if (random.Next() % 3 != 0) text.Append(' ');
        }

        return text.ToString();
    }

    private static string Mutate(string good, SplitMix64 random)
    {
        var text = new StringBuilder(good);
        for (var edits = random.Next() % 4; edits > 0; edits--)
        {
            var at = (int)(random.Next() % (ulong)(text.Length + 1));
            var word = Words[(int)(random.Next() % (ulong)Words.Length)];
            if (random.Next() % 2 == 0)
                text.Insert(at, word);
            else
                text.Remove(at, Math.Min(text.Length - at, (int)(random.Next() % 4)));
        }

        return text.ToString();
    }
}
