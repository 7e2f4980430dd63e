namespace Ha.Api.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Settings_OverrideEachOtherByName()
    {
        var line = CommandLine.Parse(
            ["--urls", "https://0.0.0.0:8443", "--state-dir=/tmp/x", "--Webhooks:AllowLoopback=true"]);

        Assert.Equal(Verb.Serve, line.Verb);
        Assert.Equal("https://0.0.0.0:8443", line.Settings["urls"]);
        Assert.Equal("/tmp/x", line.Settings["Api:StateDirectory"]);
        Assert.Equal("true", line.Settings["Webhooks:AllowLoopback"]);
    }

    [Theory]
    [InlineData("--state-dri", "/tmp")]
    [InlineData("--state-dir")]
    [InlineData("token")]
    [InlineData("tokens", "--new")]
    [InlineData("--new")]
    public async Task WrongUsage_IsSaidOnStderrWithExitCode2(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(2, await Startup.RunAsync(CommandLine.Parse(args), output, errors));
        Assert.Equal("", output.ToString());
        Assert.NotEqual("", errors.ToString());
    }

    [Fact]
    public async Task WrongSettings_AreAllSaidAtOnceWithExitCode6()
    {
        using var errors = new StringWriter();

        Assert.Equal(6, await Startup.RunAsync(CommandLine.Parse(
            ["--runtime-dir", "run", "--Api:HistoryDays=0", "--Webhooks:AttemptSeconds=0"]), errors, errors));

        Assert.Equal(3, errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Help_IsPrinted()
    {
        using var output = new StringWriter();

        Assert.Equal(0, await Startup.RunAsync(CommandLine.Parse(["--help"]), output, output));
        Assert.Contains("--runtime-dir", output.ToString(), StringComparison.Ordinal);
    }
}
