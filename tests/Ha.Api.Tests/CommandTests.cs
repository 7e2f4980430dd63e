using System.Net;
using System.Net.Http.Json;
using System.Text;

namespace Ha.Api.Tests;

public sealed class CommandTests(SharedApi shared) : IClassFixture<SharedApi>
{
    private const string Takeovers = "/api/v1/takeovers";
    private const string Mode = "/api/v1/nodes/s1/mode";

    public static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    [Fact]
    public async Task Move_ReachesTheAgentAndAnswersWithAnOperationThatCanBeFollowedToItsEnd()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => new CommandAnswer("s1/5/op-1", null);

        using var response = await api.Client.PostAsync(Takeovers,
            Json($$"""{"group":"{{Sample.Group}}","from":"s1","to":"s2","reason":"patching"}"""));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("/api/v1/operations/s1%2F5%2Fop-1", response.Headers.Location!.OriginalString);
        Assert.Equal("/api/v1/operations/s1%2F5%2Fop-1", response.Headers.GetValues("Operation-Location").Single());
        var accepted = (await response.Content.ReadFromJsonAsync(HaJson.Default.OperationSnapshot))!;
        Assert.Equal(("s1/5/op-1", OperationState.Queued), (accepted.Id, accepted.State));
        var command = api.Agent.Commands.Single();
        Assert.Equal((CommandKind.Move, Sample.Group, "s1", "s2", "patching", "operator"),
            (command.Kind, command.Group, command.From, command.To, command.Reason, command.Actor));

