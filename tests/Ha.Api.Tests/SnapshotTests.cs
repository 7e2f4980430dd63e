using System.Net;

namespace Ha.Api.Tests;

public sealed class SnapshotTests(SharedApi shared) : IClassFixture<SharedApi>
{
    private static readonly string GroupPath = $"/api/v1/groups/{Uri.EscapeDataString(Sample.Group)}";

    [Fact]
    public async Task Cluster_IsTheAgentsSnapshotWithItsNodeAndAge()
    {
        var api = shared.Api;

        using var response = await api.Client.GetAsync("/api/v1/cluster");
        var cluster = await api.GetAsync("/api/v1/cluster", HaJson.Default.ClusterSnapshot);

        Assert.Equal("reference", cluster.Cluster);
        Assert.Equal(["s1", "s2"], cluster.Nodes.Select(node => node.Name));
        Assert.Equal("s1", response.Headers.GetValues("X-Served-By").Single());
        Assert.InRange(long.Parse(response.Headers.GetValues("X-State-Age-Ms").Single()), 0, 10_000);
        Assert.False(response.Headers.Contains("X-State-Stale"));
        Assert.Contains("\"heartbeatStatus\":\"active\",", await response.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        Assert.Contains("\"state\":\"online\",", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EachPartOfTheSnapshot_HasItsOwnAddress()
    {
        var api = shared.Api;

        Assert.Equal(2, (await api.GetAsync("/api/v1/nodes", HaJson.Default.PageNodeSnapshot)).Items.Length);
        Assert.Equal("s2", (await api.GetAsync("/api/v1/nodes/s2", HaJson.Default.NodeSnapshot)).Name);
        Assert.Single((await api.GetAsync("/api/v1/groups", HaJson.Default.PageGroupSnapshot)).Items);
        var vip = (await api.GetAsync("/api/v1/vips", HaJson.Default.PageVipStatus)).Items.Single();
        Assert.Equal(("192.168.1.100", 24, "eth0", "eth0:0", Sample.Group),
            (vip.Address, vip.PrefixLength, vip.Interface, vip.Label, vip.Group));
        Assert.Equal("s1", vip.Holders.Single());
    }

    [Theory]
    [InlineData("/api/v1/groups/192.168.1.100%2F24%2Feth0%3A0")]
    [InlineData("/api/v1/groups/192.168.1.100%2f24%2feth0:0")]
    [InlineData("/api/v1/groups/192.168.1.100/24/eth0:0")]
    public async Task GroupIdWithSlashes_IsFoundEncodedAndPlain(string path)
    {
        var api = shared.Api;

        Assert.Equal(Sample.Group, (await api.GetAsync(path, HaJson.Default.GroupSnapshot)).Id);
    }

    [Fact]
    public async Task UnknownNames_AreProblemsThatSayWhatThereIs()
    {
        var api = shared.Api;

        var node = await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/nodes/s9"),
            HttpStatusCode.NotFound, "unknown-node");
        Assert.Contains("s1, s2", node.Detail, StringComparison.Ordinal);
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/groups/web"), HttpStatusCode.NotFound,
            "unknown-group");
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/nothing"), HttpStatusCode.NotFound,
            "not-found");
    }

    [Fact]
    public async Task AgentNeverRan_ReadsAreRefusedAndProbesSayNo()
    {
        await using var api = await ApiApplication.StartAsync(withAgent: false);

        string[] paths =
            ["/api/v1/cluster", "/api/v1/nodes", "/api/v1/nodes/s1", "/api/v1/groups", GroupPath, "/api/v1/vips"];
        foreach (var path in paths)
        {
            var problem = await ApiApplication.ProblemAsync(await api.Client.GetAsync(path),
                HttpStatusCode.ServiceUnavailable, "no-state");
            Assert.True(problem.Retryable);
        }
        Assert.Equal(HttpStatusCode.OK, (await api.Anonymous.GetAsync("/health/live")).StatusCode);
        foreach (var probe in new[] { "/health/ready", "/primary", "/standby", "/groups/web/active" })
            await ApiApplication.ProblemAsync(await api.Anonymous.GetAsync(probe), HttpStatusCode.ServiceUnavailable,
                "not-in-role");
    }

    [Fact]
    public async Task AgentDiesAndComesBack_StateIsMarkedStaleMeanwhile()
    {
        await using var api = await ApiApplication.StartAsync();

        await api.StopAgentAsync();
        await Until.TrueAsync(async () =>
            (await api.Client.GetAsync("/api/v1/cluster")).Headers.Contains("X-State-Stale"), "state marked stale");
        using var stale = await api.Client.GetAsync("/api/v1/cluster");
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
        Assert.Equal("agent-not-running", stale.Headers.GetValues("X-State-Stale").Single());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Anonymous.GetAsync("/primary")).StatusCode);

        api.StartAgent(Sample.Cluster(version: 1, generation: 6, active: "s2"));
        await api.StateIsKnownAsync();
        var back = await api.GetAsync("/api/v1/cluster", HaJson.Default.ClusterSnapshot);
        Assert.Equal((6, "s2"), (back.Generation, back.Groups[0].ActiveOn.Single()));
    }

    [Theory]
    [InlineData("this is not JSON")]
    [InlineData("{\"snapshot\":{\"version\":1}}")]
    [InlineData(null)]
    public async Task AgentThatSendsNonsense_IsConnectedToAnew(string? line)
    {
        await using var api = await ApiApplication.StartAsync();

        api.Agent.SendLine(line ?? new string('x', ControlProtocol.MaxLineBytes + 100_000));
        await Until.TrueAsync(() =>
            api.Logged.Any(logged => logged.Contains("does not answer", StringComparison.Ordinal)), "it is noticed");
        await api.StateIsKnownAsync();

        Assert.Equal("s1", (await api.GetAsync("/api/v1/cluster", HaJson.Default.ClusterSnapshot)).Node);
    }

    [Fact]
    public async Task RoleProbes_FollowTheSnapshot()
    {
        await using var api = await ApiApplication.StartAsync();
        var group = $"/groups/{Uri.EscapeDataString(Sample.Group)}/active";

        Assert.Equal(HttpStatusCode.OK, (await api.Anonymous.GetAsync("/primary")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.Anonymous.GetAsync(group)).StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/standby");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Anonymous.SendAsync(head)).StatusCode);

        api.Agent.Show(Sample.Cluster(version: 2, active: "s2"));
        await Until.TrueAsync(async () =>
            (await api.Anonymous.GetAsync("/standby")).StatusCode == HttpStatusCode.OK, "this node became standby");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Anonymous.GetAsync("/primary")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Anonymous.GetAsync(group)).StatusCode);
    }

    [Fact]
    public async Task AgentWhoseLoopHangs_IsNotTakenForPresentState()
    {
        await using var api = await ApiApplication.StartAsync();

        await Until.TrueAsync(async () =>
        {
            api.Agent.SignalAlive(lastLoopMs: 60_000);
            using var response = await api.Client.GetAsync("/api/v1/cluster");
            return response.Headers.TryGetValues("X-State-Stale", out var why) && why.Single() == "agent-silent";
        }, "a hanging loop shows");
    }
}
