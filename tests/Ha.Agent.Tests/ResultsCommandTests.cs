using System.Collections.Immutable;
using System.Text.Json;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

/// <summary><c>ha-agent results</c> as an operator runs it, against a control socket that the test holds.</summary>
public sealed class ResultsCommandTests
{
    private static readonly ResourceResult Good = new()
    {
        Number = 7, Operation = OperationKind.Monitor, IntervalMs = 10_000, At = DateTimeOffset.UtcNow,
        DurationMs = 12.4, Outcome = OperationOutcome.Succeeded, ExitCode = 0, Reason = "", Output = "",
    };

    private static readonly ResourceResult Bad = Good with
    {
        Number = 6, Operation = OperationKind.Start, IntervalMs = 0, Outcome = OperationOutcome.Failed, ExitCode = 1,
        Reason = "/bin/web start exited with 1 (failed)", Output = "no port\nno luck",
    };

    [Fact]
    public async Task OfAResource_EachResultHasItsLine_ItsReasonAndItsOutput()
    {
        await using var agent = new ControlFixture { Results = [new("haproxy", "s1", [Good, Bad])] };

        var (code, output, error) = CommandLineTests.Run(agent, "results", "haproxy");

        Assert.True(code == 0, error);
        Assert.Equal("haproxy", agent.ResultsAsked);
        var lines = output.Split('\n');
        Assert.Equal("haproxy on s1, newest first", lines[0]);
        Assert.EndsWith("  monitor each 10 s: succeeded in 12 ms, exit code 0", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("  start: failed in 12 ms, exit code 1", lines[2], StringComparison.Ordinal);
        Assert.Equal(["    /bin/web start exited with 1 (failed)", "    printed: no port", "    no luck", ""],
            lines[3..]);
    }

    [Fact]
    public async Task WithoutAResource_TheLastResultOfEachIsALine()
    {
        await using var agent = new ControlFixture
        {
            Results = [new("db", "s1", [Bad]), new("haproxy", "s1", [Good])],
        };

        var (code, output, _) = CommandLineTests.Run(agent, "results");

        Assert.Equal(0, code);
        Assert.Null(agent.ResultsAsked);
        Assert.StartsWith("db       20", output, StringComparison.Ordinal);
        Assert.Contains("\nhaproxy  20", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsJson_IsWhatTheAgentTells()
    {
        ImmutableArray<ResourceResults> known = [new("haproxy", "s1", [Good, Bad])];
        await using var agent = new ControlFixture { Results = known };

        var (code, output, _) = CommandLineTests.Run(agent, "results", "haproxy", "--json");

        Assert.Equal(0, code);
        var told = JsonSerializer.Deserialize(output, HaJson.Default.ImmutableArrayResourceResults);
        Assert.Equal(known[0].Results.AsEnumerable(), Assert.Single(told).Results);
    }

    [Fact]
    public async Task NothingDoneYet_SaysSo_AndAnUnknownResourceIsAMistake()
    {
        await using var agent = new ControlFixture();
        var configured = agent.Snapshot.Groups[0].Resources[0].Id;

        var (code, output, _) = CommandLineTests.Run(agent, "results", configured);
        Assert.Equal((0, "No operation has ended here since this agent was started\n"), (code, output));

        var (wrong, nothing, error) = CommandLineTests.Run(agent, "results", "proxy");
        Assert.Equal((2, ""), (wrong, nothing));
        Assert.Contains("there is no resource proxy", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_IsPrinted_AndWithoutAnAgentTheExitCodeIs3()
    {
        Assert.Equal(0, CommandLineTests.RunIn("/tmp", ["results", "--help"]).Code);
        Assert.Equal(2, CommandLineTests.RunIn("/tmp", ["results", "a", "b"]).Code);
        Assert.Equal(3, CommandLineTests.RunIn("/tmp", ["results", "--runtime-dir", "/tmp/hl-agent-nobody"]).Code);
    }
}