        var path = response.Headers.Location.OriginalString;
        Assert.Equal(OperationState.Queued, (await api.GetAsync(path, HaJson.Default.OperationSnapshot)).State);
        api.Agent.Show(Sample.Cluster(2) with
        {
            Operations = [Sample.Operation("s1/5/op-1", OperationState.Succeeded)],
        });
        await Until.TrueAsync(async () =>
            (await api.GetAsync(path, HaJson.Default.OperationSnapshot)).State == OperationState.Succeeded,
            "the operation ends");
        var takeover = await api.GetAsync("/api/v1/takeovers/s1%2F5%2Fop-1", HaJson.Default.OperationSnapshot);
        Assert.Equal("stop haproxy on s1", takeover.Steps.Single().Title);
    }

    [Theory]
    [InlineData("{}", null, GroupSet.All)]
    [InlineData("""{"to":"s2","kind":"foreign"}""", "s2", GroupSet.Foreign)]
    public async Task TakeoverWithoutGroup_IsATakeoverByThatNodeOrThisOne(string body, string? node, GroupSet set)
    {
        var api = shared.Api;

        api.Agent.Answer = command => new CommandAnswer($"op/{command.Id}", null);

        using var response = await api.Client.PostAsync(Takeovers, Json(body));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var command = api.Agent.Commands[^1];
        Assert.Equal((CommandKind.Takeover, node, set), (command.Kind, command.Node, command.Set));
    }

    [Fact]
    public async Task Standby_IsAcceptedOnceAndThenAlreadySo()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => new CommandAnswer("op-1", null);

        using var first = await api.Client.PutAsync(Mode, Json("""{"mode":"standby","reason":"kernel update"}"""));
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        var standby = Sample.Cluster(2);
        standby = standby with
        {
            Nodes = standby.Nodes.SetItem(0, standby.Nodes[0] with { Mode = NodeMode.Standby }),
            Operations = [Sample.Operation("op-1", OperationState.Succeeded)],
        };
        api.Agent.Show(standby);
        await Until.TrueAsync(async () =>
            (await api.GetAsync("/api/v1/nodes/s1", HaJson.Default.NodeSnapshot)).Mode == NodeMode.Standby,
            "the mode shows");

        using var again = await api.Client.PutAsync(Mode, Json("""{"mode":"standby"}"""));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(NodeMode.Standby, (await again.Content.ReadFromJsonAsync(HaJson.Default.NodeSnapshot))!.Mode);
        Assert.Single(api.Agent.Commands);

        using var online = await api.Client.PutAsync(Mode, Json("""{"mode":"active"}"""));
        Assert.Equal(HttpStatusCode.Accepted, online.StatusCode);
        Assert.Equal(CommandKind.Online, api.Agent.Commands[1].Kind);
    }

    [Fact]
    public async Task ModeThatAnUnfinishedOperationIsAboutToChange_IsNotTakenForAlreadySo()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = command => new CommandAnswer(command.Id, null);

        using var standby = await api.Client.PutAsync(Mode, Json("""{"mode":"standby"}"""));
        using var active = await api.Client.PutAsync(Mode, Json("""{"mode":"active"}"""));

        Assert.Equal(HttpStatusCode.Accepted, active.StatusCode);
        Assert.Equal([CommandKind.Standby, CommandKind.Online], api.Agent.Commands.Select(command => command.Kind));
    }

    [Fact]
    public async Task Cleanup_NamesTheGroup()
    {
        await using var api = await ApiApplication.StartAsync();

        using var response =
            await api.Client.PostAsync($"/api/v1/groups/{Uri.EscapeDataString(Sample.Group)}/cleanup", null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal((CommandKind.Cleanup, Sample.Group),
            (api.Agent.Commands.Single().Kind, api.Agent.Commands.Single().Group));
    }

    [Theory]
    [InlineData("POST", Takeovers, """{"group":"g","to":"s2","hurry":true}""", "/hurry")]
    [InlineData("POST", Takeovers, """{"kind":"everything"}""", "/kind")]
    [InlineData("POST", Takeovers, """{"kind":1}""", "/kind")]
    [InlineData("POST", Takeovers, """{"group":"g"}""", "/to")]
    [InlineData("POST", Takeovers, """{"from":"s1"}""", "/from")]
    [InlineData("POST", Takeovers, """{"group":"g","to":"s2","kind":"all"}""", "/kind")]
    [InlineData("POST", Takeovers, """{"to":"-rf"}""", "/to")]
    [InlineData("POST", Takeovers, """{"to":"s2; reboot"}""", "/to")]
    [InlineData("POST", Takeovers, """{"group":"a b","to":"s2"}""", "/group")]
    [InlineData("POST", Takeovers, """{"reason":"a\nb"}""", "/reason")]
    [InlineData("POST", Takeovers, """{"to":"s2","to":"s1"}""", "/to")]
    [InlineData("POST", Takeovers, """{"to":""", "/to")]
    [InlineData("POST", Takeovers, "[]", "")]
    [InlineData("PUT", Mode, """{"reason":"x"}""", "")]
    [InlineData("PUT", Mode, """{"mode":"off"}""", "/mode")]
    [InlineData("PUT", Mode, """{"mode":1}""", "/mode")]
    [InlineData("PUT", "/api/v1/nodes/-s1/mode", """{"mode":"standby"}""", "name")]
    public async Task MalformedCommand_NeverReachesTheAgent(string method, string path, string body, string pointer)
    {
        var api = shared.Api;
        var arrived = api.Agent.Commands.Count;
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = Json(body) };

        using var response = await api.Client.SendAsync(request);

        var problem = await ApiApplication.ProblemAsync(response, HttpStatusCode.BadRequest, "malformed-request");
        Assert.Equal(pointer, problem.Errors.Single().Pointer);
        Assert.DoesNotContain("Ha.Core", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Ha.Core", problem.Errors[0].Detail, StringComparison.Ordinal);
        Assert.Equal(arrived, api.Agent.Commands.Count);
    }

    [Theory]
    [InlineData(RejectionCode.UnknownNode, 404, "unknown-node")]
    [InlineData(RejectionCode.UnknownGroup, 404, "unknown-group")]
    [InlineData(RejectionCode.NodeNotOnline, 409, "node-not-online")]
    [InlineData(RejectionCode.NodeInStandby, 409, "node-in-standby")]
    [InlineData(RejectionCode.NoOtherNode, 409, "no-other-node")]
    [InlineData(RejectionCode.WrongBelief, 409, "wrong-belief")]
    [InlineData(RejectionCode.NotReady, 409, "not-ready")]
    [InlineData(RejectionCode.Blocked, 409, "group-blocked")]
    [InlineData(RejectionCode.Malformed, 400, "malformed-request")]
    [InlineData(RejectionCode.Busy, 429, "busy")]
    [InlineData(RejectionCode.UnknownResource, 404, "unknown-resource")]
    [InlineData(RejectionCode.WrongResourceType, 409, "wrong-resource-type")]
    [InlineData(RejectionCode.TooManyIntents, 409, "too-many-intents")]
    [InlineData(RejectionCode.ConfigurationDrift, 409, "config-drift")]
    public async Task Refusal_IsAProblemInTheAgentsWords(RejectionCode code, int status, string type)
    {
        var api = shared.Api;
        api.Agent.Answer = _ => new CommandAnswer(null, new CommandRejection(code, "Because of the agent's reasons."));

        using var response = await api.Client.PostAsync(Takeovers, Json("{}"));

        var problem = await ApiApplication.ProblemAsync(response, (HttpStatusCode)status, type);
        Assert.Equal("Because of the agent's reasons.", problem.Detail);
        Assert.Equal(code == RejectionCode.Busy, response.Headers.RetryAfter is not null);
        using var help = await api.Anonymous.GetAsync(problem.Type);
        Assert.Equal(HttpStatusCode.OK, help.StatusCode);
        Assert.Contains(type, await help.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AgentNotRunning_CommandsAreRefusedAtOnce()
    {
        await using var api = await ApiApplication.StartAsync();
        await api.StopAgentAsync();

        var takeover = await ApiApplication.ProblemAsync(
            await api.Client.PostAsync(Takeovers, Json("{}")), HttpStatusCode.ServiceUnavailable, "agent-not-running");
        Assert.Contains("agent.sock", takeover.Detail, StringComparison.Ordinal);
        await ApiApplication.ProblemAsync(await api.Client.PutAsync(Mode, Json("""{"mode":"standby"}""")),
            HttpStatusCode.ServiceUnavailable, "agent-not-running");
    }

    [Fact]
    public async Task AgentThatDoesNotAnswer_LeavesTheOutcomeOpen()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => null;

        await ApiApplication.ProblemAsync(await api.Client.PostAsync(Takeovers, Json("{}")),
            HttpStatusCode.GatewayTimeout, "agent-no-answer");
    }
}
