using System.Diagnostics;
using System.Text.Json;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

/// <summary>The built program as an operator runs it, against a control socket that the test holds.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Status_ShowsServiceAndHolderFirst_ThenNodesWithLinks_ThenTheLastWarnings()
    {
        await using var agent = new ControlFixture(eventCount: 3);
        var (code, output, _) = Run(agent, "status");

        Assert.Equal(0, code);
        var lines = output.Split('\n');
        Assert.StartsWith("Cluster linux-ha as s1 sees it", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("VIP 192.168.1.100/24  ACTIVE on s1", lines[2], StringComparison.Ordinal);
        Assert.Contains("Node s2  ONLINE, heard", output, StringComparison.Ordinal);
        Assert.Contains("link ucast eth0 192.168.1.203  up", output, StringComparison.Ordinal);
        Assert.Contains("md5 is weak", output, StringComparison.Ordinal);
        Assert.DoesNotContain("STALE", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusAsJson_IsTheSnapshotItself()
    {
        await using var agent = new ControlFixture();
        var (code, output, _) = Run(agent, "status", "--json");

        Assert.Equal(0, code);
        Assert.Equal("s1", JsonSerializer.Deserialize(output, HaJson.Default.ClusterSnapshot)!.Node);
    }

    [Fact]
    public async Task Events_PrintsTheNewestOnesOldestFirst_AcrossPages()
    {
        await using var agent = new ControlFixture(eventCount: 1500);
        var (code, output, _) = Run(agent, "events", "--limit", "1200");

        Assert.Equal(0, code);
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(1200, lines.Length);
        Assert.EndsWith("sentence 301", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("sentence 1500", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsFollowed_NewOnesAppearAsTheyCome()
    {
        await using var agent = new ControlFixture(eventCount: 2);
        using var process = Start(agent, "events", "--follow", "--json");
        Assert.Contains("sentence 1", await Line(process), StringComparison.Ordinal);
        Assert.Contains("sentence 2", await Line(process), StringComparison.Ordinal);
        agent.Add(1);
        Assert.Contains("sentence 3", await Line(process), StringComparison.Ordinal);
        process.Kill();
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task CommandIsRefused_Exit4AndTheReasonOnStderr()
    {
        await using var agent = new ControlFixture();
        agent.OnCommand = static _ => new CommandAnswer(null,
            new CommandRejection(RejectionCode.NoOtherNode, "s2 is dead: no other node can take the groups"));
        var (code, output, error) = Run(agent, "standby");

        Assert.Equal(4, code);
        Assert.Empty(output);
        Assert.Contains("noOtherNode", error, StringComparison.Ordinal);
        Assert.Contains("s2 is dead", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OptionsOfACommand_ReachTheAgent()
    {
        await using var agent = new ControlFixture();
        Assert.Equal(0, Run(agent, "standby", "s2", "--kind", "local", "--reason", "new disk").Code);
        Assert.Equal(0, Run(agent, "takeover", "--kind", "foreign").Code);
        Assert.Equal(0, Run(agent, "online").Code);
        Assert.Equal(0, Run(agent, "move", "web", "--to", "s2").Code);
        Assert.Equal(0, Run(agent, "cleanup").Code);
        Assert.Equal([false, false, false, false, false], agent.Commands.Select(static c => c.Force));
        Assert.Equal(0, Run(agent, "standby", "--force").Code);
        Assert.Equal(0, Run(agent, "online", "--force").Code);
        Assert.Equal(0, Run(agent, "takeover", "--force").Code);
        Assert.Equal(0, Run(agent, "move", "web", "--to", "s2", "--force").Code);
        Assert.Equal([true, true, true, true], agent.Commands.Skip(5).Select(static c => c.Force));
        Assert.Equal(0, Run(agent, "confirm-off", "s2", "--generation", "7").Code);
        Assert.Equal((CommandKind.ConfirmOff, "s2", 7u),
            (agent.Commands[^1].Kind, agent.Commands[^1].Node, agent.Commands[^1].Generation!.Value));

        Assert.Equal(
            [
                "Standby s2 Local   new disk", "Takeover  Foreign   ", "Online  All   ", "Move  All web s2 ",
                "Cleanup  All   ",
            ],
            agent.Commands.Take(5).Select(static c => $"{c.Kind} {c.Node} {c.Set} {c.Group} {c.To} {c.Reason}"));
    }

    [Fact]
    public async Task Wait_PrintsTheStepsAndReturnsWhenTheOperationHasEnded()
    {
        await using var agent = new ControlFixture();
        agent.OnCommand = command =>
        {
            var id = command.Id;
            var cluster = ExampleCluster.Snapshot();
            agent.Publish(cluster with { Operations = [ExampleCluster.Operation(id, OperationState.Running,
                ExampleCluster.Step("stop haproxy on s1", StepState.Succeeded),
                ExampleCluster.Step("start haproxy on s2", StepState.Running))] });
            agent.Publish(cluster with { Operations = [ExampleCluster.Operation(id, OperationState.Succeeded,
                ExampleCluster.Step("stop haproxy on s1", StepState.Succeeded),
                ExampleCluster.Step("start haproxy on s2", StepState.Succeeded))] });
            return new CommandAnswer(id, null);
        };
        var (code, output, error) = Run(agent, "standby", "--wait");

        Assert.True(code == 0, error);
        Assert.Contains("stop haproxy on s1  succeeded in 1 s", output, StringComparison.Ordinal);
        Assert.Contains("start haproxy on s2  succeeded in 1 s", output, StringComparison.Ordinal);
        Assert.Contains("standby s1 (all): done in 2 s", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitForAnOperationThatFails_Exit1AndWhy()
    {
        await using var agent = new ControlFixture();
        agent.OnCommand = command =>
        {
            agent.Publish(ExampleCluster.Snapshot() with
            {
                Operations = [ExampleCluster.Operation(command.Id, OperationState.Failed)],
            });
            return new CommandAnswer(command.Id, null);
        };
        var (code, _, error) = Run(agent, "takeover", "--wait");

        Assert.Equal(1, code);
        Assert.Contains("haproxy did not stop on s1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitIsOver_Exit1AndTheOperationGoesOn()
    {
        await using var agent = new ControlFixture();
        var (code, _, error) = Run(agent, "online", "--wait", "--timeout", "1");

        Assert.Equal(1, code);
        Assert.Contains("has not ended within 1 s; it goes on", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("standby")]
    [InlineData("events", "--follow")]
    public void NoAgentRuns_Exit3(params string[] arguments)
    {
        var (code, _, error) = RunIn("/tmp", [.. arguments, "--runtime-dir", "/tmp/hl-agent-nobody"]);

        Assert.Equal(3, code);
        Assert.Contains("no agent answers", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("reboot")]
    [InlineData("status", "--yaml")]
    [InlineData("standby", "s1", "s2")]
    [InlineData("standby", "--kind", "half")]
    [InlineData("move", "web")]
    [InlineData("maintenance")]
    [InlineData("maintenance", "perhaps")]
    [InlineData("config", "diff")]
    [InlineData("config", "rollback")]
    [InlineData("events", "--limit", "many")]
    [InlineData("events", "--limit", "-1")]
    [InlineData("online", "--wait", "--timeout", "0")]
    public void WrongUsage_Exit2AndAHint(params string[] arguments)
    {
        var (code, output, error) = RunIn("/tmp", arguments);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("status")]
    [InlineData("nodes")]
    [InlineData("resources")]
    [InlineData("events")]
    [InlineData("standby")]
    [InlineData("online")]
    [InlineData("takeover")]
    [InlineData("move")]
    [InlineData("cleanup")]
    [InlineData("maintenance")]
    [InlineData("config")]
    [InlineData("config", "set")]
    [InlineData("check-config")]
    [InlineData("simulate")]
    [InlineData("version")]
    public void HelpOfEachVerb_IsPrinted(params string[] verb)
    {
        var (code, output, _) = RunIn("/tmp", [.. verb, "--help"]);

        Assert.Equal(0, code);
        Assert.Contains("--runtime-dir", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hbstatus", 0, "Heartbeat is running on this machine.")]
    [InlineData("listnodes", 0, "s1\ns2")]
    [InlineData("nodestatus s2", 0, "active")]
    [InlineData("nodestatus s9", 1, "")]
    [InlineData("nodetype s2", 0, "normal")]
    [InlineData("listhblinks s2", 0, "ucast eth0 192.168.1.203")]
    [InlineData("hblinkstatus s2 eth0", 1, "")]
    [InlineData("rscstatus", 0, "local")]
    [InlineData("frobnicate", 11, "")]
    public async Task CalledAsClStatus_AnswersAsHeartbeatDoes(string arguments, int expectedCode, string expected)
    {
        await using var agent = new ControlFixture();
        var link = Link(agent, "cl_status");
        var (code, output, _) = Execute(link, ["--runtime-dir", agent.RuntimeDirectory, .. arguments.Split(' ')]);

        Assert.Equal(expectedCode, code);
        Assert.Equal(expected, output.Trim());
    }

    [Fact]
    public async Task LinkWithBlanksInItsName_CanBeAskedFor()
    {
        await using var agent = new ControlFixture();
        var (code, output, _) = Execute(Link(agent, "cl_status"),
            ["--runtime-dir", agent.RuntimeDirectory, "hblinkstatus", "s2", "ucast eth0 192.168.1.203"]);

        Assert.Equal((0, "up"), (code, output.Trim()));
    }

    [Fact]
    public async Task CalledAsHbStandby_SendsStandbyOfThatKind()
    {
        await using var agent = new ControlFixture();
        var standby = Link(agent, "hb_standby");
        Assert.Equal(0, Execute(standby, ["--runtime-dir", agent.RuntimeDirectory, "foreign"]).Code);
        Assert.Equal(0, Execute(Link(agent, "hb_takeover"), ["--runtime-dir", agent.RuntimeDirectory]).Code);
        Assert.Equal(1, Execute(standby, ["--runtime-dir", agent.RuntimeDirectory, "half"]).Code);

        Assert.Equal(["Standby Foreign", "Takeover All"], agent.Commands.Select(static c => $"{c.Kind} {c.Set}"));
    }

    [Fact]
    public async Task NoAgentRuns_ClStatusSaysStopped()
    {
        await using var agent = new ControlFixture();
        var link = Link(agent, "cl_status");
        var (code, output, _) = Execute(link, ["--runtime-dir", "/tmp/hl-agent-nobody", "hbstatus"]);

        Assert.Equal((1, "Heartbeat is stopped on this machine."), (code, output.Trim()));
    }

    private static string Link(ControlFixture agent, string name)
    {
        var path = Path.Combine(agent.RuntimeDirectory, name);
        File.CreateSymbolicLink(path, AgentProgram.Path);
        return path;
    }

    internal static (int Code, string Output, string Error) Run(ControlFixture agent, params string[] arguments) =>
        RunIn(agent.RuntimeDirectory, [.. arguments, "--runtime-dir", agent.RuntimeDirectory]);

    internal static (int Code, string Output, string Error) RunIn(string directory, string[] arguments) =>
        Execute(AgentProgram.Path, arguments, directory);

    private static (int Code, string Output, string Error) Execute(
        string program, string[] arguments, string directory = "/tmp")
    {
        using var process = AgentProgram.Start(program, arguments, directory: directory);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{program} hangs");
        return (process.ExitCode, output, error.Result);
    }

    private static Process Start(ControlFixture agent, params string[] arguments) =>
        AgentProgram.Start(AgentProgram.Path, [.. arguments, "--runtime-dir", agent.RuntimeDirectory]);

    private static async Task<string> Line(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)) ?? "";
}
