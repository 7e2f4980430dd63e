using Ha.Core.Configuration;
using Ha.Core.Heartbeat;

namespace Ha.Core.Tests.Configuration;

public class AuthKeysParserTests
{
    private const int OwnerOnly = 0b110_000_000;

    [Theory]
    [InlineData("crc", AuthenticationMethod.Crc, "")]
    [InlineData("md5 Hello!", AuthenticationMethod.Md5, "Hello!")]
    [InlineData("sha1 Hello!", AuthenticationMethod.Sha1, "Hello!")]
    [InlineData("sha256 Hello!", AuthenticationMethod.Sha256, "Hello!")]
    public void Methods_AreHeartbeatsAndSha256(string key, AuthenticationMethod method, string secret)
    {
        var keys = Parse($"auth 0\n0 {key}\n", out _)!;

        Assert.Equal((0, method), (keys.Active.Id, keys.Active.Method));
        Assert.Equal(System.Text.Encoding.ASCII.GetBytes(secret), keys.Active.Secret.ToArray());
    }

    [Theory]
    [InlineData("crc", "no authentication")]
    [InlineData("md5 Sesame", "weak")]
    [InlineData("sha1 Sesame", null)]
    [InlineData("sha256 Sesame", null)]
    public void WeakActiveKeys_AreWarnedOf(string key, string? says)
    {
        Assert.NotNull(Parse($"auth 2\n2 {key}\n", out var findings));

        if (says is null)
        {
            Assert.Empty(findings);
            return;
        }

        var warning = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Warning, 2, "key 2"), (warning.Severity, warning.Line, warning.Directive));
        Assert.Contains(says, warning.Problem, StringComparison.Ordinal);
        Assert.Contains("sha256", warning.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void CommentsBlankLinesAndIndentation_AreIgnored()
    {
        var keys = Parse("# secrets\n\n  auth 3\r\n\t# more\n  3 sha1 Sesame # of the lab\r\n", out var findings)!;

        Assert.Equal("Sesame"u8.ToArray(), keys.Active.Secret.ToArray());
        Assert.Empty(findings);
    }

    [Fact]
    public void KeysWeakerThanTheActiveOne_AreReportedAsIgnored()
    {
        var keys = Parse("auth 1\n1 sha1 A\n2 md5 B\n3 crc\n4 sha256 C\n", out var findings)!;

        Assert.Equal([3, 4], findings.Select(f => f.Line));
        Assert.All(findings, f => Assert.Contains("not accepted", f.Problem, StringComparison.Ordinal));
        Assert.Null(keys.Acceptable(2));
        Assert.Null(keys.Acceptable(3));
        Assert.NotNull(keys.Acceptable(4));
    }

    [Fact]
    public void LaterKeyOfTheSameNumber_Counts_WithAWarning()
    {
        var keys = Parse("auth 1\n1 sha1 A\n1 sha256 B\n", out var findings)!;

        Assert.Equal("B"u8.ToArray(), keys.Active.Secret.ToArray());
        Assert.Contains("line 2", Assert.Single(findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void SecretOfSeveralWords_CountsUpToTheFirstBlank_WithAWarning()
    {
        var keys = Parse("auth 1\n1 sha1 open sesame\n", out var findings)!;

        Assert.Equal("open"u8.ToArray(), keys.Active.Secret.ToArray());
        Assert.Contains("first word", Assert.Single(findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesOfTheSecret_AreThoseOfTheFile()
    {
        var keys = Parse("auth 1\n1 sha1 \u00E4\u00FF\n", out _)!;

        Assert.Equal([0xE4, 0xFF], keys.Active.Secret.ToArray());
    }

    [Fact]
    public void SecondAuthLine_IsRefused()
    {
        Assert.Null(Parse("auth 1\n1 sha1 A\nauth 2\n2 sha1 B\n", out var findings));
        Assert.Equal(3, Assert.Single(findings).Line);
    }

    [Theory]
    [InlineData(0b110_000_000, true)]
    [InlineData(0b100_000_000, true)]
    [InlineData(0b111_000_000, true)]
    [InlineData(0b110_100_000, false)]
    [InlineData(0b110_000_100, false)]
    [InlineData(0b110_010_000, false)]
    [InlineData(0b110_000_010, false)]
    [InlineData(0b110_110_110, false)]
    public void NobodyButTheOwner_MayReadOrWriteTheFile(int mode, bool good)
    {
        var keys = Parse("auth 1\n1 sha1 A\n", out var findings, mode);

        Assert.Equal(good, keys is not null);
        Assert.Equal(good ? 0 : 1, findings.Count);
    }

    [Theory]
    [InlineData("Opensesame")]
    [InlineData("auth Opensesame")]
    [InlineData("auth 1\n1 Opensesame")]
    [InlineData("auth 1\n1 Opensesame sha1")]
    [InlineData("auth 1\nsha1 Opensesame")]
    [InlineData("auth 1\n1 crc Opensesame")]
    [InlineData("auth 1\n1 sha1 x Opensesame")]
    [InlineData("auth 1\n1 sha1 Opensesame\n1 sha1 Opensesame\n16 sha1 Opensesame\n2 md5 Opensesame")]
    [InlineData("auth 1\n1 md5 Opensesame\n2 crc")]
    [InlineData("author Opensesame\n1 sha1 Opensesame")]
    [InlineData("auth 1\n1 sha1 Opensesame\u0001")]
    [InlineData("auth 9\n1 sha1 Opensesame")]
    [InlineData("1 sha1 Opensesame\nauth 1")]
    public void Secrets_AreNeverInAFinding(string text)
    {
        Parse(text, out var findings, 0b110_100_100);

        Assert.NotEmpty(findings);
        Assert.All(findings, f => Assert.DoesNotContain("opensesame", f.ToString(),
            StringComparison.OrdinalIgnoreCase));
    }

    private static AuthenticationKeys? Parse(string text, out List<ConfigurationFinding> findings, int mode = OwnerOnly)
    {
        findings = [];
        return AuthKeysParser.Parse("authkeys", text, mode, findings);
    }
}
