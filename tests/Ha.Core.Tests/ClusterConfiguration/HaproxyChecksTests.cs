using Ha.Core.Resources;

namespace Ha.Core.Tests.ClusterConfiguration;

/// <summary>Parameters of <c>builtin:haproxy</c> in a document.</summary>
public class HaproxyChecksTests
{
    [Theory]
    [InlineData("confg", "/a", "/resources/0/parameters/confg: builtin:haproxy has no parameter [confg]; write `\"config\"`")]
    [InlineData("config", "haproxy.cfg", "is not an absolute path; write for example `\"/etc/haproxy/haproxy.cfg\"`")]
    [InlineData("binary", "/usr/../haproxy", "is not an absolute path")]
    [InlineData("socket", "/run/a,b", "is not an absolute path")]
    [InlineData("check_url", "http://localhost/", "is not a URL with an address in digits")]
    [InlineData("check_url", "https://127.0.0.1/", "https is not asked")]
    [InlineData("check_url", "http://127.0.0.1:99999/", "is not a URL")]
    [InlineData("check_interval", "50", "[50] is not a whole number of milliseconds from 100 to 60000")]
    [InlineData("stop_grace", "5s", "[5s] is not a whole number of seconds from 0 to 3600")]
    public void OneMistake_IsTold(string parameter, string value, string expected) => Assert.Contains(
        expected,
        Documents.Finding($$$"""
            {"resources":[{"id":"h","type":"builtin:haproxy","parameters":{"{{{parameter}}}":"{{{value}}}"}}]}
            """),
        StringComparison.Ordinal);

    [Fact]
    public void TooLongASocket_IsTold() => Assert.Contains(
        "the path has more than 90 characters",
        Documents.Finding($$$"""
            {"resources":[{"id":"h","type":"builtin:haproxy","parameters":{"socket":"/{{{new string('a', 90)}}}"}}]}
            """),
        StringComparison.Ordinal);

    [Fact]
    public void TwoOfOneConfiguration_AreRefused() => Assert.Contains(
        "/resources/1/parameters/config: [/etc/haproxy/haproxy.cfg] is used before, at /resources/0/parameters/config",
        Documents.Finding("""
            {"resources":[{"id":"h","type":"builtin:haproxy"},{"id":"i","type":"builtin:haproxy"}]}
            """),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1", "127.0.0.1", 80, "/")]
    [InlineData("http://10.0.0.1:8080/a?b=c", "10.0.0.1", 8080, "/a?b=c")]
    [InlineData("http://[fd00::1]:81/", "fd00::1", 81, "/")]
    public void CheckUrls_AreRead(string text, string address, int port, string path) =>
        Assert.Equal(new HaproxyCheckUrl(address, port, path), HaproxyParameters.ReadUrl(text));
}
