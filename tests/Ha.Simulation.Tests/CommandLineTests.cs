namespace Ha.Simulation.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void AllOptions_AreRead()
    {
        var line = CommandLine.Parse(
            [
                "--seeds", "5", "--hours", "0.5", "--replay", "42", "--shrink", "--trace", "--from", "9", "--nodes",
                "3",                 "--profile", "lan250", "--jobs", "1", "--mode", "fencing",
            ],
            out var error);

        Assert.Null(error);
        Assert.Equal(
            new CommandLine
            {
                Seeds = 5, Replay = 42, Shrink = true, Trace = true, First = 9, Jobs = 1,
                Options = new SeedOptions
                {
                    Length = Micros.Hour / 2, Nodes = 3, Mix = ClusterMix.Lan250, Mode = SafetyMode.Fencing,
                },
            },
            line);
    }

    [Theory]
    [InlineData("--seed", "5")]
    [InlineData("--seeds", "none")]
    [InlineData("--seeds")]
    [InlineData("--hours", "0")]
    [InlineData("--hours", "25")]
    [InlineData("--nodes", "1")]
    [InlineData("--nodes", "6")]
    [InlineData("--profile", "wan")]
    [InlineData("--mode", "3")]
    [InlineData("--mode", "hopeful")]
    [InlineData("--jobs", "0")]
    [InlineData("--plan")]
    [InlineData("--save", "plan.json")]
    [InlineData("--trace")]
    public void WrongOptions_AreNamed(params string[] arguments)
    {
        CommandLine.Parse(arguments, out var error);

        Assert.Contains(arguments[0], error, StringComparison.Ordinal);
    }
}
