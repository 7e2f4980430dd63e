using Microsoft.Extensions.Configuration;

namespace Ha.Web.Tests;

public sealed class WebOptionsTests
{
    [Fact]
    public void ValidOptions_AreReadInOrder()
    {
        var (options, errors) = Read(("api", "https://s1:8443, https://s2:8443"), ("state-dir", "/tmp/x"));

        Assert.Empty(errors);
        Assert.Equal(["s1:8443", "s2:8443"], options!.Apis.Select(api => api.Authority));
        Assert.Equal("/tmp/x", options.StateDirectory);
    }

    [Theory]
    [InlineData(null, "missing")]
    [InlineData("s1:8443", "is no address")]
    [InlineData("ftp://s1", "is no address")]
    [InlineData("http://s1:8443", "in clear text")]
    [InlineData("https://s1:8443/api/v1", "more than host and port")]
    [InlineData("https://a@s1:8443", "more than host and port")]
    [InlineData("https://s1:8443,https://s1:8443", "named twice")]
    public void WrongAddress_IsRefusedWithWhatToWrite(string? api, string complaint)
    {
        var (options, errors) = Read(("api", api));

        Assert.Null(options);
        Assert.Contains(complaint, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void AllErrors_ComeAtOnce() =>
        Assert.Equal(3, Read(("api", "x,http://s2:1"), ("api-fingerprint", "abc")).Errors.Length);

    [Theory]
    [InlineData("SHA256=")]
    [InlineData("")]
    public void Fingerprint_IsReadAsOpensslPrintsIt(string prefix)
    {
        var colons = prefix + string.Join(':', Enumerable.Repeat("ab", 32));

        var (options, _) = Read(("api", "https://s1:8443"), ("api-fingerprint", colons));

        Assert.Equal(string.Concat(Enumerable.Repeat("AB", 32)), Assert.Single(options!.Fingerprints));
    }

    [Fact]
    public void MisspelledOption_IsNotTakenAsDefault() =>
        Assert.Equal("--apis: no such option", Assert.Single(WebOptions.UnknownArguments(
            ["--apis=https://s1", "--urls", "http://x", "--Logging:LogLevel:Default=Debug"])));

    private static (WebOptions? Options, ImmutableArray<string> Errors) Read(
        params (string Key, string? Value)[] settings) =>
        WebOptions.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Key, one.Value))).Build());
}
