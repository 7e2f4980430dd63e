using System.Net;

namespace Ha.Api.Tests;

public sealed class HaproxyTests
{
    private const string Path = "/api/v1/haproxy";
    private const string State = Path + "/servers/app/one/state";

    private static readonly HaproxyTraffic Traffic = new()
    {
        Sessions = 4, SessionsMax = 9, SessionsTotal = 1234, SessionRate = 2, BytesIn = 0, BytesOut = 0,
        DeniedRequests = 0, DeniedResponses = 0, RequestErrors = 0, ConnectionErrors = 0, ResponseErrors = 0,
        Retries = 0, Redispatches = 0, Responses = [0, 0, 0, 0, 0, 0],
    };

    [Fact]
    public async Task WhatTheNodeReads_HasItsOwnAddresses()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Haproxies = [Live("haproxy")];

        var all = await api.GetAsync(Path, HaJson.Default.HaproxyOverview);
        var info = await api.GetAsync(Path + "/info", HaJson.Default.HaproxyStatus);
        var frontends = await api.GetAsync(Path + "/frontends", HaJson.Default.PageHaproxyFrontend);
        var backends = await api.GetAsync(Path + "/backends?resource=haproxy", HaJson.Default.PageHaproxyBackend);
        var server = await api.GetAsync(Path + "/servers/app/one", HaJson.Default.HaproxyServer);

        Assert.Equal("app", all.Live.Single().Backends.Single().Name);
        Assert.Equal(("/etc/haproxy/haproxy.cfg", 0), (info.Configuration.Path, info.Backends.Length));
        Assert.Equal("web", frontends.Items.Single().Name);
        Assert.Equal("one", backends.Items.Single().Servers.Single().Name);
        Assert.Equal((HaproxyServerState.Drain, 1234L), (server.State, server.Traffic.SessionsTotal));
    }

    [Fact]
    public async Task WhatIsNotThere_IsAProblemThatSaysWhatIs()
    {
        await using var api = await ApiApplication.StartAsync();

        await ApiApplication.ProblemAsync(await api.Client.GetAsync(Path + "/info"), HttpStatusCode.NotFound,
            "unknown-resource");
        api.Agent.Haproxies = [Live("haproxy")];
        await ApiApplication.ProblemAsync(await api.Client.GetAsync(Path + "/servers/app/two"),
            HttpStatusCode.NotFound, "unknown-server");
        var other = await ApiApplication.ProblemAsync(await api.Client.GetAsync(Path + "/backends?resource=proxy"),
            HttpStatusCode.NotFound, "unknown-resource");
        Assert.Contains("there are haproxy", other.Detail, StringComparison.Ordinal);
        api.Agent.Haproxies = [Live("haproxy") with { IsRunning = false, Frontends = [], Backends = [] }];
        var stopped = await ApiApplication.ProblemAsync(await api.Client.GetAsync(Path + "/servers/app/one"),
            HttpStatusCode.NotFound, "unknown-server");
        Assert.Contains("does not run on s1", stopped.Detail, StringComparison.Ordinal);
        api.Agent.Haproxies = [Live("haproxy"), Live("internal")];
        var several = await ApiApplication.ProblemAsync(await api.Client.GetAsync(Path + "/frontends"),
            HttpStatusCode.BadRequest, "malformed-request");
        Assert.Equal("?resource", several.Errors.Single().Pointer);
    }

    [Fact]
    public async Task StateOfAServer_IsAnIntentThatReachesTheAgent()
    {
        await using var api = await ApiApplication.StartAsync();

        using var response = await api.Client.PutAsync(State,
            CommandTests.Json("""{"state":"maintenance","weight":5,"until":"2030-01-01T00:00:00Z","reason":"disk"}"""));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var command = api.Agent.Commands.Single();
        var change = command.Server!;
        Assert.Equal((CommandKind.SetServer, "disk", "operator"), (command.Kind, command.Reason, command.Actor));
        Assert.Equal(("app", "one", HaproxyServerAdmin.Maintenance, 5, false),
            (change.Backend, change.Server, change.State!.Value, change.Weight!.Value, change.ConfiguredWeight));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), change.Until);
    }

    [Theory]
    [InlineData("""{"state":"slow"}""", "/state")]
    [InlineData("""{"weight":"5"}""", "/weight")]
    [InlineData("""{"state":"drain","for":"10m"}""", "/for")]
    [InlineData("""{"state":"drain","resource":"a b"}""", "/resource")]
    public async Task MalformedState_NeverReachesTheAgent(string body, string pointer)
    {
        await using var api = await ApiApplication.StartAsync();

        var problem = await ApiApplication.ProblemAsync(
            await api.Client.PutAsync(State, CommandTests.Json(body)), HttpStatusCode.BadRequest, "malformed-request");

        Assert.Equal(pointer, problem.Errors.Single().Pointer);
        Assert.Empty(api.Agent.Commands);
    }

    private static HaproxyStatus Live(string resource) => new()
    {
        Resource = resource,
        Node = "s1",
        At = Sample.Noon,
        IsRunning = true,
        Configuration = new HaproxyConfiguration("/etc/haproxy/haproxy.cfg", "1111aaaa2222", null, Sample.Noon, true),
        Frontends = [new HaproxyFrontend("web", "http", "OPEN", Traffic)],
        Backends =
        [
            new HaproxyBackend
            {
                Name = "app", Mode = "http", Algorithm = "roundrobin", IsUp = true, ActiveServers = 0,
                BackupServers = 0, Queued = 0, LastChangeSeconds = 1, DowntimeSeconds = 0, Traffic = Traffic,
                Servers =
                [
                    new HaproxyServer
                    {
                        Name = "one", Address = "10.0.0.1:80", State = HaproxyServerState.Drain,
                        Admin = HaproxyServerAdmin.Drain, Status = "DRAIN", Weight = 100, IsBackup = false, Queued = 0,
                        LastChangeSeconds = 1, DowntimeSeconds = 0, Traffic = Traffic,
                    },
                ],
            },
        ],
    };
}
