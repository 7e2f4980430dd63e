using System.Collections.Immutable;
using System.Text.Json;
using Ha.Core.Contracts;

namespace Ha.Agent.Tests;

/// <summary><c>ha-agent haproxy</c> as an operator runs it, against a control socket that the test holds.</summary>
public sealed class HaproxyCommandTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly HaproxyTraffic Traffic = new()
    {
        Sessions = 4, SessionsMax = 9, SessionsTotal = 1234, SessionRate = 2, BytesIn = 0, BytesOut = 0,
        DeniedRequests = 0, DeniedResponses = 0, RequestErrors = 0, ConnectionErrors = 0, ResponseErrors = 0,
        Retries = 0, Redispatches = 0, Responses = [0, 0, 0, 0, 0, 0],
    };

    [Fact]
    public async Task Table_ShowsWhereItRunsAndReadsWhat_ThenServersWithWhatIsWantedOfThem()
    {
        await using var agent = Agent();
        var (code, output, error) = CommandLineTests.Run(agent, "haproxy");

        Assert.True(code == 0, error);
        Assert.Contains("s1  started, configuration 1111aaaa, passes its check\n", output, StringComparison.Ordinal);
        Assert.Contains("s2  started, configuration 3333cccc, does not pass its check: line 7: unknown keyword\n", output,
            StringComparison.Ordinal);
        Assert.Contains("DRIFT: haproxy reads other files", output, StringComparison.Ordinal);
        Assert.Contains("frontend web  OPEN, 4 sessions, 2 new a second, 1234 in all", output, StringComparison.Ordinal);
        Assert.Contains("backend app  UP, 1 of 2 servers in use, 0 waiting", output, StringComparison.Ordinal);
        var one = output.Split('\n').Single(line => line.StartsWith("    one ", StringComparison.Ordinal));
        Assert.Equal(["one", "DRAIN", "100", "4", "1234", "L7OK", "wanted:", "drain,"],
            one.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..8]);
        Assert.EndsWith(": new kernel", one, StringComparison.Ordinal);
        Assert.Contains("wanted of app/gone: weight 5, by anna", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AsJson_IsWhatTheNodeReadsAndWhatTheClusterKnows()
    {
        await using var agent = Agent();
        var (code, output, _) = CommandLineTests.Run(agent, "haproxy", "--json", "--resource", "haproxy");

        Assert.Equal(0, code);
        var overview = JsonSerializer.Deserialize(output, HaJson.Default.HaproxyOverview)!;
        Assert.Equal("app", Assert.Single(Assert.Single(overview.Live).Backends).Name);
        Assert.Equal(2, Assert.Single(overview.Resources).ServerIntents!.Value.Length);
    }

    [Fact]
    public async Task NothingConfigured_SaysSo_AndAnUnknownResourceIsAMistake()
    {
        await using var agent = new ControlFixture();
        var (code, output, _) = CommandLineTests.Run(agent, "haproxy");
        Assert.Equal((0, "No resource of type builtin:haproxy is configured\n"), (code, output));

        var (wrong, _, error) = CommandLineTests.Run(agent, "haproxy", "--resource", "proxy");
        Assert.Equal(2, wrong);
        Assert.Contains("there is no resource proxy of type builtin:haproxy; none is configured", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerbsAboutServers_ReachTheAgent()
    {
        await using var agent = new ControlFixture();
        var before = DateTimeOffset.UtcNow;
        foreach (var verb in new[]
        {
            "drain app/one --for 10m --reason slow", "maint app/one --resource haproxy", "ready app/one",
            "weight app/one 50", "weight app/one configured",
        })
        {
            var (code, _, error) = CommandLineTests.Run(agent, ["haproxy", .. verb.Split(' ')]);
            Assert.True(code == 0, error);
        }

        Assert.Equal(
            [
                " app one Drain  False slow", "haproxy app one Maintenance  False ", " app one Ready  False ",
                " app one  50 False ", " app one   True ",
            ],
            agent.Commands.Select(static one => $"{one.Server!.Resource} {one.Server.Backend} {one.Server.Server} "
                + $"{one.Server.State} {one.Server.Weight} {one.Server.ConfiguredWeight} {one.Reason}"));
        Assert.All(agent.Commands, static one => Assert.Equal(CommandKind.SetServer, one.Kind));
        Assert.InRange(agent.Commands[0].Server!.Until!.Value, before + TimeSpan.FromMinutes(10),
            DateTimeOffset.UtcNow + TimeSpan.FromMinutes(10));
        Assert.All(agent.Commands.Skip(1), static one => Assert.Null(one.Server!.Until));
    }

    [Theory]
    [InlineData("drain")]
    [InlineData("drain app")]
    [InlineData("drain app/one/two")]
    [InlineData("drain app/one --for soon")]
    [InlineData("drain app/one --for 0m")]
    [InlineData("ready app/one --for 10m")]
    [InlineData("weight app/one")]
    [InlineData("weight app/one 257")]
    [InlineData("weight app/one -1")]
    [InlineData("weight app/one 1.5")]
    [InlineData("remove app/one")]
    public void WrongUsage_Exit2AndAHint(string verb)
    {
        var (code, output, error) = CommandLineTests.RunIn("/tmp", ["haproxy", .. verb.Split(' ')]);

        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("haproxy")]
    [InlineData("haproxy drain")]
    [InlineData("haproxy maint")]
    [InlineData("haproxy ready")]
    [InlineData("haproxy weight")]
    public void HelpOfEachVerb_IsPrinted_AndWithoutAnAgentTheExitCodeIs3(string verb)
    {
        Assert.Equal(0, CommandLineTests.RunIn("/tmp", [.. verb.Split(' '), "--help"]).Code);
        string[] arguments = verb == "haproxy" ? [] : verb == "haproxy weight" ? ["app/one", "1"] : ["app/one"];
        Assert.Equal(3, CommandLineTests.RunIn(
            "/tmp", [.. verb.Split(' '), .. arguments, "--runtime-dir", "/tmp/hl-agent-nobody"]).Code);
    }

    private static ControlFixture Agent()
    {
        var agent = new ControlFixture { Haproxies = [Live()] };
        var cluster = ExampleCluster.Snapshot();
        agent.Publish(cluster with { Groups = [cluster.Groups[0] with { Resources = [Resource()] }] });
        return agent;
    }

    private static ResourceSnapshot Resource() => new()
    {
        Id = "haproxy",
        Type = "builtin:haproxy",
        Nodes =
        [
            new ResourceOnNode("s1", ResourceState.Started, "")
            {
                Configuration = new ServiceConfiguration("haproxy", "1111aaaa2222", ""),
            },
            new ResourceOnNode("s2", ResourceState.Started, "")
            {
                Configuration = new ServiceConfiguration("haproxy", "3333cccc4444", "line 7: unknown keyword"),
            },
        ],
        ConfigurationDrift = "haproxy reads other files on some nodes than on others: 1111aaaa on s1; 3333cccc on s2",
        ServerIntents =
        [
            new ServerIntent
            {
                Backend = "app", Server = "one", State = HaproxyServerAdmin.Drain, Actor = "anna",
                Reason = "new kernel", At = At,
            },
            new ServerIntent { Backend = "app", Server = "gone", Weight = 5, Actor = "anna", Reason = "", At = At },
        ],
    };

    private static HaproxyStatus Live() => new()
    {
        Resource = "haproxy",
        Node = "s1",
        At = At,
        IsRunning = true,
        Configuration = new HaproxyConfiguration("/etc/haproxy/haproxy.cfg", "1111aaaa2222", null, At, true),
        Frontends = [new HaproxyFrontend("web", "http", "OPEN", Traffic)],
        Backends =
        [
            new HaproxyBackend
            {
                Name = "app", Mode = "http", Algorithm = "roundrobin", IsUp = true, ActiveServers = 1,
                BackupServers = 0, Queued = 0, LastChangeSeconds = 1, DowntimeSeconds = 0, Traffic = Traffic,
                Servers = [Server("one", "DRAIN", HaproxyServerState.Drain), Server("two", "UP", HaproxyServerState.Up)],
            },
        ],
    };

    private static HaproxyServer Server(string name, string status, HaproxyServerState state) => new()
    {
        Name = name, Address = "10.0.0.1:80", State = state, Admin = HaproxyServerAdmin.Ready, Status = status,
        Weight = 100, IsBackup = false, Queued = 0, LastChangeSeconds = 1, DowntimeSeconds = 0, Traffic = Traffic,
        Check = new HaproxyServerCheck("L7OK", "", "", 200, 1, 0, 0),
    };
}
