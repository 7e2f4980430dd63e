namespace Ha.Simulation.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void AllOptions_AreRead()
    {
        var line = CommandLine.Parse(
            ["--seeds", "5", "--hours", "0.5", "--replay", "42", "--shrink", "--trace", "--first", "9", "--nodes", "3"],
            out var error);

        Assert.Null(error);
        Assert.Equal(
            new CommandLine
            {
                Seeds = 5, Hours = 0.5, Replay = 42, Shrink = true, Trace = true, First = 9, Nodes = 3,
            },
            line);
        Assert.Equal(Micros.Hour / 2, line.Length);
    }

    [Theory]
    [InlineData("--seed", "5")]
    [InlineData("--seeds", "none")]
    [InlineData("--seeds")]
    [InlineData("--hours", "0")]
    [InlineData("--hours", "25")]
    [InlineData("--nodes", "1")]
    [InlineData("--nodes", "6")]
    [InlineData("--trace")]
    public void WrongOptions_AreNamed(params string[] arguments)
    {
        CommandLine.Parse(arguments, out var error);

        Assert.Contains(arguments[0], error, StringComparison.Ordinal);
    }
}
