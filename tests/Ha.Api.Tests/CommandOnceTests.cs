using System.Net;

namespace Ha.Api.Tests;

/// <summary>A command is carried out once, and its operation is told to its end, whoever restarts meanwhile.</summary>
public sealed class CommandOnceTests
{
    private const string Takeovers = "/api/v1/takeovers";

    [Fact]
    public async Task SameIdempotencyKey_IsOneCommandEvenAcrossARestart()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = command => new CommandAnswer($"op-{command.Id}", null);

        var first = await PostWithKeyAsync(api, "key-1", """{"to":"s2"}""");
        var second = await PostWithKeyAsync(api, "key-1", """{ "to": "s2" }""");
        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();
        var third = await PostWithKeyAsync(api, "key-1", """{"to":"s2"}""");

        Assert.All([first, second, third], response => Assert.Equal(HttpStatusCode.Accepted, response.StatusCode));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(first.Headers.Location, third.Headers.Location);
        Assert.Single(api.Agent.Commands.Select(command => command.Id).Distinct());

        var other = await PostWithKeyAsync(api, "key-2", """{"to":"s2"}""");
        Assert.NotEqual(first.Headers.Location, other.Headers.Location);
    }

    [Fact]
    public async Task IdempotencyKeyWithAnotherBody_IsRefused()
    {
        await using var api = await ApiApplication.StartAsync();

        await PostWithKeyAsync(api, "key-1", """{"to":"s2"}""");

        await ApiApplication.ProblemAsync(await PostWithKeyAsync(api, "key-1", """{"to":"s1"}"""),
            HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        var malformed = await ApiApplication.ProblemAsync(await PostWithKeyAsync(api, new string('x', 256), "{}"),
            HttpStatusCode.BadRequest, "malformed-request");
        Assert.Equal("Idempotency-Key", malformed.Errors.Single().Pointer);
        Assert.Single(api.Agent.Commands);
    }

    [Fact]
    public async Task CommandAfterANoAnswer_IsRepeatedUnderTheSameId()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => null;
        await ApiApplication.ProblemAsync(await PostWithKeyAsync(api, "key-1", "{}"), HttpStatusCode.GatewayTimeout,
            "agent-no-answer");

        api.Agent.Answer = _ => new CommandAnswer("op-1", null);
        Assert.Equal(HttpStatusCode.Accepted, (await PostWithKeyAsync(api, "key-1", "{}")).StatusCode);

        Assert.Equal(2, api.Agent.Commands.Count);
        Assert.Equal(api.Agent.Commands[0].Id, api.Agent.Commands[1].Id);
        Assert.InRange(api.Agent.Commands[0].Id.Length, 1, 64);
    }

    [Fact]
    public async Task DatabaseThatCannotBeWritten_DoesNotKeepAnOperatorFromMovingAService()
    {
        await using var api = await ApiApplication.StartAsync();
        await Until.TrueAsync(() => File.Exists(api.StateFile("operations.db")), "the database is there");
        File.Delete(api.StateFile("operations.db"));
        Directory.CreateDirectory(api.StateFile("operations.db")); // nothing can be opened or made there

        Assert.Equal(HttpStatusCode.Accepted, (await PostWithKeyAsync(api, "key-1", """{"to":"s2"}""")).StatusCode);
        Assert.Single(api.Agent.Commands);
    }

    [Fact]
    public async Task AgentRestartedDuringAnOperation_EndsItAsFailed()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => new CommandAnswer("op-1", null);
        using var accepted = await api.Client.PostAsync(Takeovers, CommandTests.Json("{}"));

        await api.StopAgentAsync();
        api.StartAgent(Sample.Cluster(generation: 6));

        await Until.TrueAsync(async () =>
            (await api.GetAsync("/api/v1/operations/op-1", HaJson.Default.OperationSnapshot)).State
            == OperationState.Failed, "the operation is called failed");
        var operation = await api.GetAsync("/api/v1/operations/op-1", HaJson.Default.OperationSnapshot);
        Assert.Contains("restarted", operation.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiRestartedDuringAnOperation_StillTellsItsEnd()
    {
        await using var api = await ApiApplication.StartAsync();
        api.Agent.Answer = _ => new CommandAnswer("op-1", null);
        using var accepted = await api.Client.PostAsync(Takeovers, CommandTests.Json("{}"));
        api.Agent.Show(Sample.Cluster(2) with { Operations = [Sample.Operation("op-1")] });

        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();
        api.Agent.Show(Sample.Cluster(3) with { Operations = [Sample.Operation("op-1", OperationState.Succeeded)] });

        await Until.TrueAsync(async () =>
            (await api.GetAsync("/api/v1/operations/op-1", HaJson.Default.OperationSnapshot)).State
            == OperationState.Succeeded, "the end is told");
    }

    [Fact]
    public async Task SameKeyOnTwoNodes_IsTheSameCommandForTheCluster()
    {
        await using var s1 = await ApiApplication.StartAsync();
        await using var s2 = await ApiApplication.StartAsync();

        await PostWithKeyAsync(s1, "key-1", """{"to":"s2"}""");
        await PostWithKeyAsync(s2, "key-1", """{"to":"s2"}""");

        Assert.Equal(s1.Agent.Commands.Single().Id, s2.Agent.Commands.Single().Id);
    }

    [Fact]
    public async Task FinishedOperations_OutliveSnapshotAndRestart_AndArePaged()
    {
        await using var api = await ApiApplication.StartAsync();
        var operations = Enumerable.Range(0, 5)
            .Select(i => Sample.Operation($"s1/5/{i}", OperationState.Succeeded, minute: i)).Reverse();
        api.Agent.Show(Sample.Cluster(2) with { Operations = [.. operations] });
        await Until.TrueAsync(async () =>
            (await api.GetAsync("/api/v1/operations", HaJson.Default.PageOperationSnapshot)).Items.Length == 5,
            "all are listed");
        api.Agent.Show(Sample.Cluster(3));
        await api.RestartProgramAsync();
        await api.StateIsKnownAsync();

        var seen = new List<string>();
        string? next = "/api/v1/operations?limit=2";
        while (next is not null)
        {
            var page = await api.GetAsync(next, HaJson.Default.PageOperationSnapshot);
            Assert.InRange(page.Items.Length, 1, 2);
            seen.AddRange(page.Items.Select(operation => operation.Id));
            next = page.NextLink;
        }

        Assert.Equal(["s1/5/4", "s1/5/3", "s1/5/2", "s1/5/1", "s1/5/0"], seen);
        Assert.Equal("s1/5/3",
            (await api.GetAsync("/api/v1/operations/s1%2F5%2F3", HaJson.Default.OperationSnapshot)).Id);
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/operations/none"), HttpStatusCode.NotFound,
            "not-found");
        await ApiApplication.ProblemAsync(await api.Client.GetAsync("/api/v1/operations?cursor=x"),
            HttpStatusCode.BadRequest, "malformed-request");
    }

    private static async Task<HttpResponseMessage> PostWithKeyAsync(ApiApplication api, string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Takeovers) { Content = CommandTests.Json(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await api.Client.SendAsync(request);
    }
}
