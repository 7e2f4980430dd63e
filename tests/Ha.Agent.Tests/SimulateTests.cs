using System.Text.Json;
using Ha.Agent.Tests.Hosts;

namespace Ha.Agent.Tests;

/// <summary><c>ha-agent simulate</c> as an operator runs it, against a control socket that the test holds.</summary>
public sealed class SimulateTests
{
    [Fact]
    public async Task FailNode_TheServiceMovesToTheOther_AndTheReasonIsTold()
    {
        await using var agent = new ControlFixture();
        var (code, output, error) = CommandLineTests.Run(agent, "simulate", "--fail-node", "s1");

        Assert.True(code == 0, error);
        Assert.StartsWith("What if s1 dies?\nFrom the state that s1, which decides, has", output,
            StringComparison.Ordinal);
        Assert.Contains("s1 -> s2; SERVICE STOPS for as long as the plan takes, then goes on", output,
            StringComparison.Ordinal);
        Assert.Contains("s1: cannot: is dead", output, StringComparison.Ordinal);
        Assert.Contains("1: start haproxy on s2 after 0", output, StringComparison.Ordinal);
        Assert.Contains("haproxy: on s2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SuppositionsAreCombined_AndPrintedAsJson()
    {
        await using var agent = new ControlFixture();
        var (code, output, error) = CommandLineTests.Run(agent, "simulate", "--json", "--fail-resource", "haproxy@s1",
            "--fail-resource", "haproxy", "--fail-resource", "haproxy", "--standby", "s2");

        Assert.True(code == 0, error);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(4, json.RootElement.GetProperty("suppositions").GetArrayLength());
        var group = json.RootElement.GetProperty("groups")[0];
        Assert.Equal("lost", group.GetProperty("service").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("endState").GetProperty("haproxy").GetArrayLength());
        Assert.True(json.RootElement.GetProperty("settles").GetBoolean());
    }

    [Fact]
    public async Task StateIsSaved_AndSimulatedWithoutAnAgent_WithScores()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "state.json");
        await using (var agent = new ControlFixture())
        {
            var (saved, output, error) = CommandLineTests.Run(agent, "simulate", "--save-state", file);
            Assert.True(saved == 0, error);
            Assert.StartsWith("What follows from what is now?", output, StringComparison.Ordinal);
        }

        var (code, text, why) = CommandLineTests.RunIn(
            "/tmp", ["simulate", "--state", file, "--standby", "s1", "--scores"]);
        Assert.True(code == 0, why);
        Assert.Contains($"From {file}: the state", text, StringComparison.Ordinal);
        Assert.Contains("haproxy: on s2", text, StringComparison.Ordinal);
        Assert.Contains("haproxy on s1: never: is in standby", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationIsRefused_Exit6WithEveryMistake()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "new.json");
        File.WriteAllText(file, """{"version": 5, "resources": [{"id": "a", "type": "no:such"}], "colour": "red"}""");
        await using var agent = new ControlFixture();
        var (code, output, error) = CommandLineTests.Run(agent, "simulate", "--config", file);

        Assert.Equal(6, code);
        Assert.Empty(output);
        Assert.Contains("/version", error, StringComparison.Ordinal);
        Assert.Contains("/colour", error, StringComparison.Ordinal);
        Assert.Contains("nothing was simulated", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigurationOfTheSavedStateChanged_TheResourceIsRestartedOrMoved()
    {
        using var folder = new TemporaryFolder();
        var state = Path.Combine(folder.Path, "state.json");
        var file = Path.Combine(folder.Path, "new.json");
        await using var agent = new ControlFixture();
        Assert.Equal(0, CommandLineTests.Run(agent, "simulate", "--save-state", state).Code);
        using var saved = JsonDocument.Parse(File.ReadAllText(state));
        File.WriteAllText(file, saved.RootElement.GetProperty("configuration").GetRawText()
            .Replace("\"node\":\"s1\"", "\"node\":\"s2\"", StringComparison.Ordinal));

        var (code, output, error) = CommandLineTests.Run(agent, "simulate", "--config", file);

        Assert.True(code == 0, error);
        Assert.StartsWith($"What if {file} is the configuration?", output, StringComparison.Ordinal);
        Assert.Contains("s1 -> s2", output, StringComparison.Ordinal);
        Assert.Contains("s2: chosen: is the preferred node", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no node s9", "--fail-node", "s9")]
    [InlineData("s2 is not in standby", "--online", "s2")]
    [InlineData("haproxy does not run on s2", "--fail-resource", "haproxy@s2")]
    [InlineData("there is no resource nginx", "--fail-resource", "nginx")]
    [InlineData("do not go together", "--cib", "/tmp/none.xml", "--standby", "s1")]
    public async Task WhatCannotBeSupposed_Exit2AndTheReason(string reason, params string[] arguments)
    {
        await using var agent = new ControlFixture();
        var (code, output, error) = CommandLineTests.Run(agent, ["simulate", .. arguments]);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyDecides_Exit1()
    {
        await using var agent = new ControlFixture();
        agent.Publish(ExampleCluster.Snapshot() with { View = null });
        var (code, _, error) = CommandLineTests.Run(agent, "simulate", "--fail-node", "s1");

        Assert.Equal(1, code);
        Assert.Contains("no node decides at this moment", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1, 2]")]
    [InlineData("{\"node\": \"s1\"}")]
    public void StateFileIsNoState_Exit1(string content)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "state.json");
        File.WriteAllText(file, content);
        var (code, _, error) = CommandLineTests.RunIn("/tmp", ["simulate", "--state", file]);

        Assert.Equal(1, code);
        Assert.Contains("is no state that --save-state wrote", error, StringComparison.Ordinal);
    }
}
